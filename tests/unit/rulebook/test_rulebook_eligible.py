"""What hours mean for an application: words, and what the reader refuses. The days stand in the case files."""

from datetime import date

import pytest

from xueshi_rulebook import EligibleQuestion, Person, RulebookDataError, UnknownPeriodError, load_rulebook
from xueshi_rulebook.eligible import read_title_review
from xueshi_rulebook.yamlsource import parse

FUJIAN = load_rulebook().jurisdiction("fujian")
LUOJIANG = load_rulebook().jurisdiction("luojiang")
WENZHOU = load_rulebook().jurisdiction("wenzhou")
SHAOGUAN = load_rulebook().jurisdiction("shaoguan")


def test_evidence_is_not_the_decision() -> None:
    made = FUJIAN.eligible(EligibleQuestion(date(2024, 6, 1), {"2023": "compliant"}))
    assert (made.outcome, made.weight, made.rule_ids) == ("met", "evidence", ("FJ-21", "FJ-19"))
    chinese, english = made.explain("zh"), made.explain("en")
    assert "2023年度：达标" in chinese
    assert "不代替评审决定" in chinese
    assert "一、第二段（FJ-21）" in chinese
    assert "that law's own requirement prevails" in english
    assert "our reading: The notice names no year" in english


def test_a_must_cancels_and_names_the_papers() -> None:
    made = WENZHOU.eligible(EligibleQuestion(date(2024, 6, 1), {"2023": "compliant"}, falsified=True))
    assert (made.outcome, made.weight) == ("cancelled", "condition")
    chinese, english = made.explain("zh"), made.explain("en")
    assert "弄虚作假" in chinese
    assert "学时登记情况表" in chinese
    assert "no right to apply" in english


def test_a_verdict_by_a_minimum_to_be_confirmed_says_so() -> None:
    made = SHAOGUAN.eligible(EligibleQuestion(date(2021, 12, 1), {"2021": "short"}))
    assert "来源待核实：据称广东省自2021年起执行" in made.explain("zh")
    for question in (
        EligibleQuestion(date(2020, 12, 1), {"2020": "short"}),
        EligibleQuestion(date(2021, 12, 1), {"2021": "short"}, person=Person(occupation="accounting")),
    ):
        assert "待核实" not in SHAOGUAN.eligible(question).explain("zh")


def test_a_cycle_is_named_by_its_days() -> None:
    teacher = Person(occupation="teacher", cycle_from=date(2018, 9, 1))
    made = LUOJIANG.eligible(EligibleQuestion(date(2024, 6, 1), {"20180901-20230831": "short"}, person=teacher))
    assert "2018-09-01至2023-08-31：未达标" in made.explain("zh")
    unknown = LUOJIANG.eligible(EligibleQuestion(date(2024, 6, 1), {}, person=Person(occupation="teacher")))
    assert (unknown.outcome, unknown.periods) == ("unknown", ())
    assert "周期起始日不明" in unknown.explain("zh")


def test_before_the_rules_nothing_is_said_but_that() -> None:
    made = FUJIAN.eligible(EligibleQuestion(date(2023, 5, 8), {"2022": "short"}))
    assert (made.outcome, made.weight, made.periods, made.documents) == ("not_in_force", None, (), ())
    assert "FJ-12" in made.explain("en")


@pytest.mark.parametrize("verdict", ["", "unknown", "certified"])
def test_a_verdict_that_is_none_is_not_known(verdict: str) -> None:
    made = FUJIAN.eligible(EligibleQuestion(date(2024, 6, 1), {"2023": verdict}))
    assert made.outcome == "unknown"
    assert "2023年度：情况不明" in made.explain("zh")


def test_a_named_period_must_be_one() -> None:
    with pytest.raises(UnknownPeriodError):
        FUJIAN.eligible(EligibleQuestion(date(2024, 6, 1), {}, periods=("lately",)))


REVIEW = """\
- code: one
  rule: FJ-21
  asks: {unit: calendar_year, years_before: [1], clause: 甲}
  weight: {is: evidence, clause: 甲}
  findings:
    short: {rule: FJ-21, outcome: unmet, clause: 甲}
    falsified: {rule: FJ-24, outcome: person_decides, clause: 甲}
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (REVIEW.replace("years_before: [1]", "years_before: [1, 1]"), "a year is repeated"),
        (REVIEW.replace("years_before: [1]", "years_before: [21]"), "21 is outside 0 to"),
        (
            REVIEW.replace("years_before: [1]", "years_before: [1], last_ended: true"),
            "either years_before or last_ended",
        ),
        (REVIEW.replace("years_before: [1]", "last_ended: true"), "last_ended is true, of a cycle"),
        (REVIEW.replace("outcome: unmet", "outcome: unmet, years_after: [1]"), "short_otherwise comes with"),
        (REVIEW.replace("outcome: person_decides", "outcome: unmet, years_after: [1]"), "unknown key 'years_after'"),
        (REVIEW.replace("unit: calendar_year", "unit: month"), "'month' is none of"),
        (REVIEW.replace("is: evidence", "is: hint"), "'hint' is none of"),
        (REVIEW.replace("outcome: unmet", "outcome: met"), "'met' is none of"),
        (REVIEW.replace("    short:", "    lazy:"), "unknown key 'lazy'"),
        (REVIEW + REVIEW, "review 'one' is repeated"),
        (REVIEW + REVIEW.replace("code: one", "code: two"), "another value is for the same people"),
        (REVIEW.replace("  asks", "  valid_from: 2023-05-08\n  asks"), "beyond that of FJ-21"),
    ],
)
def test_broken_data_is_refused(text: str, reason: str) -> None:
    read_title_review(parse(REVIEW, "one.yaml"), FUJIAN.rules)
    with pytest.raises(RulebookDataError) as caught:
        read_title_review(parse(text, "one.yaml"), FUJIAN.rules)
    assert reason in caught.value.reason
