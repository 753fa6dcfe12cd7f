"""The question ``in_force``: which rules of a notice hold on a day."""

from datetime import date
from typing import NamedTuple

from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value


class Question(NamedTuple):
    """A notice by its short name, and a day."""

    source: str
    on: date


def read(given: Value) -> Question:
    """Read ``source`` ("S0") and ``on``."""
    fields = given.fields(("source", "on"))
    return Question(fields["source"].text(), fields["on"].day())


def answer(jurisdiction: Jurisdiction, question: Question) -> dict[str, object]:
    """Return, of the rules that the jurisdiction has of the notice (``rule_ids``), those that are ``in_force``."""
    rules = [rule for rule in jurisdiction.rules.values() if rule.source_id == question.source]
    holding = [rule.id for rule in rules if rule.in_force(question.on)]
    return {"in_force": sorted(holding), "rule_ids": sorted(rule.id for rule in rules)}


def explain(jurisdiction: Jurisdiction, question: Question, language: Language) -> str:
    """Return of each rule whether it holds, and from when to when."""
    return jurisdiction.explain_in_force(question.source, question.on, language)
