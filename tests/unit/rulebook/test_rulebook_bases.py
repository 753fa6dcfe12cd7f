"""Provincial bases (S3): what its answers say; thresholds and days stand in the case files."""

from datetime import date
from importlib import resources

import pytest

from xueshi_rulebook import (
    BaseQuestion,
    FactTypeError,
    NoSuchRuleError,
    PastEvent,
    RulebookDataError,
    UnknownFactError,
    load_rulebook,
)
from xueshi_rulebook.base_data import read_bases
from xueshi_rulebook.conditions import Facts, Reader
from xueshi_rulebook.yamlsource import parse

FUJIAN = load_rulebook().jurisdiction("fujian")
DAY = date(2025, 3, 1)
FILE = "jurisdictions/fujian/bases.yaml"
TEXT = (resources.files("xueshi_rulebook") / FILE).read_text(encoding="utf-8")


def test_an_application_is_explained_with_numbers_clauses_and_readings() -> None:
    past = (PastEvent("cancelled", date(2024, 12, 1)),)
    made = FUJIAN.base(BaseQuestion("application", DAY, {"venue_people": 99, "managers": 6}, past))
    said = made.explain("zh")
    assert "申报：不予受理" in said
    assert "要求不少于100人，现为99人，100 − 99 = 1，不符合（第七条（二））" in said
    assert "要求不少于5人，现为6人，符合（第七条（三））" in said
    assert "要求不少于1000人，未提交（第七条（五））" in said
    assert "至2027-12-01止不予受理" in said
    assert "当日不计入" in said
    assert "审核推荐：尚未办理（第八条（三））" in said
    assert "办理：" not in said
    assert "第二十四条（BA-08）" in said
    assert "at least 100 people required, 99 people shown, 100 - 99 = 1: not met" in made.explain("en")


def test_a_bar_without_end_is_said_to_be_a_reading() -> None:
    past = (PastEvent("forged_application", date(2024, 12, 1)),)
    made = FUJIAN.base(BaseQuestion("application", DAY, {}, past))
    assert (made.outcome, made.bar, made.until) == ("barred", "forged_application", None)
    assert "理解为永久" in made.explain("zh")
    assert "read as for ever" in made.explain("en")


def test_what_happened_after_the_question_bars_nothing() -> None:
    past = (PastEvent("cancelled", date(2025, 3, 2)),)
    assert FUJIAN.base(BaseQuestion("application", DAY, {}, past)).bar == ""
    assert FUJIAN.base(BaseQuestion("application", date(2025, 3, 2), {}, past)).bar == "cancelled"


def test_the_longest_bar_counts_in_any_order() -> None:
    events = (PastEvent("cancelled", date(2024, 12, 1)), PastEvent("forged_application", date(2024, 11, 1)))
    for past in (events, events[::-1]):
        assert FUJIAN.base(BaseQuestion("application", DAY, {}, past)).bar == "forged_application"


def test_one_cause_that_cancels_is_enough_and_each_is_listed() -> None:
    facts = {"irregular_fees": True, "grave_incident": True, "commissioned": True, "tasks_not_done": False}
    made = FUJIAN.base(BaseQuestion("sanction", DAY, facts))
    assert made.outcome == "cancel"
    assert {each.code: each.standing for each in made.causes} == {
        "irregular_fees": "rectify",
        "grave_incident": "cancel",
        "commissioned": "allowed",
    }
    assert (made.until, made.bar) == (date(2028, 3, 1), "cancelled")
    assert made.rule_ids == ("BA-07", "BA-03", "BA-08")
    assert "如当日取消，至2028-03-01止不再受理申请" in made.explain("zh")
    assert "乱收费：责令限期整改（第二十三条第一款（二））" in made.explain("zh")
    assert "no application is accepted until the end of 2028-03-01" in made.explain("en")


def test_the_earliest_last_day_is_told() -> None:
    facts: Facts = {"irregular_fees": True, "stopped": date(2024, 10, 1)}
    made = FUJIAN.base(BaseQuestion("sanction", DAY, facts, rectify_by=date(2025, 12, 31)))
    assert (made.outcome, made.until) == ("rectify", date(2025, 10, 1))
    assert "尚在期限内（期限2025-10-01）（第二十三条第二款（二））" in made.explain("zh")


