"""Hours that a rule fixes: so many for each item, day, course or number of characters, by level and rank."""

from collections.abc import Collection, Mapping
from datetime import date
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


class Row(NamedTuple):
    """Hours for what matches; an empty tuple matches all. ``less`` is taken off once an item. Centihours."""

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


class Worth(NamedTuple):
    """The table of one form. ``year_cap`` bounds what the form's items add up to in a year, None without bound.

    Where a table counts ``once_a_year``, a second item of the year adds nothing to what the row gave.
    ``whole_units`` leaves a begun unit out; ``nominal_length`` bounds the day earned to the course's nominal length;
    ``certificate_overrides`` lets hours that the certificate states take the table's place.
    """

    rows: tuple[Row, ...]
    whole_units: Basis | None
    certificate_overrides: Basis | None
    nominal_length: Basis | None
    year_cap: int | None
    year_cap_basis: Basis | None
    once_a_year: Basis | None

    @property
    def bases(self) -> tuple[Basis, ...]:
        """What the table's parameters rest on."""
        found = (
            self.whole_units,
            self.certificate_overrides,
            self.nominal_length,
            self.year_cap_basis,
            self.once_a_year,
        )
        return tuple(each for each in found if each is not None)

    def cap_of_year(self, claim: Claim) -> int | None:
        """Return the most centihours of a year for the claim's kind, None without bound."""
        if self.once_a_year is None:
            return self.year_cap
        return next((row.centihours for row in self.rows if row.matches(claim)), None)


class Counted(NamedTuple):
    """What the table makes of a claim: ``units`` are hundredths; without a row nothing matched."""

    centihours: int
    row: Row | None
    units: int
    by_certificate: bool


def count(worth: Worth, claim: Claim) -> Counted:
    """Return the hours of a claim: hours of the row × units − what its rank takes off, never below 0."""
    work = claim.work
    row = next((each for each in worth.rows if each.matches(claim)), None)
    if row is None:
        return Counted(0, None, 0, by_certificate=False)
    if worth.certificate_overrides is not None and work.certificate_centihours:
        return Counted(work.certificate_centihours, row, _CENTI, by_certificate=True)
    units = (work.amount or _from_days(claim, row.unit)) // UNITS[row.unit]
    if worth.whole_units is not None:
        units -= units % _CENTI
    return Counted(max(0, row.centihours * units // _CENTI - row.less), row, units, by_certificate=False)


def _from_days(claim: Claim, unit: str) -> int:
    """Return the amount where the claim states none: one item, or the days that it lists."""
    if unit != "day":
        return _CENTI * UNITS[unit]
    if claim.learned_range is not None:
        first, last = claim.learned_range
        return ((last - first).days + 1) * _CENTI
    return len(claim.learned_days or ()) * _CENTI


def within_nominal_length(claim: Claim) -> bool:
    """Tell whether the day earned lies between enrolment and the end of the nominal length (FJ-04, form 6)."""
    work = claim.work
    if work.enrolled_on is None or work.earned_on is None or not work.nominal_years:
        return False
    return work.enrolled_on <= work.earned_on <= add_months(work.enrolled_on, _MONTHS * work.nominal_years)


def counted_on(claim: Claim) -> date | None:
    """Return the day whose credit year takes the hours: that earned, else the last learned, None with neither."""
    if claim.work.earned_on is not None:
        return claim.work.earned_on
    if claim.learned_range is not None:
        return claim.learned_range[1]
    return max((day for day, _ in claim.learned_days), default=None) if claim.learned_days else None


def read_worth(section: Value, kinds: Collection[str]) -> Worth:
    """Read a form's table."""
    fields = section.fields(
        ("rows",), ("whole_units", "certificate_overrides", "nominal_length", "year_cap", "once_a_year")
    )
    if "year_cap" in fields and "once_a_year" in fields:
        section.fail("year_cap and once_a_year exclude each other")
    cap, cap_basis = None, None
    if "year_cap" in fields:
        parts = fields["year_cap"].fields(("hours",), BASIS_KEYS)
        cap, cap_basis = parts["hours"].centihours(_MOST_HOURS), read_basis(fields["year_cap"], parts)
    return Worth(
        rows=_read_rows(fields["rows"], kinds),
        whole_units=_read_flag(fields, "whole_units"),
        certificate_overrides=_read_flag(fields, "certificate_overrides"),
        nominal_length=_read_flag(fields, "nominal_length"),
        year_cap=cap,
        year_cap_basis=cap_basis,
        once_a_year=_read_flag(fields, "once_a_year"),
    )


def _read_flag(fields: Mapping[str, Value], key: str) -> Basis | None:
    return read_basis(fields[key], fields[key].fields((), BASIS_KEYS)) if key in fields else None


def _read_rows(section: Value, kinds: Collection[str]) -> tuple[Row, ...]:
    """Read the rows; one that could give another's hours too is refused, for their order has no meaning."""
    rows: list[Row] = []
    for item in section.items():
        row = _read_row(item, kinds)
        if any(row.overlaps(other) for other in rows):
            item.fail("a claim could match an earlier row too")
        rows.append(row)
    return tuple(rows)


def _read_row(item: Value, kinds: Collection[str]) -> Row:
    fields = item.fields(("hours", "per"), ("kinds", "items", "levels", "rank", "from_rank", "less", *BASIS_KEYS))
    if "rank" in fields and "from_rank" in fields:
        item.fail("rank and from_rank exclude each other")
    first, last = 0, _LAST_RANK
    if "rank" in fields:
        first = last = fields["rank"].integer(1, _LAST_RANK)
    elif "from_rank" in fields:
        first = fields["from_rank"].integer(1, _LAST_RANK)
    hours = fields["hours"].centihours(_MOST_HOURS)
    less = fields["less"].centihours(_MOST_HOURS) if "less" in fields else 0
    if less >= hours:
        item.fail("less takes all hours away")
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
