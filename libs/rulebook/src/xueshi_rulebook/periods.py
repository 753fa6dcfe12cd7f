"""Credit periods: in which year the hours of a day count."""

from datetime import date
from typing import Final

from xueshi_rulebook.errors import UnknownPeriodError

_YEAR_DIGITS: Final = 4


class CalendarYears:
    """The credit year is the calendar year, written "2025" (a reading of 每年)."""

    __slots__ = ()

    def period_of(self, day: date) -> str:
        """Return the period in which hours learned on ``day`` count."""
        return f"{day.year:04}"

    def last_day(self, period: str) -> date:
        """Return the period's last day, whose requirement judges it; raises UnknownPeriodError."""
        if len(period) != _YEAR_DIGITS or not (period.isascii() and period.isdigit()) or int(period) == 0:
            raise UnknownPeriodError(period)
        return date(int(period), 12, 31)


UNITS: Final = {"calendar_year": CalendarYears}


def add_years(day: date, years: int) -> date:
    """Return the corresponding day ``years`` later; the last of February where that year has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)
