"""Where and why a body cannot be read, said without repeating anything that the sender wrote."""

import re
from collections.abc import Collection
from typing import Final

from xueshi_records.record import Assessment, Course, LearnedDay, LearnedRange, Learner, Record, Void

_MISSING = re.compile(r"^Object missing required field `([a-z_]+)`(?: - at `\$([^`]*)`)?$")
_PLACE = re.compile(r" - at `\$([^`]*)`$")
_STEP = re.compile(r"\.([a-z_]+)|\[([0-9]{1,3})\]")
_STRUCTS: Final = (Record, Learner, Course, Assessment, LearnedDay, LearnedRange, Void)
MEMBERS: Final = frozenset[str]().union(*(struct.__struct_encode_fields__ for struct in _STRUCTS))
"""The names of a record's members."""


def code_of(error: Exception) -> str:
    """Tell what is missing from what is wrong (FJ-07), of an error that the decoder raised."""
    return "INCOMPLETE" if _MISSING.match(str(error)) else "FIELD_INVALID"


def pointer_of(error: Exception, members: Collection[str] = MEMBERS) -> str:
    """Return the JSON pointer of the place that a decoder's error names, made of known members and indices alone.

    The error's text may quote what a sender wrote, such as the name of an unknown member.
    """
    text = str(error)
    missing = _MISSING.match(text)
    place = _PLACE.search(text)
    path = (missing.group(2) or "") if missing else place.group(1) if place else ""
    steps = [name or index for name, index in _STEP.findall(path)]
    if missing:
        steps.append(missing.group(1))
    known = [step for step in steps if step.isdigit() or step in members]
    return "".join(f"/{step}" for step in known) if known == steps else ""
