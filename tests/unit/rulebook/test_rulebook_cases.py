"""Every packaged case gives the answer that it expects, and a wrong expectation is seen."""

import pytest

from xueshi_rulebook import RulebookDataError, load_rulebook
from xueshi_rulebook.cases import Case, packaged_cases, read_cases, run_case

CASES = packaged_cases()

CASE = """\
cases:
  - id: one
    title: 甲
    rules: [FJ-01]
    jurisdiction: fujian
    ask: progress
    given: {period: "2024", stamped: {public: "30", professional: "60"}}
    expect: {verdict: compliant}
"""


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_case(case: Case) -> None:
    assert run_case(load_rulebook(), case).faults == ()


def test_ids_are_unique_and_rules_exist() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
    assert {rule_id for case in CASES for rule_id in case.rules} <= load_rulebook().rule_ids()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("compliant", "short", "verdict: 'short' expected, 'compliant' found"),
        ("{verdict: compliant}", "{lines: {public: {lacking: 0}}}", "lines.public.lacking: 0 expected, '0' found"),
        ("{verdict: compliant}", "{grade: one}", "grade: missing"),
        ("[FJ-01]", "[FJ-03]", "rule FJ-03 is not named"),
        ('"2024"', '"24"', "verdict: missing"),
    ],
)
def test_what_differs_is_said(old: str, new: str, fault: str) -> None:
    [case] = read_cases(CASE.replace(old, new), "one.yaml")
    assert fault in run_case(load_rulebook(), case).faults


def test_a_question_that_cannot_be_answered_is_an_expectation_too() -> None:
    [case] = read_cases(CASE.replace('"2024"', '"24"').replace("verdict: compliant", "error: UnknownPeriodError"), "x")
    assert run_case(load_rulebook(), case).passed


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("ask: progress", "ask: guess", 6), ("title: 甲", "titel: 甲", 3), ("rules: [FJ-01]", "rules: []", 4)],
)
def test_a_broken_case_names_its_line(old: str, new: str, line: int) -> None:
    with pytest.raises(RulebookDataError) as caught:
        read_cases(CASE.replace(old, new), "broken.yaml")
    assert (caught.value.file, caught.value.line) == ("broken.yaml", line)
