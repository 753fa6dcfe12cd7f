"""Conditions as data: what has to be shown, how it is measured, and how what was shown stands against it.

The one shape of every list that a notice makes: what a base must be, what an application must hold, what a plan says.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, cast

from xueshi_rulebook.errors import FactTypeError, IdentifierError, UnknownFactError
from xueshi_rulebook.explaining import Language, Sentences, say
from xueshi_rulebook.identifiers import ID_TYPES, normalise_id
from xueshi_rulebook.industries import industries
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule, read_text
from xueshi_rulebook.yamlsource import Value

Shown = bool | int | str | date | tuple[str, ...]
"""What was shown: true of a document or a state, a number, an entry, a day, several entries of one field."""
Facts = Mapping[str, Shown]
Standing = Literal["met", "not_met", "surplus", "not_shown", "not_needed"]
_Kind = Literal["shown", "at_least", "one_of", "some_of", "any_of", "identifier", "industry"]

_MEASURES: Final = ("at_least", "one_of", "some_of", "any_of", "identifier", "industry")
_DOERS: Final = ("authority",)
_LARGEST: Final = {"people": 1_000_000, "level": 5}
"""The most that a minimum can ask: classified protection (等级保护) knows five levels."""
WRONG: Final[frozenset[Standing]] = frozenset({"not_met", "surplus"})
"""What fails: a condition that is not met, and an entry where none is asked for."""
_ENTRIES: Final = ("refused", "ignored")
WORDING_KEYS: Final = (
    "met", "not_met", "not_shown", "not_done", "surplus", "enough", "too_few", "no_number", "clause", "people",
    "level",
)  # fmt: skip


class When(NamedTuple):
    """Where a condition is asked for: where ``fact`` holds one of ``values``, or is true where none are named."""

    fact: str
    values: frozenset[str]

    def holds(self, facts: Facts) -> bool:
        """Tell whether it is asked for; a fact that was not shown holds nothing."""
        fact = facts.get(self.fact)
        if not self.values:
            return fact is True
        return any(each in self.values for each in (fact if isinstance(fact, tuple) else (fact,)))


class Measure(NamedTuple):
    """How a fact is measured. ``number`` is in ``unit``; ``allowed`` are entries, fact codes or a document's type."""

    kind: _Kind
    number: int | None = None
    unit: str = ""
    allowed: frozenset[str] = frozenset()


class Surplus(NamedTuple):
    """Whether an entry that is not asked for is refused or ignored."""

    is_refused: bool
    basis: Basis


class Condition(NamedTuple):
    """One condition of a notice. ``surplus`` settles an entry that is not asked for, None where nothing does.

    ``is_act`` says that an authority has to do it: nobody hands it in.
    """

    code: str
    name: Text
    rule: Rule
    basis: Basis
    measure: Measure
    when: When | None
    surplus: Surplus | None
    is_act: bool = False

    @property
    def bases(self) -> tuple[Basis, ...]:
        """What the condition rests on."""
        return (self.basis,) if self.surplus is None else (self.basis, self.surplus.basis)


class Finding(NamedTuple):
    """How one condition stands. ``required`` and ``shown`` are numbers of ``unit``, None where none are compared."""

    code: str
    standing: Standing
    rule_id: str
    required: int | None = None
    shown: int | None = None
    unit: str = ""


def judge(conditions: Sequence[Condition], facts: Facts) -> tuple[Finding, ...]:
    """Return how each condition stands, in the order of the notice; raises FactTypeError."""
    return tuple(_find(condition, facts) for condition in conditions)


def overall(findings: Collection[Finding]) -> Literal["met", "not_shown", "not_met"]:
    """Return the worst standing: what fails before what is missing."""
    standings = {finding.standing for finding in findings}
    if standings & WRONG:
        return "not_met"
    return "not_shown" if "not_shown" in standings else "met"


