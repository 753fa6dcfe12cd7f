"""Every packaged case gives the answer that it expects, and a wrong expectation is seen."""

from pathlib import Path

import pytest

from xueshi_rulebook import RulebookDataError, load_rulebook
from xueshi_rulebook.cases import (
    Case,
    check_cases,
    coverage,
    explain_case,
    packaged_cases,
    read_cases,
    run_case,
)
from xueshi_rulebook.cases.running import ASKS

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
    check_cases(load_rulebook(), CASES)
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
    outcome = run_case(load_rulebook(), case)
    assert outcome.passed
    assert "rule_ids" not in outcome.answer
    assert not any("one" in covered.cases for covered in coverage(load_rulebook(), [case]))
    assert explain_case(load_rulebook(), case, "zh") == "“24”不是可以评价的年度或周期。"
    assert explain_case(load_rulebook(), case, "en") == "“24” is no year or cycle that is judged."


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ('{kind: public, form: "4", learned: {2024-05-06: "3"}}', "form '4' is none of"),
        ('{kind: sport, form: online, learned: {2024-05-06: "3"}}', "kind 'sport' is none of"),
        ("{kind: professional, form: achievement, facts: [published], rank: 1}", "fact 'published' is none of"),
    ],
)
def test_a_code_that_the_jurisdiction_has_nowhere_is_refused(given: str, fault: str) -> None:
    head = "cases:\n  - {id: one, title: 甲, rules: [FJ-04], jurisdiction: fujian, ask: assess,\n"
    cases = read_cases(f"{head}    given: {given}, expect: {{outcome: rejected}}}}\n", "one.yaml")
    with pytest.raises(RulebookDataError, match=fault) as caught:
        check_cases(load_rulebook(), cases)
    assert (caught.value.file, caught.value.line) == ("one.yaml", 3)


def test_a_day_that_is_none_names_its_line() -> None:
    given = '{kind: public, form: online, learned: {2024-13-05: "3"}}'
    head = "cases:\n  - {id: one, title: 甲, rules: [FJ-04], jurisdiction: fujian, ask: assess,\n"
    with pytest.raises(RulebookDataError, match="not '2024-13-05'") as caught:
        read_cases(f"{head}    given: {given}, expect: {{outcome: rejected}}}}\n", "one.yaml")
    assert caught.value.line == 3


@pytest.mark.parametrize("ask", sorted(ASKS))
def test_the_docs_name_each_question_with_its_keys(ask: str) -> None:
    page = (Path(__file__).parents[3] / "docs/rulebook.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith(f"| `{ask}` |")]
    used = {key for case in CASES if case.ask == ask for key in case.given.entries()}
    assert {key for key in used if f"`{key}`" not in row} == set()


def test_an_id_stands_once_in_a_file() -> None:
    with pytest.raises(RulebookDataError, match=r"stands at one\.yaml:2 too"):
        read_cases(CASE + CASE.removeprefix("cases:\n"), "one.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("ask: progress", "ask: guess", 6),
        ("title: 甲", "titel: 甲", 3),
        ("rules: [FJ-01]", "rules: []", 4),
        ("expect: {verdict: compliant}", "expect: {}", 8),
    ],
)
def test_a_broken_case_names_its_line(old: str, new: str, line: int) -> None:
    with pytest.raises(RulebookDataError) as caught:
        read_cases(CASE.replace(old, new), "broken.yaml")
    assert (caught.value.file, caught.value.line) == ("broken.yaml", line)
