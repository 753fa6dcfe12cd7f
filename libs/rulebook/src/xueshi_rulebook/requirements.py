"""The minimums of a credit period as data: for whom, from when, over which kinds, in which unit."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, Literal, NamedTuple, cast

from xueshi_rulebook.dated import Span
from xueshi_rulebook.model import Basis, Kind, Rule, Text, Unit
from xueshi_rulebook.person import Choice, read_applies_to, refuse_gap, refuse_tie
from xueshi_rulebook.reading import BASIS_KEYS, VALIDITY_KEYS, read_basis, read_rule, read_span_within, read_text
from xueshi_rulebook.yamlsource import Value

PeriodUnit = Literal["calendar_year", "cycle", "tenure"]

_UNITS: Final[Mapping[str, Unit]] = {
    "hours": "hours", "credits": "credits", "items": "items", "days": "days", "hours_a_year": "hours",
}  # fmt: skip
"""The keys of an amount, and the unit that each is in."""
_MOST: Final = 366 * 24
_DAYS_OF_A_YEAR: Final = 366
_LONGEST_CYCLE_YEARS: Final = 50
_CENTI: Final = 100


class Cap(NamedTuple):
    """The most, in hundredths, that some of the kinds that a line counts give together."""

    kinds: tuple[str, ...]
    most: int
    basis: Basis


class Alternative(NamedTuple):
    """Another measure that meets a line by itself: at least so many hundredths of ``unit`` over these kinds."""

    counts: tuple[str, ...]
    required: int
    unit: Unit
    basis: Basis


class Requirement(NamedTuple):
    """A minimum over one or several kinds, in hundredths of ``unit``.

    ``written`` is the amount as the notice gives it, where the data derive ``required`` from it: a year's amount of a
    cycle, or credits that the notice itself equates with hours.
    """

    code: str
    name: Text
    counts: tuple[str, ...]
    required: int
    unit: Unit
    basis: Basis
    cap: Cap | None
    alternative: Alternative | None
    written: int | None


class PeriodRule(NamedTuple):
    """The period that a profile judges: a calendar year, a cycle of ``years`` from a date, or a whole tenure."""

    unit: PeriodUnit
    years: int
    basis: Basis


class Credit(NamedTuple):
    """What one credit is in hours, in hundredths, where the notice itself says so (SG-02)."""

    hours: int
    basis: Basis


class Profile(NamedTuple):
    """What a period asks of some people. ``not_evaluated`` says why nothing is compared; then there are no lines."""

    code: str
    rule: Rule
    besides: tuple[Rule, ...]
    period: PeriodRule
    lines: tuple[Requirement, ...]
    credit: Credit | None
    not_evaluated: Basis | None

    @property
    def is_unconfirmed(self) -> bool:
        """Tell whether every amount is of a source that nobody has confirmed."""
        return bool(self.lines) and all(line.basis.kind == "unconfirmed" for line in self.lines)

    @property
    def bases(self) -> tuple[Basis, ...]:
        """All that the profile's values rest on, in the order of its lines."""
        parts = [
            self.period,
            *self.lines,
            *(line.cap for line in self.lines),
            *(line.alternative for line in self.lines),
        ]
        found = [part.basis for part in (*parts, self.credit) if part is not None]
        return (*found, *([self.not_evaluated] if self.not_evaluated else []))


class Requirements(NamedTuple):
    """Every profile of a jurisdiction: those of calendar years, and those of cycles and tenures.

    ``names`` gives the name of each kind and of each line, by its code.
    """

    years: tuple[Choice[Profile], ...]
    spans: tuple[Choice[Profile], ...]
    names: Mapping[str, Text]


