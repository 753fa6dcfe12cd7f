"""The question ``confirmer``: who confirms a platform for each subject, an application of its own (FJ-15)."""

from typing import NamedTuple

from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.cases.given import read_authorities, read_industry
from xueshi_rulebook.cases.route import view_of
from xueshi_rulebook.divisions import Level, read_level
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.routing import Route
from xueshi_rulebook.yamlsource import Value


class Question(NamedTuple):
    """The subject kinds, the base, its industry, and the authorities that there are."""

    kinds: tuple[str, ...]
    base_level: Level
    base_region: str
    industry: int | None
    authorities: tuple[Authority, ...]


def read(given: Value) -> Question:
    """Read ``kinds``, ``base: {level, region}``, ``authorities`` and optionally ``industry``."""
    fields = given.fields(("kinds", "base", "authorities"), ("industry",))
    base = fields["base"].fields(("level", "region"))
    return Question(
        kinds=tuple(each.text() for each in fields["kinds"].items()),
        base_level=read_level(base["level"]),
        base_region=base["region"].text(),
        industry=read_industry(fields),
        authorities=read_authorities(fields["authorities"]),
    )


def answer(jurisdiction: Jurisdiction, question: Question) -> dict[str, object]:
    """Return the route of each subject kind under ``by_kind``."""
    routes = _routes(jurisdiction, question)
    return {
        "by_kind": {kind: view_of(route) for kind, route in routes.items()},
        "rule_ids": list(dict.fromkeys(rule_id for route in routes.values() for rule_id in route.rule_ids)),
    }


def explain(jurisdiction: Jurisdiction, question: Question, language: Language) -> str:
    """Return who confirms each subject kind and why, with the clause."""
    return "\n".join(route.explain(language) for route in _routes(jurisdiction, question).values())


def _routes(jurisdiction: Jurisdiction, question: Question) -> dict[str, Route]:
    _, level, region, industry, authorities = question
    return {
        kind: jurisdiction.platform_confirmer(kind, level, region, industry, authorities) for kind in question.kinds
    }
