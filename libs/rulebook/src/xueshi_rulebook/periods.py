"""Credit periods: in which year the hours of a day count, and cycles and tenures from day to day."""

from datetime import date, timedelta
from typing import Final, NamedTuple

from xueshi_rulebook.errors import UnknownPeriodError
from xueshi_rulebook.model import Basis

_ONE_DAY: Final = timedelta(days=1)
_YEAR_DIGITS: Final = 4
_DAY_DIGITS: Final = 8


class Period(NamedTuple):
    """A credit period: a calendar year, "2025", or the days of a cycle or tenure, "20180901-20230831"."""

    code: str
    first: date
    last: date
    is_year: bool


class CalendarYears:
    """The credit year is the calendar year, written "2025" (a reading of 每年)."""

    __slots__ = ("basis",)

    def __init__(self, basis: Basis) -> None:
        """Take what it rests on that the year is so."""
        self.basis = basis

    def period_of(self, day: date) -> str:
        """Return the period in which hours learned on ``day`` count."""
        return f"{day.year:04}"


UNITS: Final = {"calendar_year": CalendarYears}


def read_period(code: str) -> Period:
    """Return the period that a code names; raises UnknownPeriodError."""
    if len(code) == _YEAR_DIGITS:
        year = _number(code, code)
        if year == 0:
            raise UnknownPeriodError(code)
        return Period(code, date(year, 1, 1), date(year, 12, 31), is_year=True)
    first, dash, last = code.partition("-")
    if not dash or len(first) != _DAY_DIGITS or len(last) != _DAY_DIGITS:
        raise UnknownPeriodError(code)
    period = Period(code, _day(first, code), _day(last, code), is_year=False)
    if period.last < period.first:
        raise UnknownPeriodError(code)
    return period


def _number(digits: str, code: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise UnknownPeriodError(code)
    return int(digits)


def _day(digits: str, code: str) -> date:
    number = _number(digits, code)
    try:
        return date(number // 10000, number // 100 % 100, number % 100)
    except ValueError as error:
        raise UnknownPeriodError(code) from error


def cycle(first: date, years: int) -> Period:
    """Return the cycle of so many years whose first day is ``first``: it ends on the eve of the next one's.

    A cycle that would begin anew on 29 February of a common year begins on 1 March. Raises UnknownPeriodError beyond
    the calendar.
    """
    last = _later(first, years) - _ONE_DAY
    return Period(f"{first:%Y%m%d}-{last:%Y%m%d}", first, last, is_year=False)


def cycle_ending_in(first: date, years: int, year: int) -> Period | None:
    """Return the cycle whose last day lies in ``year``, of those that follow each other from ``first`` on.

    None where none does; raises UnknownPeriodError beyond the calendar.
    """
    found = cycle(first, years)
    while found.last.year < year:
        found = cycle(found.last + _ONE_DAY, years)
    return found if found.last.year == year else None


def cycle_ended_before(first: date, years: int, day: date) -> Period | None:
    """Return the last cycle that ended before ``day``, of those that follow each other from ``first`` on.

    None where none did; raises UnknownPeriodError beyond the calendar.
    """
    found, following = None, cycle(first, years)
    while following.last < day:
        found, following = following, cycle(following.last + _ONE_DAY, years)
    return found


def _later(day: date, years: int) -> date:
    year = day.year + years
    if year > date.max.year:
        raise UnknownPeriodError(str(year))
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
