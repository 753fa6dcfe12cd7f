"""The question ``deadline``: from and until when an act may be done, and what acting on a day means."""

from datetime import date

from xueshi_rulebook.deadlines import FILERS, DeadlineQuestion
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value

_OPTIONAL = ("event_on", "acted_on", "filed_by", "special_reason", "evidence")


def read(given: Value) -> DeadlineQuestion:
    """Read ``deadline``, its code, and optionally the days, who filed, and a special reason with ``evidence: true``."""
    fields = given.fields(("deadline",), _OPTIONAL)
    return DeadlineQuestion(
        code=fields["deadline"].text(),
        event_on=fields["event_on"].day() if "event_on" in fields else None,
        acted_on=fields["acted_on"].day() if "acted_on" in fields else None,
        filed_by=fields["filed_by"].choice(FILERS) if "filed_by" in fields else None,
        special_reason=fields["special_reason"].text() if "special_reason" in fields else None,
        with_evidence="evidence" in fields and fields["evidence"].flag(),
    )


def answer(jurisdiction: Jurisdiction, question: DeadlineQuestion) -> dict[str, object]:
    """Return the days as ISO text or None, whether the act was in time, its outcome and its guidance code."""
    made = jurisdiction.deadline(question)
    return {
        "opens_on": _iso(made.opens_on),
        "due_on": _iso(made.due_on),
        "in_time": made.in_time,
        "outcome": made.outcome,
        "code": made.code,
        "rule_ids": list(made.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: DeadlineQuestion, language: Language) -> str:
    """Return how the days were counted, by which rule and clause."""
    return jurisdiction.deadline(question).explain(language)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
