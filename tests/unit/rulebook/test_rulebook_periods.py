"""Credit periods: years, and cycles that follow each other without a gap."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import UnknownPeriodError
from xueshi_rulebook.model import Basis, Text
from xueshi_rulebook.periods import CalendarYears, cycle, cycle_ending_in, read_period

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(DAYS)
def test_a_day_lies_in_its_year(day: date) -> None:
    period = read_period(CalendarYears(Basis("clause", Text("", ""))).period_of(day))
    assert period.is_year
    assert period.first <= day <= period.last


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2018, 9, 1), date(2023, 8, 31)),
        (date(2019, 1, 1), date(2023, 12, 31)),
        (date(2019, 3, 1), date(2024, 2, 29)),
        (date(2020, 2, 29), date(2025, 2, 28)),
        (date(2020, 3, 1), date(2025, 2, 28)),
    ],
)
def test_a_cycle_ends_on_the_eve_of_the_next(first: date, last: date) -> None:
    assert cycle(first, 5) == read_period(f"{first:%Y%m%d}-{last:%Y%m%d}")


@given(DAYS, st.integers(1, 10), st.integers(0, 60))
def test_cycles_follow_each_other_and_each_ends_in_one_year(first: date, years: int, later: int) -> None:
    found = cycle_ending_in(first, years, first.year + later)
    if found is not None:
        assert found.last.year == first.year + later
        following = cycle(found.last + timedelta(days=1), years)
        assert cycle_ending_in(first, years, following.last.year) == following


def test_no_cycle_ends_before_the_first_or_between() -> None:
    first = date(2018, 9, 1)
    ends = [year for year in range(2010, 2035) if cycle_ending_in(first, 5, year)]
    assert ends == [2023, 2028, 2033]


@pytest.mark.parametrize("code", ["20240230-20250101", "20240101-2025010", "2024010120250101", "20240101-2025０101"])
def test_what_is_no_range_of_days(code: str) -> None:
    with pytest.raises(UnknownPeriodError):
        read_period(code)


def test_beyond_the_calendar() -> None:
    with pytest.raises(UnknownPeriodError):
        cycle(date(9996, 1, 1), 5)