def codes_of(conditions: Sequence[Condition]) -> frozenset[str]:
    """Return the codes of all facts that the conditions look at."""
    codes = {condition.code for condition in conditions}
    for condition in conditions:
        if condition.when is not None:
            codes.add(condition.when.fact)
        if condition.measure.kind == "any_of":
            codes |= condition.measure.allowed
    return frozenset(codes)


def check_known(facts: Facts, codes: Collection[str]) -> None:
    """Raise UnknownFactError for a fact that nothing asks about."""
    for code in facts:
        if code not in codes:
            raise UnknownFactError(code)


def say_findings(
    conditions: Sequence[Condition], findings: Sequence[Finding], said: Sentences, language: Language
) -> list[str]:
    """Return a line for each condition but those that are not needed, with its clause and arithmetic."""
    pairs = [pair for pair in zip(conditions, findings, strict=True) if pair[1].standing != "not_needed"]
    return [_say(condition, finding, said, language) for condition, finding in pairs]


def say_clause(basis: Basis, said: Sentences, language: Language) -> str:
    """Return the clause in brackets, nothing for what is no clause."""
    return say(said, "clause", language, clause=basis.note.within(language)) if basis.kind == "clause" else ""


def _say(condition: Condition, finding: Finding, said: Sentences, language: Language) -> str:
    name = condition.name.within(language)
    met = finding.standing == "met"
    if finding.shown is not None and finding.required is not None:
        line = say(
            said,
            "enough" if met else "too_few",
            language,
            name=name,
            required=finding.required,
            shown=finding.shown,
            lacking=finding.required - finding.shown,
            unit=said[finding.unit].within(language),
        )
    elif finding.required is not None:
        unit = said[finding.unit].within(language)
        line = say(said, "no_number", language, name=name, required=finding.required, unit=unit)
    else:
        key = "not_done" if condition.is_act and finding.standing == "not_shown" else finding.standing
        line = say(said, key, language, name=name)
    return line + say_clause(condition.basis, said, language)


def _find(condition: Condition, facts: Facts) -> Finding:
    measure = condition.measure
    shown = _shown(condition, facts)
    if condition.when is not None and not condition.when.holds(facts):
        refused = condition.surplus is not None and condition.surplus.is_refused and shown is not None
        return Finding(condition.code, "surplus" if refused else "not_needed", condition.rule.id)
    if shown is None:
        return Finding(condition.code, "not_shown", condition.rule.id, measure.number, unit=measure.unit)
    return _TESTS[measure.kind](condition, shown)


def _shown(condition: Condition, facts: Facts) -> Shown | None:
    """Return the fact that the condition looks at; an empty entry shows nothing."""
    if condition.measure.kind == "any_of":
        return True if any(facts.get(code) for code in condition.measure.allowed) else None
    fact = facts.get(condition.code)
    return None if fact in ("", ()) else fact


def _plain(condition: Condition, fact: Shown) -> Finding:
    return _result(condition, met=fact is not False)


def _at_least(condition: Condition, fact: Shown) -> Finding:
    if isinstance(fact, bool) or not isinstance(fact, int):
        raise FactTypeError(condition.code, "a number")
    required = condition.measure.number or 0
    return _result(condition, met=fact >= required)._replace(required=required, shown=fact, unit=condition.measure.unit)


def _one_of(condition: Condition, fact: Shown) -> Finding:
    entries = fact if isinstance(fact, tuple) else (fact,)
    return _result(condition, met=len(entries) == 1 and entries[0] in condition.measure.allowed)


def _some_of(condition: Condition, fact: Shown) -> Finding:
    entries = fact if isinstance(fact, tuple) else (fact,)
    return _result(condition, met=condition.measure.allowed.issuperset(entries))


def _identifier(condition: Condition, fact: Shown) -> Finding:
    if not isinstance(fact, str):
        raise FactTypeError(condition.code, "text")
    (id_type,) = condition.measure.allowed
    try:
        normalise_id(id_type, fact)
    except IdentifierError:
        return _result(condition, met=False)
    return _result(condition, met=True)


