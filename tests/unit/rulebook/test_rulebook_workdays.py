"""The dated calendar: each year as its notice names it, unknown years, broken data; and the convention of periods."""

import hashlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import RulebookDataError, UnknownCalendarYearError, load_rulebook
from xueshi_rulebook.workdays import add_months, read_calendar, read_convention
from xueshi_rulebook.yamlsource import packaged, parse

CALENDAR = read_calendar(packaged("workdays.yaml"))
ONE_DAY = timedelta(days=1)
# How many working days each year has, and the digest of their list, by an independent table (chinesecalendar 1.11.0).
INDEPENDENT = {
    2017: (249, "99515caa319b9166"),
    2018: (250, "5911b5c33a48c350"),
    2019: (250, "4c3a19e3d0509c5c"),
    2020: (249, "84ca6f9b0cff891c"),
    2021: (250, "66dcba5776777f20"),
    2022: (249, "c0feb9ad5bd88824"),
    2023: (249, "3e6d5e136d56ee28"),
    2024: (251, "c66b530df9bd47f7"),
    2025: (248, "c6d70f7f962a0e82"),
    2026: (248, "79a38ab509caf204"),
}
YEAR = """\
years:
  "2017":
    clause: 甲
    holidays: [2017-05-01, 2017-05-28..2017-05-30]
    workdays: [2017-05-27]
periods:
  first_day: {counted: false, clause: 甲}
  retroactive: {binds: false, clause: 甲}
  moves: {counter: true, paper: true, online: false, none: false, clause: 甲}
"""
DAYS = st.dates(date(2017, 2, 1), date(2026, 11, 30))


@pytest.mark.parametrize("year", INDEPENDENT)
def test_a_year_is_the_one_of_an_independent_table(year: int) -> None:
    first = date(year, 1, 1)
    days = [first + each * ONE_DAY for each in range((date(year + 1, 1, 1) - first).days)]
    working = [day.isoformat() for day in days if CALENDAR.is_working_day(day)]
    digest = hashlib.sha256(" ".join(working).encode()).hexdigest()[:16]
    assert (len(working), digest) == INDEPENDENT[year]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2017, 5, 26), "working"),
        (date(2017, 5, 27), "make_up"),
        (date(2017, 5, 28), "holiday"),
        (date(2017, 5, 31), "working"),
        (date(2017, 6, 3), "weekend"),
        (date(2018, 12, 29), "make_up"),
        (date(2018, 12, 31), "holiday"),
        (date(2019, 5, 4), "holiday"),
        (date(2020, 2, 1), "holiday"),
        (date(2020, 2, 3), "working"),
        (date(2024, 2, 9), "working"),
        (date(2026, 2, 28), "make_up"),
    ],
)
def test_what_a_day_is(day: date, kind: str) -> None:
    assert CALENDAR.kind(day) == kind
    assert CALENDAR.is_working_day(day) == (kind in ("working", "make_up"))


@pytest.mark.parametrize("day", [date(2016, 12, 31), date(2027, 1, 1)])
def test_a_year_that_is_not_in_the_table_is_an_error(day: date) -> None:
    with pytest.raises(UnknownCalendarYearError, match=str(day.year)):
        CALENDAR.is_working_day(day)
    assert not CALENDAR.knows(day.year)


def test_counting_past_the_table_is_an_error_too() -> None:
    with pytest.raises(UnknownCalendarYearError):
        CALENDAR.after(date(2026, 12, 30), 2)
    with pytest.raises(UnknownCalendarYearError):
        CALENDAR.before(date(2017, 1, 4), 2)
    with pytest.raises(UnknownCalendarYearError):
        CALENDAR.next_working_day(date(2027, 1, 1))
    assert CALENDAR.after(date(2026, 12, 30), 1) == date(2026, 12, 31)
    assert CALENDAR.before(date(2017, 1, 4), 1) == date(2017, 1, 3)


