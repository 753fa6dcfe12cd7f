"""Which authority acts: who stamps a record (FJ-08, FJ-09) and who confirms a platform's accession (FJ-15)."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from xueshi_rulebook import divisions
from xueshi_rulebook.divisions import LEVELS, Level, read_level
from xueshi_rulebook.errors import UnknownKindError
from xueshi_rulebook.forms import Registration
from xueshi_rulebook.model import Rule
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule
from xueshi_rulebook.yamlsource import Value

Fallback = Literal["none", "no_industry_body", "unable"]

_AUTHORITY_KINDS: Final = ("hrss", "industry")
_REASONS: Final = ("no_industry_body", "unable")
_CLIMBS: Final = ("none", "parent")
_REGISTRATIONS: Final = ("automatic", "submitted")


class Authority(NamedTuple):
    """An authority of one area. ``industries`` are numbers of S0 附件5, empty for HRSS.

    ``unable`` is the flag that an administrator sets on an industry body that cannot stamp for now (FJ-08); it
    means nothing on HRSS, behind which nobody stands.
    """

    id: str
    kind: Literal["hrss", "industry"]
    region: str
    level: Level
    industries: frozenset[int]
    unable: bool


class RouteQuestion(NamedTuple):
    """What is to be stamped: ``region`` is the employer's six-digit code, ``industry`` None where not stated."""

    subject_kind: str
    region: str
    industry: int | None
    registration: Registration


class Route(NamedTuple):
    """Who acts. ``fallback`` says why HRSS took an industry body's place, "none" where it did not.

    ``automatic`` means that the stamp needs nobody's act; the authority then is the one that answers for it.
    ``code`` is ``NO_AUTHORITY`` where somebody must act and nobody stands there, else empty.
    """

    authority_id: str | None
    rule_ids: tuple[str, ...]
    fallback: Fallback
    automatic: bool
    code: str


class Assignment(NamedTuple):
    """To which kind of authority a subject kind goes, and when to HRSS instead."""

    authority: str
    fallback: str | None
    fallback_when: frozenset[str]


class StampingRules(NamedTuple):
    """The data of FJ-08 and FJ-09."""

    rule_id: str
    by_kind: Mapping[str, Assignment]
    automatic_rule_id: str
    automatic_registration: str
    climbs: bool


class AccessionRules(NamedTuple):
    """The data of FJ-15: ``confirmed_at`` gives the level of the confirming authority by level of the base."""

    rule_id: str
    by_kind: Mapping[str, Assignment]
    confirmed_at: Mapping[Level, Level]


class _Bodies:
    """Authorities by area. Of several that could act the one with the smallest id does, so that routes are stable."""

    __slots__ = ("_hrss", "_industry", "_unable")

    def __init__(self, authorities: Sequence[Authority]) -> None:
        self._hrss: dict[str, str] = {}
        self._industry: dict[tuple[str, int], str] = {}
        self._unable: dict[tuple[str, int], str] = {}
        for authority in sorted(authorities):
            # An authority entered at a level that is not its area's answers for no employer there.
            if divisions.level(authority.region) != authority.level:
                continue
            if authority.kind == "hrss":
                self._hrss.setdefault(authority.region, authority.id)
                continue
            table = self._unable if authority.unable else self._industry
            for industry in authority.industries:
                table.setdefault((authority.region, industry), authority.id)

    def find(self, assignment: Assignment, region: str, industry: int | None) -> tuple[str | None, Fallback]:
        """Return who acts in this very area, and the fallback taken."""
        if assignment.authority == "hrss":
            return self._hrss.get(region), "none"
        key = (region, industry if industry is not None else 0)
        able = self._industry.get(key)
        if able is not None:
            return able, "none"
        unable = self._unable.get(key)
        reason: Fallback = "no_industry_body" if unable is None else "unable"
        if reason in assignment.fallback_when:
            return self._hrss.get(region), reason
        return unable, "none"


class Router:
    """Answers route questions over a fixed set of authorities; built once for a batch."""

    __slots__ = ("_bodies", "_rules")

    def __init__(self, rules: StampingRules, authorities: Sequence[Authority]) -> None:
        """Index the authorities; raises UnknownDivisionError for a malformed region."""
        self._rules = rules
        self._bodies = _Bodies(authorities)

    def __call__(self, question: RouteQuestion) -> Route:
        """Return who stamps; raises UnknownKindError, and UnknownDivisionError for a malformed region."""
        rules = self._rules
        assignment = rules.by_kind.get(question.subject_kind)
        if assignment is None:
            raise UnknownKindError(question.subject_kind)
        area = divisions.division(question.region)
        found, fallback = self._bodies.find(assignment, area.code, question.industry)
        while found is None and rules.climbs and area.parent is not None:
            area = divisions.division(area.parent)
            found, fallback = self._bodies.find(assignment, area.code, question.industry)
        automatic = question.registration == rules.automatic_registration
        rule_ids = (rules.rule_id, rules.automatic_rule_id) if automatic else (rules.rule_id,)
        return _route(found, _with_exception(rule_ids, area), fallback, automatic=automatic)


