"""Which rules the cases speak of."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from xueshi_rulebook.cases.running import Case
from xueshi_rulebook.model import RuleKind
from xueshi_rulebook.rulebook import Rulebook

_DECIDING: Final = ("computed", "checked")


class Covered(NamedTuple):
    """A rule that decides something, and the ids of the cases that name it."""

    rule_id: str
    kind: RuleKind
    cases: tuple[str, ...]


def coverage(rulebook: Rulebook, cases: Iterable[Case]) -> list[Covered]:
    """Return each computed or checked rule, in order of its id, with the cases whose answers name it, maybe none."""
    naming: dict[str, list[str]] = {}
    for case in cases:
        if case.is_refused:
            continue
        for rule_id in case.rules:
            naming.setdefault(rule_id, []).append(case.id)
    rules = [rulebook.rule(rule_id) for rule_id in sorted(rulebook.rule_ids())]
    return [Covered(rule.id, rule.kind, tuple(naming.get(rule.id, ()))) for rule in rules if rule.kind in _DECIDING]
