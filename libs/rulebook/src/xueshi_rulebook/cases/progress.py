"""The question ``progress``: what a credit period needs, has and lacks."""

from datetime import date
from typing import Final, NamedTuple

from xueshi_rulebook.cases.people import read_person
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.person import Person
from xueshi_rulebook.progress import Progress
from xueshi_rulebook.yamlsource import Value

_MOST: Final = 100_000


class Question(NamedTuple):
    """A period, the hundredths of each kind's unit, stamped and registered, and whose they are."""

    period: str
    stamped: dict[str, int]
    registered: dict[str, int]
    person: Person


def read(given: Value) -> Question:
    """Read ``period``, ``stamped`` (amounts by kind), and optionally ``registered`` (else as stamped) and ``person``.

    Either of the amounts may be a list, of what stands under several documents of one person, which adds up.
    """
    fields = given.fields(("period", "stamped"), ("registered", "person"))
    stamped = _read_amounts(fields["stamped"])
    registered = _read_amounts(fields["registered"]) if "registered" in fields else stamped
    return Question(fields["period"].text(), stamped, registered, read_person(fields.get("person")))


def _read_amounts(value: Value) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in value.items() if value.is_list else [value]:
        for kind, amount in part.entries().items():
            total[kind] = total.get(kind, 0) + amount.hundredths(_MOST, "units", zero=True)
    return total


def answer(jurisdiction: Jurisdiction, question: Question) -> dict[str, object]:
    """Return verdict, the minimums that judged and since when, and for each line what is required and what is there."""
    made = _put(jurisdiction, question)
    return {
        "verdict": made.verdict,
        "minimum": {
            "profile": made.profile,
            "valid_from": _day(made.in_force.first),
            "valid_to": _day(made.in_force.last),
        },
        "lines": {
            line.kind: {
                "required": format_hours(line.required),
                "counted": format_hours(line.counted),
                "lacking": format_hours(line.lacking),
                "registered": format_hours(line.registered),
                "unit": line.unit,
            }
            for line in made.lines
        },
        "rule_ids": list(made.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: Question, language: Language) -> str:
    """Return the arithmetic of each line with its clause."""
    return _put(jurisdiction, question).explain(language)


def _put(jurisdiction: Jurisdiction, question: Question) -> Progress:
    return jurisdiction.progress(question.period, question.stamped, question.registered, question.person)


def _day(day: date) -> str:
    """Write a day as ISO text; an open end is empty."""
    return "" if day in (date.min, date.max) else day.isoformat()
