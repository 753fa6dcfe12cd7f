"""The question ``facts``: which information that rules mention holds on a day."""

from datetime import date

from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value


def read(given: Value) -> date:
    """Read the day, ``on``."""
    return given.fields(("on",))["on"].day()


def answer(jurisdiction: Jurisdiction, question: date) -> dict[str, object]:
    """Return the codes of the ``facts`` that hold, in the data's order, and the rules of all facts."""
    facts = jurisdiction.facts
    return {
        "facts": [fact.code for fact in facts if fact.validity.includes(question)],
        "rule_ids": sorted({fact.rule_id for fact in facts}),
    }


def explain(jurisdiction: Jurisdiction, question: date, language: Language) -> str:
    """Return the information that holds, with its clause."""
    return jurisdiction.explain_facts(question, language)
