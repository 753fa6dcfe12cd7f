"""What the words of an assessment say: reasons, dates and numbers, never bare codes."""

import pytest

from xueshi_rulebook import load_rulebook
from xueshi_rulebook.cases import explain_case, packaged_cases, read_cases
from xueshi_rulebook.explaining import Language

RULEBOOK = load_rulebook()
CASES = {case.id: case for case in packaged_cases()}


def explained(given: str, language: Language = "zh", ask: str = "assess", jurisdiction: str = "fujian") -> str:
    head = f"id: asked, title: t, rules: [FJ-04], jurisdiction: {jurisdiction}, ask: {ask}"
    text = f"cases:\n  - {{{head}, given: {given}, expect: {{outcome: held}}}}\n"
    return explain_case(RULEBOOK, read_cases(text, "asked.yaml")[0], language)


PLACE = 'employer_region: "350504", provider: {kind: platform, level: city, region: "350500"}'
ONLINE = f"kind: public, form: online, {PLACE}"
PAPER = "kind: professional, form: achievement, submitter: person, evidence: [publication], earned_on: 2024-05-06"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (f'{ONLINE}, learned: {{2024-05-06: "3"}}, submitter: person', ["应由培训平台提交", "由个人提交"]),
        (f"{PAPER}, item: paper, rank: 1", ["缺少：与本业务相关、正式发表出版"]),
        (
            f"{PAPER}, item: poem, facts: [work_related]",
            ["著作、译著、论文、译文，排名第1，每项60学时", "国家级、部级、省级，排名第2及以后，每项30学时"],
        ),
        (
            'kind: professional, form: conference, submitter: person, level: county, learned: {2024-05-06: "3"}',
            ["级别须为：国家级、部级、省级、市级"],
        ),
        (
            'kind: professional, form: external_class, submitter: person, learned: {2024-05-06: "3"}',
            ["主办单位须为：行业主管部门、行业组织"],
        ),
        (f"{ONLINE}, learned: {{from: 2024-01-01, to: 2025-01-01}}, hours: '8'", ["学习跨367天，一条记录至多跨366天"]),
        (
            f'kind: public, form: nowhere, learned: {{2024-05-06: "3"}}, {PLACE}',
            ["公需科目没有名为“nowhere”的学习形式"],
        ),
        (f'{ONLINE}, learned: {{2024-05-06: "3"}}, hours: "4"', ["各日合计3学时，申报4学时"]),
        (
            f'{ONLINE}, learned: {{from: 2023-05-08, to: 2023-05-10}}, hours: "18"',
            ["申报18学时，学习3天", "规则自2023-05-09起适用，学习始于2023-05-08", "整条暂缓"],
        ),
    ],
)
def test_what_stops_a_record_is_said_with_names_dates_and_numbers(given: str, words: list[str]) -> None:
    said = explained(f"{{{given}}}")
    assert all(word in said for word in words), said
    assert "_" not in said


def test_a_degree_outside_its_nominal_length_is_told_its_dates() -> None:
    given = (
        "kind: public, form: degree, submitter: person, item: x, facts: [same_or_near_major, during_tenure], "
        "evidence: [transcript], enrolled_on: 2023-09-01, nominal_years: 2, earned_on: 2025-09-02"
    )
    said = explained(f"{{{given}}}")
    assert "2023-09-01入学，学制2年，至2025-09-01止；课程于2025-09-02合格" in said


def test_one_record_cut_by_the_days_cap_alone_names_no_rival() -> None:
    given = f'{{records: [{{{ONLINE}, learned: {{2024-05-06: "12"}}}}]}}'
    said = explained(given, ask="credit")
    assert "12 − 8 = 4学时未计入" in said
    assert "2024-05-06每天至多计8学时，本记录当天12学时，计8学时" in said
    assert "先登记的记录" not in said.split("依据")[0]
    assert "registered before" not in explained(given, "en", ask="credit")


def test_what_the_years_cap_took_names_the_cap_its_rivals_and_its_reading() -> None:
    said = explain_case(RULEBOOK, CASES["fj-achievements-capped"], "zh")
    assert "本形式2024年度至多计60学时，先登记的记录1、2已计60学时，余60 − 60 = 0学时" in said
    assert "本形式每年最多计60学时" in said
    assert "按公历年度计算" in said


def test_credits_are_told_as_credits() -> None:
    given = (
        'kind: medical, form: face_to_face, learned: {2024-05-06: "10"}, employer_region: "350504", '
        'provider: {kind: platform, level: city, region: "350500"}'
    )
    assert "申报10学分" in explained(f"{{{given}}}", jurisdiction="luojiang")


CHANGES: tuple[dict[str, object], ...] = (
    {"rank": 0}, {"item": "poem"}, {"level": ""}, {"facts": frozenset()}, {"evidence": frozenset()}, {"amount": 0},
    {"submitter": "industry_system"}, {"submitter": "robot"}, {"organiser": "x"}, {"earned_on": None},
    {"enrolled_on": None}, {"credit_year": "2018"}, {"credit_year": "2030"},
)  # fmt: skip


@pytest.mark.parametrize("name", RULEBOOK.jurisdictions)
def test_whatever_a_record_lacks_its_explanation_is_told(name: str) -> None:
    jurisdiction = RULEBOOK.jurisdiction(name)
    claims = [case.question for case in CASES.values() if case.jurisdiction == name and case.ask == "assess"]
    for claim in claims:
        lacking = [claim._replace(work=claim.work._replace(**change)) for change in CHANGES]
        lacking += [claim._replace(passed=False), claim._replace(provider=None), claim._replace(learned_days=None)]
        for each in lacking:
            assert jurisdiction.explain_assessment(each, "zh")
            assert jurisdiction.explain_credit([each, each], "en")
