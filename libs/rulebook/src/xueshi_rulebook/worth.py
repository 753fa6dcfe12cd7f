"""Hours that a rule fixes: so many for each item, day, course or number of characters, by level and rank."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from xueshi_rulebook.claims import Claim
from xueshi_rulebook.model import Basis
from xueshi_rulebook.reading import BASIS_KEYS, read_basis
from xueshi_rulebook.workdays import add_months
from xueshi_rulebook.yamlsource import Value

UNITS: Final[Mapping[str, int]] = {"item": 1, "day": 1, "course": 1, "ten_thousand_characters": 10_000}
"""What hours are given for, and how many of the claim's amounts make one."""

_CENTI: Final = 100
_MONTHS: Final = 12
_MOST_HOURS: Final = 1000
_LAST_RANK: Final = 999
_BEGUN: Final = ("pro_rata", "left_out")


class Row(NamedTuple):
    """Hours for what matches; an empty tuple matches all. ``less`` is taken off each item, else once. Centihours."""

    kinds: tuple[str, ...]
    items: tuple[str, ...]
    levels: tuple[str, ...]
    first_rank: int
    last_rank: int
    centihours: int
    unit: str
    less: int
    basis: Basis

    def matches(self, claim: Claim) -> bool:
        """Tell whether the row gives the claim's hours."""
        work = claim.work
        return (
            (not self.kinds or claim.subject_kind in self.kinds)
            and (not self.items or work.item in self.items)
            and (not self.levels or work.level in self.levels)
            and (self.first_rank <= work.rank <= self.last_rank)
        )

    def overlaps(self, other: "Row") -> bool:
        """Tell whether a claim could match both."""
        pairs = ((self.kinds, other.kinds), (self.items, other.items), (self.levels, other.levels))
        ranks = self.first_rank <= other.last_rank and other.first_rank <= self.last_rank
        return ranks and all(not mine or not theirs or set(mine) & set(theirs) for mine, theirs in pairs)

    def follows(self, other: "Row") -> bool:
        """Tell whether ``other`` gives the rank before for the same work."""
        same_work = (self.kinds, self.items, self.levels) == (other.kinds, other.items, other.levels)
        return same_work and other.last_rank == self.first_rank - 1


class BegunUnits(NamedTuple):
    """Whether a unit that was only begun counts pro rata or is left out, and what that rests on."""

    pro_rata: bool
    basis: Basis


class Worth(NamedTuple):
    """The table of one form. ``year_cap`` bounds what the form's items add up to in a year, None without bound.

    Where a table counts ``once_a_year``, a second item of the year adds nothing to what the row gave.
    Without ``begun_units`` a begun unit is left out; ``nominal_length`` bounds the day earned to the course's nominal
    length; ``certificate_overrides`` lets hours that the certificate states take the table's place.
    """

    rows: tuple[Row, ...]
    begun_units: BegunUnits | None
    certificate_overrides: Basis | None
    nominal_length: Basis | None
    year_cap: int | None
    year_cap_basis: Basis | None
    once_a_year: Basis | None

    @property
    def items(self) -> tuple[str, ...]:
        """The kinds of work that the table knows, none where a row is for all."""
        return tuple(item for row in self.rows for item in row.items) if all(row.items for row in self.rows) else ()

    def cap_of_year(self, claim: Claim) -> int | None:
        """Return the most centihours of a year for the claim's kind, None without bound."""
        if self.once_a_year is None:
            return self.year_cap
        return next((row.centihours for row in self.rows if row.matches(claim)), None)

    @property
    def counts_days(self) -> bool:
        """Tell whether the days learned give the hours, and not the day on which something was earned."""
        return all(row.unit == "day" for row in self.rows)

    def begun_basis(self, counted: "Counted") -> Basis | None:
        """Return what a begun unit's hours rest on, and how days are told; None where the claim has neither."""
        is_day = counted.row is not None and counted.row.unit == "day"
        return self.begun_units.basis if self.begun_units is not None and (counted.is_begun or is_day) else None


class Counted(NamedTuple):
    """What the table makes of a claim: ``units`` are hundredths; without a row nothing matched.

    ``is_begun`` tells that the claim holds a part of a unit: counted pro rata, left out, or a short day.
    """

    centihours: int
    row: Row | None
    units: int
    by_certificate: bool
    is_begun: bool = False


