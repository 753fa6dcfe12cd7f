"""Who confirms a training platform's accession (FJ-15)."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, cast

from xueshi_rulebook.assignments import Assignment, Assignments, Companion, compile_assignments, read_replacement
from xueshi_rulebook.authorities import AUTHORITY_KINDS, Actor, Authority, Bodies, Fallback
from xueshi_rulebook.dated import ALWAYS
from xueshi_rulebook.divisions import LEVELS, Level, area_at, read_level
from xueshi_rulebook.model import Rule
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule
from xueshi_rulebook.routing import Grounds, Route, Speech, division_at, find_beside, make_route
from xueshi_rulebook.yamlsource import Value


class Base(NamedTuple):
    """The base whose online platform applies: the level that it states, and the code of its region."""

    level: Level
    region: str


class AccessionRules(NamedTuple):
    """The data of FJ-15: ``confirmed_at`` gives the level of the confirming authority by level of the base."""

    rule: Rule
    confirmers: Assignments
    confirmed_at: Mapping[Level, Level]


def confirmer(
    rules: AccessionRules,
    subject_kind: str,
    base: Base,
    industry: int | None,
    authorities: Sequence[Authority],
    speech: Speech,
) -> Route:
    """Return who confirms a platform for one subject kind.

    Raises UnknownKindError, and UnknownDivisionError for a malformed region. A base that stands above the level
    that it names has no confirmer.
    """
    [assignment] = rules.confirmers.candidates(subject_kind, None, ALWAYS.last)
    fits = area_at(base.region, base.level) is not None
    area = division_at(base.region, rules.confirmed_at[base.level]) if fits else None
    bodies = Bodies(authorities)
    found: tuple[str | None, Fallback] = (None, "none")
    if area is not None:
        found = bodies.find(assignment.actor, assignment.replacement, area.code, industry)
    grounds = Grounds(
        speech,
        assignment,
        subject_kind,
        industry,
        base.region if area is None else area.code,
        "level_base",
        None,
    )
    beside = find_beside(assignment.companions, area, industry, bodies)
    return make_route(found, area, grounds, beside, automatic=False)


def read_accession(section: Value, rules: Mapping[str, Rule], kinds: Collection[str]) -> AccessionRules:
    """Read who confirms platforms; every subject kind and every level of base must be given."""
    fields = section.fields(("rule", "confirmers", "confirmed_at", "filed_with"))
    rule = read_rule(fields["rule"], rules)
    confirmed_at: dict[Level, Level] = {}
    for item in fields["confirmed_at"].items():
        parts = item.fields(("base", "level"), BASIS_KEYS)
        read_basis(item, parts)
        confirmed_at[read_level(parts["base"])] = read_level(parts["level"])
    if len(confirmed_at) != len(LEVELS):
        fields["confirmed_at"].fail("the levels province, city and county are all needed")
    filed_with = _read_filed_with(fields["filed_with"])
    read = [(item, _read_confirmer(item, rule, kinds, filed_with)) for item in fields["confirmers"].items()]
    return AccessionRules(rule, compile_assignments(fields["confirmers"], read, kinds), confirmed_at)


def _read_filed_with(section: Value) -> Companion:
    fields = section.fields(("authority", "level"), BASIS_KEYS)
    actor = cast("Actor", fields["authority"].choice(AUTHORITY_KINDS))
    return Companion("then", actor, read_level(fields["level"]), read_basis(section, fields))


def _read_confirmer(item: Value, rule: Rule, kinds: Collection[str], filed_with: Companion) -> Assignment:
    fields = item.fields(("kinds", "authority"), ("fallback", *BASIS_KEYS))
    actor = cast("Actor", fields["authority"].choice(AUTHORITY_KINDS))
    return Assignment(
        rules=(rule,),
        kinds=fields["kinds"].choices(kinds),
        industries=None,
        when=None,
        span=ALWAYS,
        act="confirm",
        actor=actor,
        level=None,
        replacement=read_replacement(item, fields, actor),
        automatic=None,
        companions=(filed_with,),
        basis=read_basis(item, fields),
        rule_ids=(rule.id,),
        automatic_rule_ids=(rule.id,),
    )