@given(DAYS, st.integers(1, 15))
def test_so_many_working_days_lie_between_and_the_one_reached_is_one(day: date, count: int) -> None:
    back, forth = CALENDAR.before(day, count), CALENDAR.after(day, count)
    for first, last, step in ((day - ONE_DAY, back, -ONE_DAY), (day + ONE_DAY, forth, ONE_DAY)):
        passed = [first + each * step for each in range(abs((last - first).days) + 1)]
        assert sum(map(CALENDAR.is_working_day, passed)) == count
        assert CALENDAR.is_working_day(last)


@given(DAYS)
def test_the_next_working_day_is_the_first_one(day: date) -> None:
    found = CALENDAR.next_working_day(day)
    assert CALENDAR.is_working_day(found)
    assert not any(CALENDAR.is_working_day(day + each * ONE_DAY) for each in range((found - day).days))


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2019, 1, 31), 1, date(2019, 2, 28)),
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2020, 2, 29), 48, date(2024, 2, 29)),
        (date(2023, 8, 31), 1, date(2023, 9, 30)),
        (date(2023, 10, 31), 2, date(2023, 12, 31)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2023, 12, 1), 1, date(2024, 1, 1)),
        (date(2023, 5, 9), 0, date(2023, 5, 9)),
    ],
)
def test_a_period_of_months_ends_with_the_corresponding_day(day: date, months: int, end: date) -> None:
    assert add_months(day, months) == end


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"2017"', '"twenty"', "'twenty' is not a year"),
        ("[2017-05-01,", "[2018-05-01,", "2018-05-01 is not in 2017"),
        ("..2017-05-30", "..2018-05-30", "2018-05-30 is not in 2017"),
        ("..2017-05-30", "..2017-05-27", "ends before 2017-05-28"),
        ("..2017-05-30", "..2017-05-32", "a day, or a range"),
        ("..2017-05-30", "..", "a day, or a range"),
        ("2017-05-01,", "2017-05-29,", "holiday 2017-05-29 is repeated"),
        ("2017-05-01,", "May,", "a day, or a range"),
        ("[2017-05-27]", "[2017-05-26]", "2017-05-26 is no Saturday or Sunday"),
        ("[2017-05-27]", "[2017-05-28]", "2017-05-28 is a holiday too"),
        ("[2017-05-27]", "[2017-05-27, 2017-05-27]", "2017-05-27 is repeated"),
        ("[2017-05-27]", "[2018-05-26]", "2018-05-26 is not in 2017"),
        ("[2017-05-27]", "[soon]", "a date YYYY-MM-DD is expected"),
        ("    clause: 甲\n", "", "key 'clause' is missing"),
        ("    workdays", "    workday", "unknown key 'workday'"),
        ("years:", "year:", "unknown key 'year'"),
    ],
)
def test_a_broken_calendar_is_refused(old: str, new: str, reason: str) -> None:
    assert old in YEAR
    with pytest.raises(RulebookDataError) as caught:
        read_calendar(parse(YEAR.replace(old, new, 1), "data/workdays.yaml"))
    assert reason in caught.value.reason
    assert caught.value.file == "data/workdays.yaml"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("counted: false, clause: 甲", "counted: false", "rests on exactly one"),
        ("counted: false", "counted: perhaps", "true or false"),
        ("binds: false", "binds: 0", "true or false"),
        ("online: false, ", "", "key 'online' is missing"),
        ("online: false", "fax: false", "unknown key 'fax'"),
    ],
)
def test_a_broken_convention_is_refused(old: str, new: str, reason: str) -> None:
    with pytest.raises(RulebookDataError, match=reason):
        read_convention(parse(YEAR.replace(old, new, 1), "data/workdays.yaml"))


def test_the_calendar_is_part_of_the_rulebooks_hash() -> None:
    assert "国办发明电〔2019〕3号" in load_rulebook().canonical
