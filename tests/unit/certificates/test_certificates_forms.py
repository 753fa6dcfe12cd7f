"""The words of each jurisdiction's proofs, all of which come from the rulebook."""

from dataclasses import replace

import pytest

from tests.unit.certificates.proof_samples import IDENTITY, compliant, content_of, entry, state
from xueshi_certificates.domain.content import Content, KindTotal
from xueshi_certificates.domain.forms import ProofForms, UnknownJurisdictionError
from xueshi_certificates.domain.holder import Holder
from xueshi_certificates.wire.view import ProofView, view_of
from xueshi_rulebook import ANYBODY, Person, load_rulebook

RULEBOOK = load_rulebook()
FORMS = ProofForms(RULEBOOK)


def view(content: Content) -> ProofView:
    return view_of(state(content), Holder.named(IDENTITY), FORMS, "https://check.example")


@pytest.mark.parametrize("jurisdiction", sorted(RULEBOOK.jurisdictions))
def test_every_jurisdiction_has_a_form_that_cites_its_own_notice(jurisdiction: str) -> None:
    form = FORMS.of(jurisdiction)
    assert all((form.letters, form.title.zh, form.issuer.zh, form.supervisor.zh, form.rule_ids))
    numbers = {source.number for source in RULEBOOK.jurisdiction(jurisdiction).sources.values()}
    cited = FORMS.citations(jurisdiction, {})
    assert cited
    assert {each.number for each in cited} <= numbers
    assert all(each.title_zh for each in cited)


def test_a_jurisdiction_that_the_rulebook_lacks_has_no_form() -> None:
    with pytest.raises(UnknownJurisdictionError):
        FORMS.of("atlantis")


def test_wenzhou_prints_the_register_of_hours_from_its_own_system() -> None:
    shown = view(replace(compliant(), jurisdiction="wenzhou", rule_ids=("WZ-01",), clauses=()))
    assert shown.title == "继续教育学时登记情况表"
    assert shown.issuer == "温州继续教育网学时登记服务管理系统"
    notice = "《温州市专业技术人员继续教育学时管理实施细则（试行）》（温人社发〔2017〕264号）"
    clauses = [RULEBOOK.rule(rule_id).clause for rule_id in ("WZ-01", "WZ-08", "WZ-05")]
    assert shown.grounds == (notice + "；".join(clauses),)


def test_a_verdict_is_cited_by_the_clauses_that_it_was_told_with() -> None:
    number = RULEBOOK.rule("FJ-01").source
    told = replace(compliant(), rule_ids=("FJ-01", "FJ-99", "FJ-02"), clauses=(f"{number} 三、旧款", "旧号 一"))
    own, former = view(told).grounds
    assert own.startswith(f"《{FORMS.citations('fujian', {})[0].title_zh}》（{number}）三、旧款；")
    assert f"；{RULEBOOK.rule('FJ-02').clause}" in own
    assert RULEBOOK.rule("FJ-01").clause not in own
    assert former == "旧号一"


def test_hours_that_a_person_brought_along_are_named_by_where_they_come_from() -> None:
    assert FORMS.kind_zh("shaoguan", "general_public") == "一般公需科目"
    assert FORMS.kind_zh("shaoguan", "astronomy") == "astronomy"
    assert FORMS.learning_form_zh("shaoguan", "achievement", "professional") != "achievement"
    assert FORMS.learning_form_zh("shaoguan", "achievement", "astronomy") == "achievement"
    assert FORMS.unit_of("shaoguan", "astronomy") == "hours"


def test_a_form_of_learning_is_named_as_its_kind_has_it() -> None:
    assert FORMS.learning_form_zh("wenzhou", "online", "general_public") == "公需科目网络课程"
    assert FORMS.learning_form_zh("wenzhou", "online", "industry_public") == "行业公需科目网络课程"
    assert FORMS.learning_form_zh("luojiang", "face_to_face", "medical") == "继续医学教育活动"


@pytest.mark.parametrize(
    ("jurisdiction", "period", "person"),
    [
        ("fujian", "2022", ANYBODY),  # no minimum was in force
        ("luojiang", "2025", Person(occupation="teacher")),  # a minimum is, of a cycle
        ("luojiang", "2025", Person(occupation="health", institution_level="tertiary")),
        ("fujian", "2025", Person(occupation="health")),
    ],
)
def test_a_period_that_is_not_evaluated_says_why_as_the_rules_do(
    jurisdiction: str, period: str, person: Person
) -> None:
    judged = RULEBOOK.jurisdiction(jurisdiction).progress(period, {}, {}, person)
    content = Content(jurisdiction, period, judged.verdict, (), (), rule_ids=judged.rule_ids, profile=judged.profile)
    (reason,) = FORMS.notes_on(content)
    shown = view(content)
    assert shown.verdict == f"{period}年度不作达标评价（{reason.note.zh.rstrip('。')}）。"
    assert reason.note.zh in judged.explain("zh")
    assert reason.note.zh in shown.readings


def test_a_transcript_that_names_no_minimums_gives_no_reason_but_its_own() -> None:
    teacher = Content("luojiang", "2025", "not_evaluated", (), (), rule_ids=("LJ-04",))
    assert view(teacher).verdict == "2025年度不作达标评价。"


def test_a_proof_says_what_of_its_rules_is_a_reading() -> None:
    reading = RULEBOOK.rule_words("FJ-01").reading
    assert reading is not None
    assert reading.zh in view(compliant()).readings
    assert RULEBOOK.rule_words("FJ-11").reading is None
    assert view(compliant()).unconfirmed == ()


def test_a_proof_says_that_its_minimums_are_not_confirmed() -> None:
    judged = RULEBOOK.jurisdiction("shaoguan").progress("2025", {}, {})
    content = Content("shaoguan", "2025", judged.verdict, (), (), rule_ids=judged.rule_ids, profile=judged.profile)
    assert [each in judged.explain("zh") for each in view(content).unconfirmed] == [True]


def test_what_is_counted_in_credits_says_so() -> None:
    totals = (KindTotal("medical", 2500, 2300, 200, "credits"),)
    shown = view(replace(compliant(), jurisdiction="luojiang", verdict="short", totals=totals))
    assert [(each.name, each.required, each.lacking) for each in shown.totals] == [
        (f"{FORMS.kind_zh('luojiang', 'medical')}（学分）", "25", "2")
    ]
    assert shown.verdict == "未达到2025年度继续教育学分要求（继续医学教育学分（学分）尚缺2学分）。"


def test_records_counted_in_credits_are_not_added_to_hours() -> None:
    records = (entry("R-1", 1000, "medical"), entry("R-2", 1500, "medical_remote"), entry("R-3", 600))
    shown = view(replace(content_of(*records), jurisdiction="luojiang"))
    assert [each.hours for each in shown.entries] == ["10学分", "15学分", "6"]
    assert shown.entries_sum == "25 学分、6 学时"
    assert view(content_of()).entries_sum == "0 学时"


def test_a_combined_requirement_does_not_count_twice_in_the_sum() -> None:
    totals = (KindTotal("professional", 6000, 6000, 0), KindTotal("any_public", 3000, 3000, 0))
    shown = view(replace(compliant(), totals=totals))
    assert (shown.totals[-1].name, shown.totals[-1].stamped) == ("合计", "90")