def _industry(condition: Condition, fact: Shown) -> Finding:
    if isinstance(fact, bool) or not isinstance(fact, int):
        raise FactTypeError(condition.code, "a number")
    return _result(condition, met=fact in {industry.number for industry in industries()})


def _result(condition: Condition, *, met: bool) -> Finding:
    return Finding(condition.code, "met" if met else "not_met", condition.rule.id)


_TESTS: Final[Mapping[_Kind, Callable[[Condition, Shown], Finding]]] = MappingProxyType(
    {
        "shown": _plain,
        "any_of": _plain,
        "at_least": _at_least,
        "one_of": _one_of,
        "some_of": _some_of,
        "identifier": _identifier,
        "industry": _industry,
    }
)


class Reader:
    """Reads conditions of one jurisdiction, whose rules they may name."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        """Take the rules."""
        self._rules = rules

    def read(self, section: Value, rule: Rule) -> tuple[Condition, ...]:
        """Read a list of conditions; one without a rule of its own stands under ``rule``."""
        conditions: list[Condition] = []
        for item in section.items():
            condition = self._read_one(item, rule)
            if condition.code in {each.code for each in conditions}:
                item.fail(f"condition {condition.code!r} is repeated")
            conditions.append(condition)
        return tuple(conditions)

    def _read_one(self, item: Value, rule: Rule) -> Condition:
        fields = item.fields(("code", "name"), (*_MEASURES, "rule", "when", "otherwise", "done_by", *BASIS_KEYS))
        if "done_by" in fields:
            fields["done_by"].choice(_DOERS)
        if "otherwise" in fields and "when" not in fields:
            item.fail("otherwise needs a when")
        return Condition(
            code=fields["code"].text(),
            name=read_text(fields["name"]),
            rule=read_rule(fields["rule"], self._rules) if "rule" in fields else rule,
            basis=read_basis(item, fields),
            measure=_read_measure(item, fields),
            when=read_when(fields["when"]) if "when" in fields else None,
            surplus=_read_surplus(fields["otherwise"]) if "otherwise" in fields else None,
            is_act="done_by" in fields,
        )


def _read_measure(item: Value, fields: Mapping[str, Value]) -> Measure:
    present = [key for key in _MEASURES if key in fields]
    if not present:
        return Measure("shown")
    if len(present) > 1:
        item.fail(f"a condition has one measure, not {' and '.join(present)}")
    key = present[0]
    value = fields[key]
    if key == "at_least":
        return _read_minimum(value)
    if key == "identifier":
        return Measure("identifier", allowed=frozenset({value.choice(ID_TYPES)}))
    if key == "industry":
        value.choice(("numbered",))
        return Measure("industry")
    texts = [each.text() for each in value.items()]
    if len(set(texts)) != len(texts):
        value.fail("an entry is repeated")
    return Measure(cast("_Kind", key), allowed=frozenset(texts))


def read_when(value: Value) -> When:
    """Read ``{fact: …}`` (it is true) or ``{fact: …, is: […]}``."""
    fields = value.fields(("fact",), ("is",))
    values = frozenset(each.text() for each in fields["is"].items()) if "is" in fields else frozenset()
    return When(fields["fact"].text(), values)


def _read_minimum(value: Value) -> Measure:
    entries = value.fields((), _LARGEST)
    if len(entries) != 1:
        value.fail(f"a minimum is a number of one of {', '.join(_LARGEST)}")
    ((unit, number),) = entries.items()
    return Measure("at_least", number.integer(1, _LARGEST[unit]), unit)


def _read_surplus(value: Value) -> Surplus:
    fields = value.fields(("entry",), BASIS_KEYS)
    return Surplus(fields["entry"].choice(_ENTRIES) == "refused", read_basis(value, fields))
