"""The question ``spot_check``: who may check a final result, and what a failed check may do (FJ-10)."""

from typing import NamedTuple

from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.cases.given import read_authorities, read_industry
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value


class Question(NamedTuple):
    """The employer's region and industry, and the authorities that there are."""

    region: str
    industry: int | None
    authorities: tuple[Authority, ...]


def read(given: Value) -> Question:
    """Read ``region``, ``authorities`` and optionally ``industry``."""
    fields = given.fields(("region", "authorities"), ("industry",))
    return Question(fields["region"].text(), read_industry(fields), read_authorities(fields["authorities"]))


def answer(jurisdiction: Jurisdiction, question: Question) -> dict[str, object]:
    """Return who may check, whether automatic results too, and whether a failed check may revoke."""
    check = jurisdiction.spot_check(*question)
    return {
        "authorities": list(check.authority_ids),
        "includes_automatic": check.includes_automatic,
        "may_revoke": check.may_revoke,
        "rule_ids": list(check.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: Question, language: Language) -> str:
    """Return who may check and what a failed check may do, with the clause."""
    return jurisdiction.explain_spot_check(*question, language)
