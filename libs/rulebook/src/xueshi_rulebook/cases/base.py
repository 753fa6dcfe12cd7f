"""The question ``base``: may a unit become a provincial base, what it reports, how it stands, what it may lose."""

from datetime import date

from xueshi_rulebook.base_data import Topic
from xueshi_rulebook.bases import TOPICS, BaseQuestion, PastEvent
from xueshi_rulebook.cases.given import read_facts, show_day, show_findings
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value

_BY_NAME: dict[str, Topic] = {topic: topic for topic in TOPICS}


def read(given: Value) -> BaseQuestion:
    """Read ``topic``, ``on``, what was ``shown`` and the ``fields``.

    An application also has ``past``, events that may bar it, each a code and a day; a sanction ``rectify_by``, the day
    set for rectifying, and ``rectified``, a cause's code and the day on which it was put right.
    """
    fields = given.fields(("topic", "on"), ("shown", "fields", "past", "rectify_by", "rectified"))
    return BaseQuestion(
        topic=_BY_NAME[fields["topic"].choice(TOPICS)],
        on=fields["on"].day(),
        facts=read_facts(fields),
        past=tuple(_read_event(item) for item in fields["past"].items()) if "past" in fields else (),
        rectify_by=fields["rectify_by"].day() if "rectify_by" in fields else None,
        rectified=_read_days(fields["rectified"]) if "rectified" in fields else {},
    )


def _read_days(section: Value) -> dict[str, date]:
    return {code: value.day() for code, value in section.entries().items()}


def _read_event(item: Value) -> PastEvent:
    fields = item.fields(("code", "on"))
    return PastEvent(fields["code"].text(), fields["on"].day())


def answer(jurisdiction: Jurisdiction, question: BaseQuestion) -> dict[str, object]:
    """Return the outcome, each condition or cause, what bars and until when."""
    made = jurisdiction.base(question)
    return {
        "outcome": made.outcome,
        "conditions": show_findings(made.findings),
        "causes": {each.code: {"standing": each.standing, "day": show_day(each.day)} for each in made.causes},
        "bar": made.bar,
        "until": show_day(made.until),
        "preferred": made.preferred,
        "steps": list(made.steps),
        "rule_ids": list(made.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: BaseQuestion, language: Language) -> str:
    """Return each condition or cause with its numbers and clause."""
    return jurisdiction.base(question).explain(language)
