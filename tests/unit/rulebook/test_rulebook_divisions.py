"""Divisions: the standard's table, the exception of FJ-26, and codes that the table lacks."""

import pytest

from xueshi_rulebook import UnknownDivisionError, divisions, load_rulebook


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
