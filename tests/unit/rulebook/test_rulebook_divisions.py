"""Divisions: the standard's table, the exception of FJ-26, and codes that the table lacks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import UnknownDivisionError, divisions, load_rulebook

TABLE = sorted({row[0] for row in divisions.table_rows()})
CODES = st.one_of(st.sampled_from(TABLE), st.integers(0, 999999).map("{:06}".format))


def chain(code: str) -> list[str]:
    """Return the code and those above it; the loop ends where the areas do."""
    found: list[str] = []
    current: str | None = code
    while current is not None:
        found.append(current)
        assert len(found) <= len(divisions.LEVELS)
        current = divisions.parent(current)
    return found


def test_names_levels_and_parents() -> None:
    assert divisions.name("350504") == "洛江区"
    assert divisions.level("350504") == "county"
    assert divisions.parent("350504") == "350500"
    assert divisions.level("350500") == "city"
    assert divisions.parent("350500") == "350000"
    assert divisions.level("350000") == "province"
    assert divisions.parent("350000") is None


def test_within_climbs_and_includes_the_area_itself() -> None:
    assert divisions.is_within("350504", "350504")
    assert divisions.is_within("350504", "350500")
    assert divisions.is_within("350504", "350000")
    assert not divisions.is_within("350504", "350100")
    assert not divisions.is_within("350500", "350504")
    assert not divisions.is_within("330304", "350000")


def test_pingtan_is_a_city_and_not_under_fuzhou() -> None:
    assert divisions.level("350128") == "city"
    assert divisions.parent("350128") == "350000"
    assert not divisions.is_within("350128", "350100")
    assert divisions.is_within("350128", "350000")
    assert divisions.division("350128").exception_rule == "FJ-26"
    assert load_rulebook().rule("FJ-26").is_reading


def test_the_area_of_a_level() -> None:
    assert divisions.area_at("350504", "city") == "350500"
    assert divisions.area_at("350504", "county") == "350504"
    assert divisions.area_at("350500", "county") is None
    assert divisions.area_at("350128", "city") == "350128"
    assert divisions.area_at("350128", "county") == "350128"
    assert divisions.area_at("350128", "province") == "350000"


def test_a_code_that_the_table_lacks_is_placed_by_its_digits() -> None:
    assert not divisions.exists("350599")
    assert divisions.level("350599") == "county"
    assert divisions.is_within("350599", "350500")
    assert divisions.level("359900") == "city"
    assert divisions.parent("359900") == "350000"
    with pytest.raises(UnknownDivisionError):
        divisions.name("350599")


@pytest.mark.parametrize("code", ["", "35", "3505040", "35050x", "３５０５０４"])
def test_what_is_no_code(code: str) -> None:
    for ask in (divisions.name, divisions.level, divisions.parent):
        with pytest.raises(UnknownDivisionError):
            ask(code)


def test_a_city_without_counties_is_a_city() -> None:
    assert divisions.level("441900") == "city"
    assert divisions.parent("441900") == "440000"


def test_every_row_reaches_its_province() -> None:
    for code, _, _, _ in divisions.table_rows():
        assert divisions.is_within(code, code[:2] + "0000")


def test_the_table_says_of_which_day_it_is() -> None:
    assert divisions.as_of() == date(2024, 11, 30)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("350100", "福州市"),
        ("350200", "厦门市"),
        ("350300", "莆田市"),
        ("350400", "三明市"),
        ("350500", "泉州市"),
        ("350600", "漳州市"),
        ("350700", "南平市"),
        ("350800", "龙岩市"),
        ("350900", "宁德市"),
        ("330300", "温州市"),
        ("440200", "韶关市"),
    ],
)
def test_the_cities_of_the_notices(code: str, name: str) -> None:
    assert (divisions.name(code), divisions.level(code)) == (name, "city")


@given(CODES)
def test_every_code_climbs_to_a_province_through_what_it_lies_in(code: str) -> None:
    above = chain(code)
    assert divisions.level(above[-1]) == "province"
    assert set(above) == divisions.division(code).within
    assert all(divisions.is_within(code, area) for area in above)
    levels = [divisions.LEVELS.index(divisions.level(area)) for area in above]
    assert levels == sorted(levels, reverse=True)
    assert len(set(levels)) == len(levels)


@given(CODES, CODES)
def test_one_area_lies_in_another_exactly_where_the_area_of_its_level_is_the_other(code: str, other: str) -> None:
    for area in (other, *chain(code)):
        level = divisions.level(area)
        assert divisions.is_within(code, area) == (divisions.area_at(code, level) == area)


@given(CODES)
def test_the_areas_of_all_levels_are_those_it_lies_in(code: str) -> None:
    areas = [divisions.area_at(code, level) for level in divisions.LEVELS]
    assert {area for area in areas if area is not None} == divisions.division(code).within


@given(CODES.filter(lambda code: not divisions.exists(code)))
def test_a_retired_or_newer_code_is_placed_by_its_digits(code: str) -> None:
    assert divisions.division(code).within == {code, code[:4] + "00", code[:2] + "0000"}
    expected = "province" if code[2:] == "0000" else "city" if code[4:] == "00" else "county"
    assert divisions.level(code) == expected
