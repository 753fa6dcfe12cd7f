"""Half days of a class (LJ-08) and training funds (SG-09)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import (
    FactTypeError,
    FundsQuestion,
    HalfDay,
    NoSuchRuleError,
    RulebookDataError,
    UnknownKindError,
    load_rulebook,
)
from xueshi_rulebook.attendance import read_attendance
from xueshi_rulebook.funds import read_funds
from xueshi_rulebook.yamlsource import parse

FUJIAN = load_rulebook().jurisdiction("fujian")
LUOJIANG = load_rulebook().jurisdiction("luojiang")
SHAOGUAN = load_rulebook().jurisdiction("shaoguan")
MORNING = HalfDay(date(2018, 5, 15), "morning", 400, 1, 1)
YEAR_END = date(2019, 12, 31)


def test_each_half_day_stands_alone_and_in_order_of_time() -> None:
    afternoon = MORNING._replace(half="afternoon", sign_outs=0)
    made = LUOJIANG.attendance([afternoon, MORNING])
    assert [(each.half_day.half, each.credited, each.code) for each in made.half_days] == [
        ("morning", 400, ""),
        ("afternoon", 0, "NO_SIGN_OUT"),
    ]
    assert made.credited == 400
    assert "2018-05-15下午：无签退，4学时不计" in made.explain("zh")
    assert "2018-05-15 morning: signed in and out, 4 hours" in made.explain("en")
    assert "该半日不计学时" in made.explain("zh")


def test_no_half_day_credits_nothing() -> None:
    assert LUOJIANG.attendance([]).credited == 0


@pytest.mark.parametrize("wrong", [{"centihours": -1}, {"sign_ins": -1}, {"sign_outs": -1}])
def test_numbers_below_zero_are_errors(wrong: dict[str, int]) -> None:
    with pytest.raises(FactTypeError):
        LUOJIANG.attendance([MORNING._replace(**wrong)])  # type: ignore[arg-type]


def test_where_no_notice_asks_there_is_no_answer() -> None:
    with pytest.raises(NoSuchRuleError):
        FUJIAN.attendance([MORNING])
    with pytest.raises(NoSuchRuleError):
        FUJIAN.funds(FundsQuestion(YEAR_END, 100, {}))


@given(wages=st.integers(0, 10**12), spent=st.integers(0, 10**11))
def test_what_is_lacking_would_just_be_enough(wages: int, spent: int) -> None:
    made = SHAOGUAN.funds(FundsQuestion(YEAR_END, wages, {"professional": spent}))
    assert (made.verdict == "met") == (spent * 1000 >= wages * 15)
    filled = SHAOGUAN.funds(FundsQuestion(YEAR_END, wages, {"professional": spent, "elective": made.lacking_fen}))
    assert filled.verdict == "met"


def test_funds_show_their_arithmetic() -> None:
    made = SHAOGUAN.funds(FundsQuestion(YEAR_END, 100_000_000, {"professional": 1_000_000, "public": 900_000}))
    assert "1000000.00 × 1.5% = 15000.00元，15000.00 − 10000.00 = 5000.00" in made.explain("zh")
    assert "公需科目经费由省财政安排" in made.explain("zh")
    assert "short by 5000.00" in made.explain("en")


def test_amounts_that_cannot_be_are_errors() -> None:
    for wages, spent in ((-1, {}), (1, {"professional": -1})):
        with pytest.raises(FactTypeError):
            SHAOGUAN.funds(FundsQuestion(YEAR_END, wages, spent))
    with pytest.raises(UnknownKindError):
        SHAOGUAN.funds(FundsQuestion(YEAR_END, 1, {"hobby": 1}))


ATTENDANCE = """\
rule: LJ-08
sign_ins: {times: 1, clause: 甲}
sign_outs: {times: 1, clause: 甲}
without: {credited: none, clause: 甲}
"""
FUNDS = """\
rule: SG-09
least: {percent: "1.5", clause: 甲}
kinds: {counts: [professional], clause: 甲}
"""


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("times: 1", "times: 0", "0 is outside 1 to 10"),
        ("times: 1", "hours: 1", "unknown key 'hours'"),
        ("credited: none", "credited: half", "'half' is none of"),
        ("clause: 甲", "note: 甲", "unknown key 'note'"),
        ("rule: LJ-08", "rule: LJ-88", "no rule 'LJ-88'"),
    ],
)
def test_broken_attendance_is_refused(old: str, new: str, reason: str) -> None:
    read_attendance(parse(ATTENDANCE, "a.yaml"), LUOJIANG.rules, {})
    with pytest.raises(RulebookDataError, match=reason):
        read_attendance(parse(ATTENDANCE.replace(old, new, 1), "a.yaml"), LUOJIANG.rules, {})


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"1.5"', '"100.01"', "100.01 per cent is outside 0 to 100"),
        ('"1.5"', '"0"', "outside 0 to 100"),
        ('"1.5"', "1.5", "text is expected"),
        ("[professional]", "[hobby]", "'hobby' is none of"),
        ("clause: 甲", "note: 甲", "unknown key 'note'"),
    ],
)
def test_broken_funds_are_refused(old: str, new: str, reason: str) -> None:
    read_funds(parse(FUNDS, "f.yaml"), SHAOGUAN.rules, SHAOGUAN.kinds, {})
    with pytest.raises(RulebookDataError, match=reason):
        read_funds(parse(FUNDS.replace(old, new, 1), "f.yaml"), SHAOGUAN.rules, SHAOGUAN.kinds, {})