def confirmer(
    rules: AccessionRules,
    subject_kind: str,
    base: tuple[Level, str],
    industry: int | None,
    authorities: Sequence[Authority],
) -> Route:
    """Return who confirms a platform for one subject kind; ``base`` is the level and region of its base (FJ-15).

    Raises UnknownKindError, and UnknownDivisionError for a malformed region. A base that stands above the level
    that it names has no confirmer.
    """
    assignment = rules.by_kind.get(subject_kind)
    if assignment is None:
        raise UnknownKindError(subject_kind)
    base_level, base_region = base
    region = None
    if divisions.area_at(base_region, base_level) is not None:
        region = divisions.area_at(base_region, rules.confirmed_at[base_level])
    if region is None:
        return _route(None, (rules.rule_id,), "none", automatic=False)
    found, fallback = _Bodies(authorities).find(assignment, region, industry)
    rule_ids = _with_exception((rules.rule_id,), divisions.division(region))
    return _route(found, rule_ids, fallback, automatic=False)


def _route(found: str | None, rule_ids: tuple[str, ...], fallback: Fallback, *, automatic: bool) -> Route:
    code = "NO_AUTHORITY" if found is None and not automatic else ""
    return Route(found, rule_ids, fallback, automatic, code)


def _with_exception(rule_ids: tuple[str, ...], area: divisions.Division) -> tuple[str, ...]:
    return rule_ids if area.exception_rule is None else (*rule_ids, area.exception_rule)


def read_stamping(section: Value, rules: Mapping[str, Rule], kinds: Mapping[str, object]) -> StampingRules:
    """Read who stamps; every subject kind must be assigned."""
    fields = section.fields(("rule", "by_kind", "automatic", "climb"))
    automatic = fields["automatic"].fields(("rule", "registration"), BASIS_KEYS)
    read_basis(fields["automatic"], automatic)
    climb = fields["climb"].fields(("to",), BASIS_KEYS)
    read_basis(fields["climb"], climb)
    return StampingRules(
        rule_id=read_rule(fields["rule"], rules).id,
        by_kind=_read_assignments(fields["by_kind"], kinds),
        automatic_rule_id=read_rule(automatic["rule"], rules).id,
        automatic_registration=automatic["registration"].choice(_REGISTRATIONS),
        climbs=climb["to"].choice(_CLIMBS) == "parent",
    )


def read_accession(section: Value, rules: Mapping[str, Rule], kinds: Mapping[str, object]) -> AccessionRules:
    """Read who confirms platforms; every subject kind and every level of base must be given."""
    fields = section.fields(("rule", "by_kind", "confirmed_at"))
    confirmed_at: dict[Level, Level] = {}
    for item in fields["confirmed_at"].items():
        parts = item.fields(("base", "level"), BASIS_KEYS)
        read_basis(item, parts)
        confirmed_at[read_level(parts["base"])] = read_level(parts["level"])
    if len(confirmed_at) != len(LEVELS):
        fields["confirmed_at"].fail("the levels province, city and county are all needed")
    by_kind = _read_assignments(fields["by_kind"], kinds)
    return AccessionRules(read_rule(fields["rule"], rules).id, by_kind, confirmed_at)


def _read_assignments(section: Value, kinds: Mapping[str, object]) -> dict[str, Assignment]:
    found: dict[str, Assignment] = {}
    for item in section.items():
        fields = item.fields(("kind", "authority"), ("fallback", "fallback_when", *BASIS_KEYS))
        read_basis(item, fields)
        if ("fallback" in fields) != ("fallback_when" in fields):
            item.fail("fallback and fallback_when come together")
        kind = fields["kind"].choice(kinds)
        if kind in found:
            item.fail(f"kind {kind!r} is repeated")
        when = fields["fallback_when"].choices(_REASONS) if "fallback_when" in fields else ()
        fallback = fields["fallback"].choice(("hrss",)) if "fallback" in fields else None
        found[kind] = Assignment(fields["authority"].choice(_AUTHORITY_KINDS), fallback, frozenset(when))
    if len(found) != len(kinds):
        section.fail("every subject kind is needed")
    return found
