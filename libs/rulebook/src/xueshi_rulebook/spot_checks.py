"""Who may spot-check final results, automatic ones included, and what a failed check may do (FJ-10)."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, cast

from xueshi_rulebook import divisions
from xueshi_rulebook.authorities import AUTHORITY_KINDS, Actor, Authority, Bodies
from xueshi_rulebook.divisions import LEVELS
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule
from xueshi_rulebook.yamlsource import Value

_OUTCOMES: Final = ("revoke", "nothing")


class SpotCheckRules(NamedTuple):
    """The data of FJ-10: who checks, at which levels, whether automatic results too, what a failed check may do."""

    rule: Rule
    actors: tuple[Actor, ...]
    levels: tuple[str, ...]
    includes_automatic: bool
    may_revoke: bool
    bases: tuple[Basis, ...]


class SpotCheck(NamedTuple):
    """Who may check one result, the nearest authority first."""

    authority_ids: tuple[str, ...]
    includes_automatic: bool
    may_revoke: bool
    rule_ids: tuple[str, ...]


def find_checkers(
    rules: SpotCheckRules, region: str, industry: int | None, authorities: Sequence[Authority]
) -> SpotCheck:
    """Return the authorities of the employer's area and the areas around it, and of its industry there.

    Raises UnknownDivisionError for a malformed region.
    """
    bodies = Bodies(authorities)
    areas = divisions.division(region).at
    found: list[str] = []
    for area in (areas[level] for level in reversed(LEVELS) if level in rules.levels and level in areas):
        for actor in rules.actors:
            authority_id, _ = bodies.find(actor, None, area, industry)
            if authority_id is not None and authority_id not in found:
                found.append(authority_id)
    return SpotCheck(tuple(found), rules.includes_automatic, rules.may_revoke, (rules.rule.id,))


def read_spot_checks(section: Value, rules: Mapping[str, Rule]) -> SpotCheckRules:
    """Read who spot-checks."""
    fields = section.fields(("rule", "by", "automatic", "failed"))
    by = fields["by"].fields(("authorities", "levels"), BASIS_KEYS)
    automatic = fields["automatic"].fields(("included",), BASIS_KEYS)
    failed = fields["failed"].fields(("may",), BASIS_KEYS)
    return SpotCheckRules(
        rule=read_rule(fields["rule"], rules),
        actors=cast("tuple[Actor, ...]", by["authorities"].choices(AUTHORITY_KINDS)),
        levels=by["levels"].choices(LEVELS),
        includes_automatic=automatic["included"].flag(),
        may_revoke=failed["may"].choice(_OUTCOMES) == "revoke",
        bases=(
            read_basis(fields["by"], by),
            read_basis(fields["automatic"], automatic),
            read_basis(fields["failed"], failed),
        ),
    )
