"""Who stamps or recognises (FJ-08, LJ-04, WZ-02, SG-04), who confirms a platform (FJ-15), and why, in words.

Which authority each notice names is shown by the case files beside its data.
"""

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import (
    Authority,
    NoSuchRuleError,
    Route,
    RouteQuestion,
    UnknownDivisionError,
    UnknownKindError,
    load_rulebook,
)

FUJIAN = load_rulebook().jurisdiction("fujian")
LUOJIANG = load_rulebook().jurisdiction("luojiang")
SHAOGUAN = load_rulebook().jurisdiction("shaoguan")
CONSTRUCTION, EDUCATION, HEALTH = 5, 16, 17


def hrss(name: str, region: str, level: str) -> Authority:
    return Authority(name, "hrss", region, level, frozenset(), unable=False)  # type: ignore[arg-type]


def body(name: str, region: str, level: str, *industries: int, unable: bool = False) -> Authority:
    return Authority(name, "industry", region, level, frozenset(industries), unable)  # type: ignore[arg-type]


AUTHORITIES = [
    hrss("province", "350000", "province"),
    hrss("quanzhou", "350500", "city"),
    hrss("luojiang", "350504", "county"),
    hrss("fuzhou", "350100", "city"),
    hrss("pingtan", "350128", "city"),
    body("quanzhou-construction", "350500", "city", CONSTRUCTION),
    body("luojiang-construction", "350504", "county", CONSTRUCTION),
    body("luojiang-education", "350504", "county", EDUCATION),
    body("luojiang-health", "350504", "county", HEALTH, unable=True),
]


def ask(kind: str, region: str, industry: int | None, registration: str = "submitted") -> Route:
    question = RouteQuestion(kind, region, industry, registration)  # type: ignore[arg-type]
    routed = FUJIAN.route(question, AUTHORITIES)
    router = FUJIAN.router(AUTHORITIES)
    assert router(question) == router(question) == routed
    return routed


def test_what_is_automatic_still_needs_somebody_in_whose_name_it_is_done() -> None:
    routed = ask("public", "350502", None, "automatic")
    assert (routed.authority_id, routed.automatic, routed.code) == (None, True, "NO_AUTHORITY")
    assert ask("public", "350504", None, "automatic").code == ""


def test_what_stands_without_an_authority_awaits_none() -> None:
    shaoguan = load_rulebook().jurisdiction("shaoguan")
    routed = shaoguan.route(RouteQuestion("public", "440204", None, "automatic"), [])
    assert (routed.authority_id, routed.automatic, routed.code) == (None, True, "")
    assert "尚未登记" not in routed.explain("zh")
    assert "不自动上移" not in routed.explain("zh")


def test_an_able_body_is_preferred_and_ties_do_not_depend_on_order() -> None:
    bodies = [
        body("a", "350504", "county", HEALTH, unable=True),
        body("c", "350504", "county", HEALTH),
        body("b", "350504", "county", HEALTH),
    ]
    question = RouteQuestion("professional", "350504", HEALTH, "submitted")
    for order in permutations(bodies):
        assert FUJIAN.route(question, order).authority_id == "b"


def test_an_authority_at_another_level_than_its_area_answers_for_nobody() -> None:
    question = RouteQuestion("public", "350504", None, "submitted")
    assert FUJIAN.route(question, [hrss("wrong", "350504", "city")]).authority_id is None


def test_questions_that_have_no_answer_are_errors() -> None:
    with pytest.raises(UnknownKindError):
        ask("elective", "350504", None)
    with pytest.raises(UnknownDivisionError):
        ask("public", "nowhere", None)
    with pytest.raises(UnknownKindError):
        FUJIAN.platform_confirmer("elective", "city", "350500", None, AUTHORITIES)


def test_where_no_notice_knows_accession_or_spot_checks_the_question_is_an_error() -> None:
    with pytest.raises(NoSuchRuleError):
        SHAOGUAN.platform_confirmer("public", "city", "440200", None, [])
    with pytest.raises(NoSuchRuleError):
        SHAOGUAN.spot_check("440200", None, [])


def test_an_employer_acts_without_being_an_authority() -> None:
    routed = SHAOGUAN.route(RouteQuestion("elective", "440204", None, "submitted"), [])
    assert (routed.actor, routed.authority_id, routed.code) == ("employer", None, "AWAITS_EMPLOYER")
    assert routed.is_done_by(["employer"])
    assert not routed.is_done_by(["hrss", "industry"])


