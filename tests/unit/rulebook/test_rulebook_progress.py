"""FJ-01: the year's minimums, one below, at and one above each; and the words of the verdict."""

import pytest

from xueshi_rulebook import NotInForceError, UnknownKindError, UnknownPeriodError, format_hours, load_rulebook

FUJIAN = load_rulebook().jurisdiction("fujian")


def lacking(public: int, professional: int) -> dict[str, int]:
    stamped = {"public": public, "professional": professional}
    progress = FUJIAN.progress("2024", stamped, stamped)
    found = {line.kind: line.lacking for line in progress.lines if line.lacking}
    assert (progress.verdict == "short") == bool(found)
    return found


def test_case_1_thirty_and_sixty_comply() -> None:
    assert lacking(3000, 6000) == {}


def test_case_2_surplus_public_never_fills_professional() -> None:
    assert lacking(4000, 5500) == {"professional": 500}


@pytest.mark.parametrize(
    ("public", "professional", "expected"),
    [
        (2999, 6000, {"public": 1, "total": 1}),
        (3000, 6000, {}),
        (3001, 6000, {}),
        (3000, 5999, {"professional": 1, "total": 1}),
        (3000, 6001, {}),
        (2999, 6001, {"public": 1}),
        (2999, 12000, {"public": 1}),
        (3001, 5999, {"professional": 1}),
        (0, 0, {"public": 3000, "professional": 6000, "total": 9000}),
    ],
)
def test_each_minimum_one_below_at_and_above(public: int, professional: int, expected: dict[str, int]) -> None:
    assert lacking(public, professional) == expected


def test_registered_hours_do_not_count_until_stamped() -> None:
    progress = FUJIAN.progress("2024", {"public": 3000}, {"public": 3000, "professional": 6000})
    line = {each.kind: each for each in progress.lines}["professional"]
    assert (line.counted, line.registered, line.lacking) == (0, 6000, 6000)
    assert "60 more hours are registered" in progress.explain("en")


def test_the_explanation_shows_arithmetic_clause_and_reading() -> None:
    stamped = {"public": 4000, "professional": 5550}
    progress = FUJIAN.progress("2024", stamped, stamped)
    assert progress.rule_ids == ("FJ-01",)
    chinese, english = progress.explain("zh"), progress.explain("en")
    for words in (chinese, english):
        assert "55.5 = 4.5" in words
        assert "40 + 55.5 = 95.5" in words
        assert "闽人社办〔2023〕70号 二、第一段" in words
        assert "FJ-01" in words
    assert "未达标" in chinese
    assert "理解" in chinese
    assert "our reading" in english


@pytest.mark.parametrize(("period", "known"), [("2022", False), ("2023", True), ("2024", True)])
def test_years_that_end_before_the_notice_are_not_judged_by_it(period: str, *, known: bool) -> None:
    if known:
        assert FUJIAN.progress(period, {}, {}).verdict == "short"
    else:
        with pytest.raises(NotInForceError):
            FUJIAN.progress(period, {}, {})


@pytest.mark.parametrize("period", ["", "24", "20240", "2024-25", "０００１", "0000"])
def test_what_is_no_year(period: str) -> None:
    with pytest.raises(UnknownPeriodError):
        FUJIAN.progress(period, {}, {})


def test_hours_of_an_unknown_kind_are_refused() -> None:
    for stamped, registered in (("elective", "public"), ("public", "elective")):
        with pytest.raises(UnknownKindError):
            FUJIAN.progress("2024", {stamped: 1}, {registered: 1})


def test_hours_are_written_without_trailing_zeros() -> None:
    assert [format_hours(each) for each in (0, 5, 50, 100, 450, 1000)] == ["0", "0.05", "0.5", "1", "4.5", "10"]
