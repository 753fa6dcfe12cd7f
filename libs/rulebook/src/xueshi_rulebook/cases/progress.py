"""The question ``progress``: what a credit period needs, has and lacks."""

from typing import NamedTuple

from xueshi_rulebook.explaining import Language
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value

_MOST_HOURS = 100_000


class Question(NamedTuple):
    """A period and the centihours of each kind, stamped and registered."""

    period: str
    stamped: dict[str, int]
    registered: dict[str, int]


def read(given: Value) -> Question:
    """Read ``period``, ``stamped`` and optionally ``registered`` (hours by kind; as stamped where absent)."""
    fields = given.fields(("period", "stamped"), ("registered",))
    stamped = {kind: value.centihours(_MOST_HOURS, zero=True) for kind, value in fields["stamped"].entries().items()}
    registered = stamped
    if "registered" in fields:
        entries = fields["registered"].entries().items()
        registered = {kind: value.centihours(_MOST_HOURS, zero=True) for kind, value in entries}
    return Question(fields["period"].text(), stamped, registered)


def answer(jurisdiction: Jurisdiction, question: Question) -> dict[str, object]:
    """Return verdict, and for each line what is required, counted and lacking."""
    made = jurisdiction.progress(question.period, question.stamped, question.registered)
    return {
        "verdict": made.verdict,
        "lines": {
            line.kind: {
                "required": format_hours(line.required),
                "counted": format_hours(line.counted),
                "lacking": format_hours(line.lacking),
            }
            for line in made.lines
        },
        "rule_ids": list(made.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: Question, language: Language) -> str:
    """Return the arithmetic of each line with its clause."""
    return jurisdiction.progress(question.period, question.stamped, question.registered).explain(language)
