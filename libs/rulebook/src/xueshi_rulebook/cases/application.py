"""The question ``application``: is it complete, what is missing or wrong, to whom it goes."""

from collections.abc import Sequence
from typing import NamedTuple

from xueshi_rulebook.applications import ApplicationQuestion
from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.cases.given import read_authorities, read_facts, show_findings
from xueshi_rulebook.divisions import LEVELS
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value


class Question(NamedTuple):
    """An application, and the authorities among which a platform's confirmer is looked for."""

    asked: ApplicationQuestion
    authorities: Sequence[Authority] | None


def read(given: Value) -> Question:
    """Read ``application`` (its code), ``on``, ``fields`` and what is ``shown``; optionally ``authorities``."""
    fields = given.fields(("application", "on"), ("fields", "shown", "authorities"))
    return Question(
        ApplicationQuestion(fields["application"].text(), fields["on"].day(), read_facts(fields)),
        read_authorities(fields["authorities"]) if "authorities" in fields else None,
    )


def answer(jurisdiction: Jurisdiction, question: Question) -> dict[str, object]:
    """Return the outcome with what is missing or wrong, the steps, and with ``authorities`` the confirmer (FJ-15)."""
    made = jurisdiction.application(question.asked)
    shown: dict[str, object] = {
        "outcome": made.outcome,
        "missing": list(made.missing),
        "wrong": list(made.wrong),
        "conditions": show_findings(made.findings),
        "steps": list(made.steps),
        "consequence": made.consequence,
        "rule_ids": list(made.rule_ids),
    }
    if question.authorities is not None:
        route = _confirmer(jurisdiction, question.asked, question.authorities)
        shown["confirmer"] = route[0]
        shown["rule_ids"] = list(dict.fromkeys((*made.rule_ids, *route[1])))
    return shown


def _confirmer(
    jurisdiction: Jurisdiction, asked: ApplicationQuestion, authorities: Sequence[Authority]
) -> tuple[str | None, tuple[str, ...]]:
    """Return who confirms the platform of this form; nobody where the form does not say for whom it is."""
    subject, region, industry = (asked.facts.get(code) for code in ("subject", "base_region", "industry"))
    level = next((each for each in LEVELS if each == asked.facts.get("base_type")), None)
    if level == "province":
        region = jurisdiction.covers[0].region  # a provincial base states no area
    if not isinstance(subject, str) or not isinstance(region, str) or level is None:
        return None, ()
    number = industry if isinstance(industry, int) else None
    route = jurisdiction.platform_confirmer(subject, level, region, number, authorities)
    return route.authority_id, route.rule_ids


def explain(jurisdiction: Jurisdiction, question: Question, language: Language) -> str:
    """Return each entry and paper with its clause, and to whom the application goes."""
    return jurisdiction.application(question.asked).explain(language)
