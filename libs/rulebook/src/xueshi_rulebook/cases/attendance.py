"""The question ``attendance``: which half days of a class are credited."""

from collections.abc import Mapping
from typing import Final

from xueshi_rulebook.attendance import HALVES, Half, HalfDay
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value

_MOST_HOURS: Final = 24
_MOST_TIMES: Final = 100
_HALVES: Final[Mapping[str, Half]] = {half: half for half in HALVES}


def read(given: Value) -> tuple[HalfDay, ...]:
    """Read ``half_days``: the class's hours of each, how often the person signed in and out."""
    return tuple(_read_half_day(item) for item in given.fields(("half_days",))["half_days"].items())


def _read_half_day(item: Value) -> HalfDay:
    fields = item.fields(("on", "half", "hours", "sign_ins", "sign_outs"))
    return HalfDay(
        fields["on"].day(),
        _HALVES[fields["half"].choice(HALVES)],
        fields["hours"].centihours(_MOST_HOURS),
        fields["sign_ins"].integer(0, _MOST_TIMES),
        fields["sign_outs"].integer(0, _MOST_TIMES),
    )


def answer(jurisdiction: Jurisdiction, question: tuple[HalfDay, ...]) -> dict[str, object]:
    """Return the hours credited, and of each half day in order of time what it lacks."""
    made = jurisdiction.attendance(question)
    return {
        "credited": format_hours(made.credited),
        "lacks": [each.code for each in made.half_days],
        "rule_ids": list(made.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: tuple[HalfDay, ...], language: Language) -> str:
    """Return each half day with its hours or with what it lacks."""
    return jurisdiction.attendance(question).explain(language)
