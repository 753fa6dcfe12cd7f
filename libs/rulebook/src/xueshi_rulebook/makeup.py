"""Learning that counts for another credit year than its own, while that year's window is open (SG-03)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from xueshi_rulebook.deadlines import DeadlineRule
from xueshi_rulebook.deadlines.model import OnDate
from xueshi_rulebook.errors import UnknownPeriodError
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.periods import read_period
from xueshi_rulebook.reading import BASIS_KEYS, read_basis
from xueshi_rulebook.yamlsource import Value


class MakeUp(NamedTuple):
    """A credit year whose hours of some kinds and forms may be made up until a deadline's day, that day included."""

    rule: Rule
    kinds: tuple[str, ...]
    forms: tuple[str, ...]
    credit_year: str
    until_on: date
    basis: Basis


def find_make_up(make_ups: tuple[MakeUp, ...], credit_year: str, kind: str, form: str) -> MakeUp | None:
    """Return the window of a credit year for a kind and form, None where there never was one."""
    for each in make_ups:
        if each.credit_year == credit_year and kind in each.kinds and form in each.forms:
            return each
    return None


def read_make_ups(
    section: Value | None, deadlines: Mapping[str, DeadlineRule], kinds: Collection[str], forms: Collection[str]
) -> tuple[MakeUp, ...]:
    """Read ``make_up``; each window ends with a deadline that names its day."""
    found: list[MakeUp] = []
    for item in section.items() if section is not None else ():
        fields = item.fields(("kinds", "forms", "credit_year", "deadline"), BASIS_KEYS)
        deadline = deadlines[fields["deadline"].choice(deadlines)]
        if not isinstance(deadline.due, OnDate):
            fields["deadline"].fail(f"deadline {deadline.code!r} names no day")
        found.append(
            MakeUp(
                rule=deadline.rule,
                kinds=fields["kinds"].choices(kinds),
                forms=fields["forms"].choices(forms),
                credit_year=_read_year_before(fields["credit_year"], deadline.due.day),
                until_on=deadline.due.day,
                basis=read_basis(item, fields),
            )
        )
    return tuple(found)


def _read_year_before(value: Value, until_on: date) -> str:
    """Read a credit year that was over before the last day on which it may be made up."""
    year = value.text()
    try:
        period = read_period(year)
    except UnknownPeriodError:
        value.fail(f"{year!r} is not a year")
    if not period.is_year or period.last >= until_on:
        value.fail(f"{year!r} is no year that was over before {until_on}")
    return year