def test_a_period_begins_with_the_measures_at_the_earliest() -> None:
    made = FUJIAN.base(BaseQuestion("sanction", DAY, {"stopped": date(2023, 9, 1)}))
    assert (made.outcome, made.until) == ("none", date(2025, 9, 30))
    assert "办法施行前已暂停的，自施行之日起算" in made.explain("zh")


def test_what_no_longer_bars_is_said_to_rest_on_a_reading() -> None:
    made = FUJIAN.base(BaseQuestion("application", DAY, {}, (PastEvent("left_voluntarily", date(2025, 2, 1)),)))
    assert made.bar == ""
    assert "不受三年限制" in made.explain("zh")
    older = FUJIAN.base(BaseQuestion("application", DAY, {}, (PastEvent("cancelled", date(2024, 9, 29)),)))
    assert (older.bar, older.until) == ("cancelled", date(2027, 9, 29))
    assert "施行前被撤销或弄虚作假的" in older.explain("zh")


def test_an_application_is_told_who_takes_each_step() -> None:
    made = FUJIAN.base(BaseQuestion("application", DAY, {}))
    assert made.steps == ("base_recommended", "base_reviewed", "base_recognised", "base_published")
    said = made.explain("zh")
    assert said.index("推荐，报省人力资源和社会保障厅。") < said.index("统一公布，颁发匾牌。")
    assert FUJIAN.base(BaseQuestion("plan", DAY, {})).steps == ()


def test_leaving_of_ones_own_will_bars_nothing() -> None:
    said = FUJIAN.base(BaseQuestion("sanction", DAY, {"requested_by_unit": True}))
    assert "不影响再次申请" in said.explain("zh")
    assert "a new application is free" in said.explain("en")


def test_a_day_without_the_measures_is_said() -> None:
    made = FUJIAN.base(BaseQuestion("plan", date(2024, 9, 29), {}))
    assert (made.outcome, made.findings, made.rule_ids) == ("not_in_force", (), ("BA-05",))
    assert "办法未施行或已失效" in made.explain("zh")


def test_questions_that_have_no_answer_are_errors() -> None:
    with pytest.raises(UnknownFactError):
        FUJIAN.base(BaseQuestion("plan", DAY, {"venue_people": 100}))
    with pytest.raises(UnknownFactError):
        FUJIAN.base(BaseQuestion("application", DAY, {}, (PastEvent("late", DAY),)))
    with pytest.raises(FactTypeError):
        FUJIAN.base(BaseQuestion("sanction", DAY, {"stopped": True}))
    with pytest.raises(NoSuchRuleError):
        load_rulebook().jurisdiction("shaoguan").base(BaseQuestion("plan", DAY, {}))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("rule: BA-05", "rule: FJ-15", "not in force on the same days"),
        ("rule: BA-08", "rule: BA-88", "no rule 'BA-88'"),
        ("deadline: base_reapplication\n", "deadline: christmas\n", "'christmas' is none of"),
        ("unless: {deadline: base_restoration}", "unless: {deadline: christmas}", "'christmas' is none of"),
        ("code: left_voluntarily", "code: cancelled", "bar 'cancelled' is repeated"),
        ("recorded_as: cancelled", "recorded_as: praised", "'praised' is none of"),
        ("        recorded_as: cancelled\n", "", "exactly where it may lead to one"),
        (
            "leads_to: rectify",
            "leads_to: rectify\n        unless: {deadline: base_restoration}",
            "only what leads to cancelling",
        ),
        ("code: tasks_not_done", "code: measures_not_followed", "is repeated"),
        ("  plan:", "  plans:", "unknown key 'plans'"),
    ],
)
def test_broken_data_is_refused(old: str, new: str, reason: str) -> None:
    assert old in TEXT
    section = parse(TEXT.replace(old, new, 1), FILE).entries()["bases"]
    with pytest.raises(RulebookDataError) as caught:
        read_bases(section, FUJIAN.rules, FUJIAN._parts.deadlines, Reader(FUJIAN.rules), {})
    assert reason in caught.value.reason
    assert caught.value.file == FILE
