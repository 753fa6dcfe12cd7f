"""What a period needs, has and lacks, in numbers and words; the thresholds themselves stand in the case files."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import Person, Progress, UnknownKindError, UnknownPeriodError, format_hours, load_rulebook
from xueshi_rulebook.person import INSTITUTION_LEVELS, OCCUPATIONS

FUJIAN = load_rulebook().jurisdiction("fujian")
LUOJIANG = load_rulebook().jurisdiction("luojiang")
WENZHOU = load_rulebook().jurisdiction("wenzhou")
SHAOGUAN = load_rulebook().jurisdiction("shaoguan")
DOCTOR = Person(occupation="health", institution_level="secondary")
TEACHER = Person(occupation="teacher")


def lacking(progress: Progress) -> dict[str, int]:
    found = {line.kind: line.lacking for line in progress.lines if line.lacking}
    assert (progress.verdict == "short") == bool(found)
    return found


def hours(**amounts: int) -> dict[str, int]:
    return {kind: amount * 100 for kind, amount in amounts.items()}


def words(progress: Progress) -> tuple[str, str]:
    return progress.explain("zh"), progress.explain("en")


@pytest.mark.parametrize(
    ("public", "professional", "expected"),
    [
        (2999, 6000, {"public": 1, "total": 1}),
        (3000, 6000, {}),
        (3001, 6000, {}),
        (3000, 5999, {"professional": 1, "total": 1}),
        (2999, 6001, {"public": 1}),
        (2999, 12000, {"public": 1}),
        (0, 0, {"public": 3000, "professional": 6000, "total": 9000}),
    ],
)
def test_a_hundredth_of_an_hour_decides(public: int, professional: int, expected: dict[str, int]) -> None:
    stamped = {"public": public, "professional": professional}
    assert lacking(FUJIAN.progress("2024", stamped, stamped)) == expected


def test_registered_hours_do_not_count_until_stamped() -> None:
    progress = FUJIAN.progress("2024", hours(public=30), hours(public=30, professional=60))
    line = {each.kind: each for each in progress.lines}["professional"]
    assert (line.counted, line.registered, line.lacking, line.unit) == (0, 6000, 6000, "hours")
    assert "60 more hours are registered" in progress.explain("en")


def test_hours_are_called_by_the_act_that_makes_them_count() -> None:
    stamped, registered = hours(public=30), hours(public=30, professional=60)
    fujian = words(FUJIAN.progress("2024", stamped, registered))
    assert "已验印30学时" in fujian[0]
    assert "待验印60学时" in fujian[0]
    assert "30 stamped" in fujian[1]
    shaoguan = words(SHAOGUAN.progress("2019", stamped, registered))
    assert "已认定30学时" in shaoguan[0]
    assert "待认定60学时，认定后计入" in shaoguan[0]
    assert "30 recognised" in shaoguan[1]
    assert "验印" not in shaoguan[0]


def test_amounts_of_a_source_to_be_confirmed_are_not_given_the_notice_s_clause() -> None:
    chinese, english = words(SHAOGUAN.progress("2021", {}, {}))
    assert "SG-01" not in chinese + english
    assert "其中来源待核实：据称广东省自2021年起执行" in chinese
    assert "一、第一段；引言（SG-01）" in words(SHAOGUAN.progress("2020", {}, {}))[0]


def test_the_explanation_shows_arithmetic_clause_and_reading() -> None:
    stamped = {"public": 4000, "professional": 5550}
    progress = FUJIAN.progress("2024", stamped, stamped)
    assert progress.rule_ids == ("FJ-01",)
    chinese, english = words(progress)
    for each in (chinese, english):
        assert "55.5 = 4.5" in each
        assert "40 + 55.5 = 95.5" in each
        assert "闽人社办〔2023〕70号 二、第一段" in each
        assert "FJ-01" in each
    assert "2024年度：未达标" in chinese
    assert "理解" in chinese
    assert "our reading" in english


def test_what_is_given_may_change_afterwards() -> None:
    stamped = hours(public=30, professional=60)
    progress = FUJIAN.progress("2024", stamped, stamped)
    said = progress.explain("zh")
    stamped.clear()
    assert progress.explain("zh") == said
    assert progress == FUJIAN.progress("2024", hours(public=30, professional=60), hours(public=30, professional=60))


def test_a_cap_is_shown_as_arithmetic() -> None:
    stamped = hours(medical=18, medical_remote=15)
    chinese, english = words(LUOJIANG.progress("2024", stamped, stamped, DOCTOR))
    assert "18 + 0 + min(15 + 0, 12) = 30" in chinese
    assert "不少于25学分" in chinese
    assert "适用对象：医疗卫生人员" in chinese
    assert "at least 25 credits" in english


def test_the_other_measure_of_a_line_is_shown() -> None:
    stamped = hours(public=18, professional=42, elective=11, attended_days=12)
    chinese, english = words(SHAOGUAN.progress("2019", stamped, stamped))
    assert "已认定71学时。或者不少于12天，已有12天，达标。" in chinese
    assert "Or at least 12 days, 12 are there: met." in english
    few = {**stamped, "attended_days": 1150}
    assert "已有11.5天，不足" in SHAOGUAN.progress("2019", few, few).explain("zh")


def test_an_equation_of_the_notice_and_a_years_share_are_shown() -> None:
    stamped = hours(public=30, professional=59, elective=5)
    accountant = SHAOGUAN.progress("2019", stamped, stamped, Person(occupation="accounting"))
    assert "90学分，1学分 = 1学时" in accountant.explain("zh")
    teacher = LUOJIANG.progress("20180901-20230831", stamped, stamped, TEACHER)
    assert "每年90 × 5年 = 450" in teacher.explain("zh")
    assert "2018-09-01 to 2023-08-31: short" in teacher.explain("en")


def test_what_is_unconfirmed_is_said_to_be() -> None:
    assert "来源待核实" in SHAOGUAN.progress("2021", {}, {}).explain("zh")
    assert "来源待核实" not in SHAOGUAN.progress("2020", {}, {}).explain("zh")


def test_a_period_without_a_minimum_is_not_evaluated_and_shows_what_there_is() -> None:
    progress = FUJIAN.progress("2022", hours(professional=60), hours(professional=62))
    assert (progress.verdict, progress.rule_ids, progress.profile) == ("not_evaluated", ("FJ-12",), "")
    assert [(line.kind, line.required, line.counted, line.lacking) for line in progress.lines] == [
        ("professional", 0, 6000, 0)
    ]
    chinese, english = words(progress)
    assert "不作评价" in chinese
    assert "另有已登记待验印2学时" in chinese
    assert "not evaluated" in english


def test_a_minimum_that_changed_within_the_year_says_by_which_day_it_is_judged() -> None:
    assert "最后一日" in FUJIAN.progress("2023", {}, {}).explain("zh")
    assert "最后一日" not in FUJIAN.progress("2024", {}, {}).explain("zh")


@pytest.mark.parametrize(
    ("person", "said"),
    [
        (Person(employed_from=date(2024, 1, 2)), True),
        (Person(employed_from=date(2024, 1, 1)), False),
        (Person(employed_to=date(2024, 12, 30)), True),
        (Person(employed_to=date(2024, 12, 31)), False),
        (Person(), False),
    ],
)
def test_who_is_employed_for_a_part_of_the_year_is_told_that_nothing_is_reduced(person: Person, *, said: bool) -> None:
    assert ("入职、离职或退休" in FUJIAN.progress("2024", {}, {}, person).explain("zh")) == said


def test_what_is_brought_along_is_shown_kind_by_kind() -> None:
    stamped = hours(public=12, professional=72, elective=3)
    chinese, english = words(WENZHOU.progress("2024", stamped, stamped))
    assert "他地的公需科目12学时计入一般公需科目" in chinese
    assert "他地的选修科目3学时在此没有对应的科目，不计入" in chinese
    assert "do not count" in english


def test_hours_of_a_kind_that_nobody_has_are_refused() -> None:
    for stamped, registered in (("sport", "public"), ("public", "sport")):
        with pytest.raises(UnknownKindError):
            FUJIAN.progress("2024", {stamped: 1}, {registered: 1})


@pytest.mark.parametrize("period", ["", "24", "20240", "2024-25", "０００１", "0000", "20240101-20231231"])
def test_what_is_no_period(period: str) -> None:
    with pytest.raises(UnknownPeriodError):
        FUJIAN.progress(period, {}, {})
    with pytest.raises(UnknownPeriodError):
        FUJIAN.days_of(period)


def test_the_days_of_a_period() -> None:
    assert FUJIAN.days_of("2024") == (date(2024, 1, 1), date(2024, 12, 31))
    assert LUOJIANG.days_of("20190301-20240229") == (date(2019, 3, 1), date(2024, 2, 29))


def test_every_line_has_a_name() -> None:
    assert WENZHOU.line_names["public"].zh == "公需科目（行业公需和一般公需）"
    assert LUOJIANG.line_names["total"] == FUJIAN.line_names["total"]
    assert "attended_days" not in SHAOGUAN.kinds
    assert SHAOGUAN.line_names["attended_days"].en == "days of continuing education"


AMOUNTS = st.integers(0, 20_000)


@given(
    name=st.sampled_from(sorted(load_rulebook().jurisdictions)),
    year=st.integers(2015, 2030),
    occupation=st.sampled_from(["", *OCCUPATIONS]),
    level=st.sampled_from(["", *INSTITUTION_LEVELS]),
    more=AMOUNTS,
    data=st.data(),
)
def test_more_hours_never_make_it_worse(
    name: str, year: int, occupation: str, level: str, more: int, data: st.DataObject
) -> None:
    jurisdiction, person = load_rulebook().jurisdiction(name), Person(0, occupation, level)
    stamped = data.draw(st.dictionaries(st.sampled_from(sorted(jurisdiction.line_names.keys() & kinds())), AMOUNTS))
    kind = data.draw(st.sampled_from(sorted(jurisdiction.kinds)))
    richer = {**stamped, kind: stamped.get(kind, 0) + more}
    before = jurisdiction.progress(str(year), stamped, stamped, person)
    after = jurisdiction.progress(str(year), richer, richer, person)
    assert (before.verdict, after.verdict) != ("compliant", "short")
    assert sum(lacking(after).values()) <= sum(lacking(before).values())
    for each in (before, after):
        assert all(line.lacking == 0 or line.lacking == line.required - line.counted for line in each.lines)
        assert each.explain("zh")
        assert each.explain("en")


def kinds() -> set[str]:
    return {kind for each in load_rulebook().jurisdictions.values() for kind in each.kinds}


def test_hours_are_written_without_trailing_zeros() -> None:
    assert [format_hours(each) for each in (0, 5, 50, 100, 450, 1000)] == ["0", "0.05", "0.5", "1", "4.5", "10"]
