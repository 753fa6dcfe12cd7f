"""Which employment, and so which jurisdiction, judges a period."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.support.rulebooks import NEIGHBOUR_REGION, with_neighbour
from xueshi_registry.domain.model import Employer, Employment
from xueshi_registry.domain.transcripts import Totals, employment_of, judge_period
from xueshi_rulebook import Rulebook

HERE = Employer("91350100M000100Y43", "福州第一建筑", "350102", 5)
THERE = Employer("91350100M000100X55", "另一家单位", NEIGHBOUR_REGION, 5)
LAST = date(2025, 12, 31)


@pytest.fixture
def rulebook(tmp_path: Path) -> Rulebook:
    return with_neighbour(tmp_path)


def job(employer: Employer, first: str, last: str | None = None, *, main: bool = True) -> Employment:
    return Employment(employer, date.fromisoformat(first), None if last is None else date.fromisoformat(last), main)


@pytest.mark.parametrize(
    ("employments", "chosen"),
    [
        ([], None),
        ([job(HERE, "2020-01-01")], 0),
        ([job(HERE, "2020-01-01", "2025-06-30"), job(THERE, "2025-07-01")], 1),
        ([job(HERE, "2020-01-01", "2025-12-31"), job(THERE, "2026-01-01")], 0),
        ([job(HERE, "2020-01-01", "2025-12-30"), job(THERE, "2025-12-31")], 1),
        ([job(HERE, "2020-01-01"), job(THERE, "2024-01-01", main=False)], 0),
        ([job(HERE, "2020-01-01"), job(THERE, "2024-01-01")], 1),
        ([job(HERE, "2019-01-01", "2023-01-31"), job(THERE, "2015-01-01", "2025-11-30")], 1),
        ([job(HERE, "2019-01-01", "2025-06-30"), job(THERE, "2026-03-01")], 0),
        ([job(HERE, "2027-01-01"), job(THERE, "2026-03-01")], 1),
    ],
)
def test_the_employment_on_the_last_day_decides_else_the_last_before_else_the_first_after(
    employments: Sequence[Employment], chosen: int | None
) -> None:
    assert employment_of(employments, LAST) == (None if chosen is None else employments[chosen])


def test_a_move_within_the_year_changes_the_judge(rulebook: Rulebook) -> None:
    hours = Totals({"public": 2500, "professional": 4500}, {"public": 2500, "professional": 4500})
    jobs = [job(HERE, "2020-01-01", "2025-06-30"), job(THERE, "2025-07-01")]
    judged = judge_period(rulebook, "2025", "fujian", jobs, hours)
    assert (judged.jurisdiction, judged.progress.lines[0].required) == ("neighbour", 2000)
    assert judge_period(rulebook, "2025", "neighbour", jobs[:1], hours).jurisdiction == "fujian"


def test_without_an_employment_the_rules_under_which_hours_were_entered_judge(rulebook: Rulebook) -> None:
    none = Totals({}, {})
    assert judge_period(rulebook, "2025", "neighbour", [], none).jurisdiction == "neighbour"
    elsewhere = job(THERE._replace(region="110000"), "2020-01-01")
    assert judge_period(rulebook, "2025", "fujian", [elsewhere], none).jurisdiction == "fujian"


def test_a_period_before_all_rules_is_not_evaluated(rulebook: Rulebook) -> None:
    judged = judge_period(rulebook, "2022", "fujian", [job(THERE, "2020-01-01")], Totals({}, {}))
    assert (judged.jurisdiction, judged.progress.verdict) == ("fujian", "not_evaluated")


def test_hours_of_a_kind_that_the_judge_does_not_have_fill_nothing(rulebook: Rulebook) -> None:
    hours = Totals({"elective": 9000, "public": 100}, {"elective": 9000})
    judged = judge_period(rulebook, "2025", "fujian", [], hours)
    assert [(line.kind, line.counted, line.registered) for line in judged.progress.lines] == [
        ("public", 0, 100), ("professional", 0, 0), ("total", 0, 100),
    ]  # fmt: skip
    assert judged.totals == hours