def read_requirements(
    section: Value, rules: Mapping[str, Rule], kinds: Mapping[str, Kind], most_of_a_day: Callable[[Span], int]
) -> Requirements:
    """Read the list of profiles; ``most_of_a_day`` gives the centihours that a day of a span can give at most.

    Refused are two that are for the same people on the same day, equally specific, days between two for the same
    people, two names of one line, and what nobody could reach.
    """
    names = {code: kind.name for code, kind in kinds.items()}
    years: list[Choice[Profile]] = []
    spans: list[Choice[Profile]] = []
    codes: set[str] = set()
    for item in section.items():
        new = _read_profile(item, rules, kinds, most_of_a_day)
        if new.value.code in codes:
            item.fail(f"profile {new.value.code!r} is repeated")
        codes.add(new.value.code)
        for line in new.value.lines:
            if names.setdefault(line.code, line.name) != line.name:
                item.fail(f"line {line.code!r} has another name elsewhere")
        standing = years if new.value.period.unit == "calendar_year" else spans
        refuse_tie(item, new, standing)
        standing.append(new)
    refuse_gap(section, years)
    refuse_gap(section, spans)
    return Requirements(tuple(years), tuple(spans), names)


def _read_profile(
    item: Value, rules: Mapping[str, Rule], kinds: Mapping[str, Kind], most_of_a_day: Callable[[Span], int]
) -> Choice[Profile]:
    fields = item.fields(
        ("code", "rule", "period"), ("besides", "applies_to", "lines", "credit", "not_evaluated", *VALIDITY_KEYS)
    )
    if ("lines" in fields) == ("not_evaluated" in fields):
        item.fail("a profile has lines, or says why it is not evaluated")
    rule = read_rule(fields["rule"], rules)
    span = read_span_within(item, fields, rule)
    period = _read_period_rule(fields["period"])
    credit = _read_credit(fields["credit"]) if "credit" in fields else None
    reader = _Lines(kinds, period, credit, most_of_a_day(span))
    profile = Profile(
        code=fields["code"].text(),
        rule=rule,
        besides=tuple(read_rule(each, rules) for each in fields["besides"].items()) if "besides" in fields else (),
        period=period,
        lines=reader.read(fields["lines"]) if "lines" in fields else (),
        credit=credit,
        not_evaluated=_read_only_basis(fields["not_evaluated"]) if "not_evaluated" in fields else None,
    )
    return Choice(read_applies_to(fields), span, profile)


def _read_only_basis(section: Value) -> Basis:
    return read_basis(section, section.fields((), BASIS_KEYS))


def _read_period_rule(section: Value) -> PeriodRule:
    fields = section.fields(("unit",), ("years", *BASIS_KEYS))
    unit = cast("PeriodUnit", fields["unit"].choice(("calendar_year", "cycle", "tenure")))
    if ("years" in fields) != (unit == "cycle"):
        section.fail("a cycle, and nothing else, has years")
    years = fields["years"].integer(1, _LONGEST_CYCLE_YEARS) if "years" in fields else 1
    return PeriodRule(unit, years, read_basis(section, fields))


def _read_credit(section: Value) -> Credit:
    fields = section.fields(("hours",), BASIS_KEYS)
    return Credit(fields["hours"].hundredths(_MOST, "hours"), read_basis(section, fields))


