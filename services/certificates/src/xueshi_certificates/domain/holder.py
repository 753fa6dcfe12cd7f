"""Whose a proof is, in the degrees in which it is shown."""

from dataclasses import dataclass, field
from typing import Self

from xueshi_rulebook.identifiers import mask_id

_LAST = 4
_LONG_ENOUGH = 12
"""Of a shorter number the last four characters would give away too large a part."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's name and document, opened. Kept no longer than one answer takes."""

    id_type: str
    id_number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a proof is, as one reader may see it. `public` tells which reader."""

    name: str
    id_type: str
    id_number: str
    public: bool

    @classmethod
    def named(cls, identity: Identity) -> Self:
        """For the holder, authorities and administrators: the name, and the number as `350504********0016`."""
        return cls(identity.name, identity.id_type, mask_id(identity.id_number), public=False)

    @classmethod
    def masked(cls, identity: Identity) -> Self:
        """For the public: the first character of the name, and the last four of a number that is long enough."""
        number = identity.id_number
        return cls(
            mask_name(identity.name),
            identity.id_type,
            number[-_LAST:] if len(number) >= _LONG_ENOUGH else "",
            public=True,
        )


def mask_name(name: str) -> str:
    """Return the first character and a star for each of the others, at most two, so that long names show no length."""
    text = name.strip()
    return text[:1] + "*" * max(1, min(len(text) - 1, 2)) if text else "*"