def test_who_has_no_authority_entered_need_not_act_too() -> None:
    question = RouteQuestion("public", "350504", HEALTH, "submitted", date(2020, 1, 1))
    alone = LUOJIANG.route(question, [hrss("luojiang", "350504", "county")])
    assert alone.is_done_by(["hrss"])
    both = LUOJIANG.route(question, AUTHORITIES)
    assert not both.is_done_by(["hrss"])
    assert both.is_done_by(["hrss", "industry"])


@given(st.dates(), st.dates(), st.sampled_from(["public", "professional"]), st.sampled_from([None, 5, 16, 17]))
def test_days_of_one_epoch_have_one_answer(one: date, other: date, kind: str, industry: int | None) -> None:
    router = LUOJIANG.router(AUTHORITIES)
    answers = [router(RouteQuestion(kind, "350504", industry, "submitted", day)) for day in (one, other)]
    if router.epoch(one) == router.epoch(other):
        assert answers[0] is answers[1]
    for day in (one, other):
        fresh = LUOJIANG.route(RouteQuestion(kind, "350504", industry, "submitted", day), AUTHORITIES)
        assert fresh == answers[(one, other).index(day)]


@pytest.mark.parametrize(
    ("question", "says"),
    [
        (
            RouteQuestion("professional", "350504", 6, "submitted"),
            (
                "专业科目：由洛江区人力资源和社会保障部门〔luojiang〕验印。",
                "洛江区未明确该行业（交通运输、仓储和邮政业）的主管部门",
                "层级：用人单位所属层级（洛江区）。",
                "依据：闽人社办〔2023〕70号 附件2 二（一）（二）（FJ-08）。",
            ),
        ),
        (
            RouteQuestion("professional", "350504", HEALTH, "submitted"),
            ("洛江区的行业主管部门（卫生、社会保障和社会福利业）暂无法进行（由管理员设定）",),
        ),
        (
            RouteQuestion("professional", "350504", CONSTRUCTION, "automatic"),
            (
                "专业科目：自动验印，无需人工办理，由洛江区行业主管部门（建筑业）〔luojiang-construction〕负责。",
                "（FJ-09）",
            ),
        ),
        (
            RouteQuestion("professional", "350502", None, "submitted"),
            ("平台上尚未登记该部门", "鲤城区未明确该行业（未填行业）的主管部门", "不自动上移"),
        ),
        (
            RouteQuestion("public", "350128", None, "submitted"),
            ("由平潭县人力资源和社会保障部门〔pingtan〕", "（FJ-26）"),
        ),
        (
            RouteQuestion("professional", "350504", 6, "submitted", date(2023, 5, 8)),
            ("审核并录入", "比照附件2二（二）", "（FJ-12）"),
        ),
    ],
)
def test_a_route_is_explained_with_its_clause_and_its_fallback(question: RouteQuestion, says: tuple[str, ...]) -> None:
    routed = FUJIAN.route(question, AUTHORITIES)
    for words in says:
        assert words in routed.explain("zh")
    english = routed.explain("en")
    assert all(f"({rule_id})" in english for rule_id in routed.rule_ids)
    assert english.count("\n") == routed.explain("zh").count("\n")


def test_others_with_a_part_are_named() -> None:
    cycle = LUOJIANG.route(RouteQuestion("public", "350504", EDUCATION, "submitted", cycle_end=True), AUTHORITIES)
    assert "会同洛江区人力资源和社会保障部门〔luojiang〕办理。" in cycle.explain("zh")
    filed = FUJIAN.platform_confirmer("public", "county", "350504", None, AUTHORITIES)
    assert "Then it is filed with HRSS of 福建省 350000 [province]." in filed.explain("en")
    assert "层级：按基地级别为泉州市。" in filed.explain("zh")


def test_what_awaits_the_employer_says_so_and_names_no_level() -> None:
    said = SHAOGUAN.route(RouteQuestion("professional", "440204", 3, "submitted"), []).explain("zh")
    assert said.startswith("专业科目：由用人单位认定，认定前不计入。")
    assert "层级" not in said
    assert "（SG-04）" in said


def test_a_retired_area_is_shown_by_its_code() -> None:
    assert "350784" in FUJIAN.route(RouteQuestion("public", "350784", None, "submitted"), []).explain("zh")
