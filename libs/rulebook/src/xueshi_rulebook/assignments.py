"""To whom records are assigned, as data: by subject kind, industry, day of learning and circumstance.

The list is read from above: the first assignment that fits decides. An heir's assignments stand before the inherited
ones. Days are those of learning: who may act follows the rules of the day of the act, so an assignment is dated only
where a notice tells earlier learning from later (FJ-12).
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple, cast

from xueshi_rulebook.authorities import ACTORS, AUTHORITY_KINDS, REASONS, Actor, Replacement
from xueshi_rulebook.dated import Span
from xueshi_rulebook.divisions import LEVELS, Level, read_level
from xueshi_rulebook.errors import UnknownKindError
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.reading import BASIS_KEYS, VALIDITY_KEYS, read_basis, read_rule, read_span
from xueshi_rulebook.yamlsource import Value

Circumstance = Literal["registered_automatically", "hrss_assigned", "cycle_end"]
Act = Literal["stamp", "review", "verify", "recognise", "confirm"]
Part = Literal["first", "with", "assists", "then"]

CIRCUMSTANCES: Final = ("registered_automatically", "hrss_assigned", "cycle_end")
ACTS: Final = ("stamp", "review", "verify", "recognise", "confirm")
PARTS: Final = ("first", "with", "assists", "then")
_EMPLOYERS_LEVEL: Final = "employer"
_NO_INDUSTRY: Final = 0
_WITHOUT_AUTHORITY: Final = ("waits", "stands")
_ONE_DAY: Final = timedelta(days=1)


class Automatic(NamedTuple):
    """That the act needs nobody: under a circumstance, or always where that is None.

    It ``stands_alone`` where it is done although the authority that answers for it is not entered here (SG-03).
    """

    rule: Rule
    when: Circumstance | None
    stands_alone: bool
    basis: Basis


class Companion(NamedTuple):
    """Another authority with a part in the act: it looks ``first``, acts ``with``, ``assists``, or is told ``then``.

    ``level`` None is the area of the act itself.
    """

    part: Part
    actor: Actor
    level: Level | None
    basis: Basis


class Assignment(NamedTuple):
    """Who acts on what. ``industries`` None is every one; ``level`` None is that of the employer's own area.

    ``rule_ids`` are those of ``rules``, with the rule of ``automatic`` in ``automatic_rule_ids``.
    """

    rules: tuple[Rule, ...]
    kinds: tuple[str, ...]
    industries: frozenset[int] | None
    when: Circumstance | None
    span: Span
    act: Act
    actor: Actor
    level: Level | None
    replacement: Replacement | None
    automatic: Automatic | None
    companions: tuple[Companion, ...]
    basis: Basis
    rule_ids: tuple[str, ...]
    automatic_rule_ids: tuple[str, ...]

    @property
    def notice(self) -> str:
        """The notice that it rests on first."""
        return self.rules[0].source_id

    def fits(self, kind: str, industry: int, day: date) -> bool:
        """Tell whether it speaks of this kind, industry (0 for none) and day of learning."""
        return (
            kind in self.kinds and (self.industries is None or industry in self.industries) and self.span.includes(day)
        )

    def contends(self, other: "Assignment") -> bool:
        """Tell whether both speak of the same kind, industries and circumstance on some day."""
        return (
            (self.industries, self.when) == (other.industries, other.when)
            and not set(self.kinds).isdisjoint(other.kinds)
            and self.span.overlaps(other.span)
        )


class Assignments:
    """Assignments compiled into a table: by kind, by time, by industry, in the order in which they are tried."""

    __slots__ = ("_by_kind", "_starts")

    def __init__(self, assignments: Sequence[Assignment], kinds: Collection[str]) -> None:
        """Compile; ``kinds`` are all that may be asked about."""
        starts = {each.span.first for each in assignments}
        starts |= {each.span.last + _ONE_DAY for each in assignments if each.span.last != date.max}
        self._starts = tuple(sorted(starts - {date.min}))
        days = (date.min, *self._starts)
        industries = _industries_of(assignments)
        self._by_kind = {
            kind: tuple({number: _tried(assignments, kind, number, day) for number in industries} for day in days)
            for kind in kinds
        }

    def epoch(self, day: date) -> int:
        """Return a number that two days share where every answer is the same on both."""
        return bisect_right(self._starts, day)

    def candidates(self, kind: str, industry: int | None, day: date) -> tuple[Assignment, ...]:
        """Return what fits, in order; the last one, which always is there, asks for no circumstance.

        Raises UnknownKindError.
        """
        epochs = self._by_kind.get(kind)
        if epochs is None:
            raise UnknownKindError(kind)
        by_industry = epochs[bisect_right(self._starts, day)]
        found = by_industry.get(industry or _NO_INDUSTRY)
        return by_industry[_NO_INDUSTRY] if found is None else found

    def cells(self) -> Iterator[tuple[str, int, tuple[Assignment, ...]]]:
        """Yield each kind and industry with what is tried there, for each stretch of time."""
        for kind, epochs in self._by_kind.items():
            for by_industry in epochs:
                for industry, tried in by_industry.items():
                    yield kind, industry, tried


def _industries_of(assignments: Iterable[Assignment]) -> set[int]:
    return {_NO_INDUSTRY}.union(*(each.industries or () for each in assignments))


def _tried(assignments: Iterable[Assignment], kind: str, industry: int, day: date) -> tuple[Assignment, ...]:
    """Return the first assignment for each circumstance, up to the first one that asks for none."""
    tried: list[Assignment] = []
    for each in assignments:
        if not each.fits(kind, industry, day) or each.when in {other.when for other in tried}:
            continue
        tried.append(each)
        if each.when is None:
            break
    return tuple(tried)


def read_assignments(
    section: Value, rules: Mapping[str, Rule], kinds: Collection[str], industries: Collection[int]
) -> Assignments:
    """Read a list of assignments; what ``compile_assignments`` refuses is refused."""
    read = [(item, _read_assignment(item, rules, kinds, industries)) for item in section.items()]
    return compile_assignments(section, read, kinds)


def compile_assignments(
    section: Value, read: Sequence[tuple[Value, Assignment]], kinds: Collection[str]
) -> Assignments:
    """Compile what was read, each with the place where it stands.

    Refused: a kind, industry or day for which nobody acts, and within one notice an assignment that speaks of the same
    as one before it, or is never reached for those before it. Those of another notice may come first: that is what
    precedence is.
    """
    for notice in dict.fromkeys(each.notice for _, each in read):
        _check_notice([(item, each) for item, each in read if each.notice == notice], kinds)
    compiled = Assignments([each for _, each in read], kinds)
    for kind, industry, tried in compiled.cells():
        if not tried or tried[-1].when is not None:
            section.fail(f"for kind {kind!r} and industry {industry} there is a time without an assignment")
    return compiled


def _check_notice(read: Sequence[tuple[Value, Assignment]], kinds: Collection[str]) -> None:
    reached = {id(each) for _, _, tried in Assignments([each for _, each in read], kinds).cells() for each in tried}
    for place, (item, each) in enumerate(read):
        if any(each.contends(other) for _, other in read[:place]):
            item.fail("its validity overlaps that of one before it that speaks of the same")
        if id(each) not in reached:
            item.fail("it is never reached: what stands before it decides")


def _read_assignment(
    item: Value, rules: Mapping[str, Rule], kinds: Collection[str], industries: Collection[int]
) -> Assignment:
    fields = item.fields(
        ("rules", "kinds", "act", "authority"),
        ("industries", "when", "level", "fallback", "automatic", "beside", *VALIDITY_KEYS, *BASIS_KEYS),
    )
    actor = cast("Actor", fields["authority"].choice(ACTORS))
    if ("level" in fields) == (actor == "employer"):
        item.fail("a level is given exactly where an authority acts")
    automatic = read_automatic(fields["automatic"], rules) if "automatic" in fields else None
    if automatic is not None and actor == "employer":
        item.fail("what is automatic is answered for by an authority")
    named = tuple(read_rule(each, rules) for each in fields["rules"].items())
    span = read_span(item, fields)
    for rule in named:
        # It may begin before its rule, which then says what becomes of earlier learning (FJ-12), but not outlive it.
        if rule.valid_to is not None and span.last > rule.valid_to:
            item.fail(f"validity reaches beyond that of {rule.id}")
    return _compiled(
        Assignment(
            rules=named,
            kinds=fields["kinds"].choices(kinds),
            industries=_read_industries(fields["industries"], industries) if "industries" in fields else None,
            when=_read_circumstance(fields),
            span=span,
            act=cast("Act", fields["act"].choice(ACTS)),
            actor=actor,
            level=_read_level(fields["level"]) if "level" in fields else None,
            replacement=read_replacement(item, fields, actor),
            automatic=automatic,
            companions=tuple(map(_read_companion, fields["beside"].items())) if "beside" in fields else (),
            basis=read_basis(item, fields),
            rule_ids=(),
            automatic_rule_ids=(),
        )
    )


def _compiled(assignment: Assignment) -> Assignment:
    rule_ids = tuple(rule.id for rule in assignment.rules)
    automatic = () if assignment.automatic is None else (assignment.automatic.rule.id,)
    return assignment._replace(rule_ids=rule_ids, automatic_rule_ids=tuple(dict.fromkeys((*rule_ids, *automatic))))


def read_replacement(item: Value, fields: Mapping[str, Value], actor: Actor) -> Replacement | None:
    """Read ``fallback``, which only an industry body has: nobody stands behind HRSS or an employer."""
    if "fallback" not in fields:
        return None
    if actor != "industry":
        item.fail("only an industry body has a fallback")
    parts = fields["fallback"].fields(("to", "when"), BASIS_KEYS)
    parts["to"].choice(("hrss",))
    return Replacement(frozenset(parts["when"].choices(REASONS)), read_basis(fields["fallback"], parts))


def read_automatic(section: Value, rules: Mapping[str, Rule]) -> Automatic:
    """Read that an act needs nobody."""
    fields = section.fields(("rule",), ("when", "without_authority", *BASIS_KEYS))
    stands = "without_authority" in fields and fields["without_authority"].choice(_WITHOUT_AUTHORITY) == "stands"
    return Automatic(read_rule(fields["rule"], rules), _read_circumstance(fields), stands, read_basis(section, fields))


def _read_companion(item: Value) -> Companion:
    fields = item.fields(("part", "authority", "level"), BASIS_KEYS)
    return Companion(
        part=cast("Part", fields["part"].choice(PARTS)),
        actor=cast("Actor", fields["authority"].choice(AUTHORITY_KINDS)),
        level=_read_level(fields["level"]),
        basis=read_basis(item, fields),
    )


def _read_circumstance(fields: Mapping[str, Value]) -> Circumstance | None:
    return cast("Circumstance", fields["when"].choice(CIRCUMSTANCES)) if "when" in fields else None


def _read_level(value: Value) -> Level | None:
    chosen = value.choice((_EMPLOYERS_LEVEL, *LEVELS))
    return None if chosen == _EMPLOYERS_LEVEL else read_level(value)


def _read_industries(section: Value, known: Collection[int]) -> frozenset[int]:
    found: set[int] = set()
    for item in section.items():
        number = item.integer(min(known), max(known))
        if number in found:
            item.fail(f"industry {number} is repeated")
        found.add(number)
    return frozenset(found)