def count(worth: Worth, claim: Claim) -> Counted:
    """Return the hours of a claim: hours of the row × units − what its rank takes off, never below 0."""
    work = claim.work
    row = next((each for each in worth.rows if each.matches(claim)), None)
    if row is None:
        return Counted(0, None, 0, by_certificate=False)
    if worth.certificate_overrides is not None and work.certificate_centihours:
        return Counted(work.certificate_centihours, row, _CENTI, by_certificate=True)
    units = (work.amount or _from_days(claim, row.unit)) // UNITS[row.unit]
    rest = units % _CENTI
    if worth.begun_units is None or not worth.begun_units.pro_rata:
        units -= rest
    less = row.less * units // _CENTI if row.unit == "item" else row.less
    hours = max(0, row.centihours * units // _CENTI - less)
    return Counted(hours, row, units, by_certificate=False, is_begun=bool(rest) or _has_short_day(claim, row))


def _from_days(claim: Claim, unit: str) -> int:
    """Return the amount where the claim states none: one item, or the days learned."""
    return learned_days(claim) * _CENTI if unit == "day" else _CENTI * UNITS[unit]


def _has_short_day(claim: Claim, row: Row) -> bool:
    """Tell whether a day that counts whole was learned for less than its hours."""
    if row.unit != "day" or claim.work.amount:
        return False
    return any(centihours < row.centihours for _, centihours in claim.learned_days or ())


def learned_days(claim: Claim) -> int:
    """Return how many days the claim lists, or its range spans; 0 with neither."""
    if claim.learned_range is None:
        return len({day for day, _ in claim.learned_days or ()})
    first, last = claim.learned_range
    return (last - first).days + 1


def lacks_amount(row: Row, claim: Claim) -> bool:
    """Tell whether only a stated amount could give the hours, and none is stated: characters have no default."""
    return row.unit == "ten_thousand_characters" and not claim.work.amount


def within_nominal_length(claim: Claim) -> bool:
    """Tell whether the day earned lies between enrolment and the end of the nominal length (FJ-04, form 6)."""
    work = claim.work
    if work.enrolled_on is None or work.earned_on is None or not work.nominal_years:
        return False
    return work.enrolled_on <= work.earned_on <= add_months(work.enrolled_on, _MONTHS * work.nominal_years)


def read_worth(section: Value, kinds: Collection[str]) -> Worth:
    """Read a form's table."""
    fields = section.fields(
        ("rows",), ("begun_units", "certificate_overrides", "nominal_length", "year_cap", "once_a_year")
    )
    if "year_cap" in fields and "once_a_year" in fields:
        section.fail("year_cap and once_a_year exclude each other")
    cap, cap_basis = None, None
    rows = _read_rows(fields["rows"], kinds)
    if "year_cap" in fields:
        parts = fields["year_cap"].fields(("hours",), BASIS_KEYS)
        cap, cap_basis = parts["hours"].centihours(_MOST_HOURS), read_basis(fields["year_cap"], parts)
        if any(row.centihours - row.less > cap for row in rows):
            parts["hours"].fail("a year's cap is below what a single unit gives")
    return Worth(
        rows=rows,
        begun_units=_read_begun_units(fields["begun_units"]) if "begun_units" in fields else None,
        certificate_overrides=_read_flag(fields, "certificate_overrides"),
        nominal_length=_read_flag(fields, "nominal_length"),
        year_cap=cap,
        year_cap_basis=cap_basis,
        once_a_year=_read_flag(fields, "once_a_year"),
    )


def _read_flag(fields: Mapping[str, Value], key: str) -> Basis | None:
    return read_basis(fields[key], fields[key].fields((), BASIS_KEYS)) if key in fields else None


def _read_begun_units(section: Value) -> BegunUnits:
    parts = section.fields(("counted",), BASIS_KEYS)
    return BegunUnits(parts["counted"].choice(_BEGUN) == "pro_rata", read_basis(section, parts))


def _read_rows(section: Value, kinds: Collection[str]) -> tuple[Row, ...]:
    """Read the rows.

    Refused are one that could give another's hours too, for their order has no meaning, and ranks that leave one out.
    """
    rows: list[Row] = []
    for item in section.items():
        row = _read_row(item, kinds)
        if any(row.overlaps(other) for other in rows):
            item.fail("a claim could match an earlier row too")
        rows.append(row)
    for item, row in zip(section.items(), rows, strict=True):
        if row.first_rank > 1 and not any(row.follows(other) for other in rows):
            item.fail(f"no row gives rank {row.first_rank - 1} of the same work its hours")
    return tuple(rows)


def _read_row(item: Value, kinds: Collection[str]) -> Row:
    fields = item.fields(("hours", "per"), ("kinds", "items", "levels", "rank", "from_rank", "less_hours", *BASIS_KEYS))
    if "rank" in fields and "from_rank" in fields:
        item.fail("rank and from_rank exclude each other")
    first, last = 0, _LAST_RANK
    if "rank" in fields:
        first = last = fields["rank"].integer(1, _LAST_RANK)
    elif "from_rank" in fields:
        first = fields["from_rank"].integer(1, _LAST_RANK)
    hours = fields["hours"].centihours(_MOST_HOURS)
    less = fields["less_hours"].centihours(_MOST_HOURS) if "less_hours" in fields else 0
    if less >= hours:
        item.fail("less_hours takes all hours away")
    return Row(
        kinds=fields["kinds"].choices(kinds) if "kinds" in fields else (),
        items=_texts(fields, "items"),
        levels=_texts(fields, "levels"),
        first_rank=first,
        last_rank=last,
        centihours=hours,
        unit=fields["per"].choice(UNITS),
        less=less,
        basis=read_basis(item, fields),
    )


def _texts(fields: Mapping[str, Value], key: str) -> tuple[str, ...]:
    return tuple(each.text() for each in fields[key].items()) if key in fields else ()