class _Lines:
    """Reads the lines of one profile."""

    def __init__(
        self, kinds: Mapping[str, Kind], period: PeriodRule, credit: Credit | None, most_of_a_day: int
    ) -> None:
        self._kinds, self._period, self._credit = kinds, period, credit
        years = _LONGEST_CYCLE_YEARS if period.unit == "tenure" else period.years
        days = years * _DAYS_OF_A_YEAR
        self._most: dict[Unit, int] = {"days": days * _CENTI, "hours": days * most_of_a_day}

    def read(self, section: Value) -> tuple[Requirement, ...]:
        lines: list[Requirement] = []
        for item in section.items():
            line = self._line(item)
            if line.code in {other.code for other in lines}:
                item.fail(f"line {line.code!r} is repeated")
            lines.append(line)
        _check_sums(section, lines)
        return tuple(lines)

    def _line(self, item: Value) -> Requirement:
        fields = item.fields(("code", "counts"), ("name", "cap", "alternative", *_UNITS, *BASIS_KEYS))
        code = fields["code"].text()
        if ("name" in fields) == (code in self._kinds):
            item.fail("a line has a name of its own exactly where its code is no subject kind")
        counts = fields["counts"].choices(self._kinds)
        key, amount = _read_amount(item, fields, zero=True)
        unit, required = self._unit(item, counts), amount
        if key == "hours_a_year" and unit == "hours" and self._period.unit == "cycle":
            required = amount * self._period.years
        elif key == "credits" and unit == "hours" and self._credit is not None:
            required = amount * self._credit.hours // _CENTI
        elif key != unit:
            item.fail(f"line {code!r} cannot be given in {key}: its kinds are counted in {unit}")
        self._refuse_unreachable(item, unit, required)
        return Requirement(
            code=code,
            name=read_text(fields["name"]) if "name" in fields else self._kinds[code].name,
            counts=counts,
            required=required,
            unit=unit,
            basis=read_basis(item, fields),
            cap=_read_cap(fields["cap"], counts, unit, required) if "cap" in fields else None,
            alternative=self._alternative(fields["alternative"]) if "alternative" in fields else None,
            written=amount if key != unit else None,
        )

    def _unit(self, item: Value, counts: Collection[str]) -> Unit:
        units = {self._kinds[kind].unit for kind in counts}
        if len(units) != 1:
            item.fail(f"kinds counted in {', '.join(sorted(units))} are never added up")
        return units.pop()

    def _refuse_unreachable(self, item: Value, unit: Unit, required: int) -> None:
        """Refuse more than all days of the period give. No notice bounds credits and items."""
        if unit in self._most and required > self._most[unit]:
            item.fail(f"a period gives at most {self._most[unit] // _CENTI} {unit}")

    def _alternative(self, section: Value) -> Alternative:
        fields = section.fields(("counts",), (*_UNITS, *BASIS_KEYS))
        key, required = _read_amount(section, fields, zero=False)
        counts = fields["counts"].choices(self._kinds)
        unit = self._unit(section, counts)
        if key != unit:
            section.fail(f"the alternative cannot be given in {key}: its kinds are counted in {unit}")
        self._refuse_unreachable(section, unit, required)
        return Alternative(counts, required, unit, read_basis(section, fields))


def _read_cap(section: Value, counts: Collection[str], unit: Unit, required: int) -> Cap:
    fields = section.fields(("kinds", unit), BASIS_KEYS)
    most = fields[unit].hundredths(_MOST, unit)
    kinds = fields["kinds"].choices(counts)
    if len(kinds) == len(counts) and most < required:
        section.fail("a cap on all that a line counts is below what the line asks for")
    return Cap(kinds, most, read_basis(section, fields))


def _read_amount(owner: Value, fields: Mapping[str, Value], *, zero: bool) -> tuple[str, int]:
    """Return the one key that names an amount, and the amount in hundredths."""
    present = [key for key in _UNITS if key in fields]
    if len(present) != 1:
        owner.fail(f"an amount is given by exactly one of {', '.join(_UNITS)}")
    return present[0], fields[present[0]].hundredths(_MOST, _UNITS[present[0]], zero=zero)


def _check_sums(section: Value, lines: Sequence[Requirement]) -> None:
    """Refuse a combined minimum below the sum of those for its parts: it could never bind."""
    for line in lines:
        if len(line.counts) > 1 and line.required < _least(line, lines):
            section.fail(f"line {line.code!r} is below the sum of its parts")


def _least(line: Requirement, lines: Sequence[Requirement]) -> int:
    """Return what the lines over parts of a line's kinds ask together, each kind counted once."""
    seen: set[str] = set()
    total = 0
    for other in lines:
        if set(other.counts) < set(line.counts) and not seen & set(other.counts):
            seen |= set(other.counts)
            total += other.required
    return total
