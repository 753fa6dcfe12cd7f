"""Applications and filings: what their answers say; which papers each needs stands in the case files."""

from datetime import date
from importlib import resources

import pytest

from xueshi_rulebook import (
    ApplicationQuestion,
    RulebookDataError,
    UnknownApplicationError,
    UnknownFactError,
    load_rulebook,
)
from xueshi_rulebook.applications import read_applications
from xueshi_rulebook.conditions import Facts, Reader
from xueshi_rulebook.yamlsource import parse

FUJIAN = load_rulebook().jurisdiction("fujian")
LUOJIANG = load_rulebook().jurisdiction("luojiang")
SHAOGUAN = load_rulebook().jurisdiction("shaoguan")
DAY = date(2024, 3, 1)
FILE = "jurisdictions/fujian/applications.yaml"
TEXT = (resources.files("xueshi_rulebook") / FILE).read_text(encoding="utf-8")


def test_what_is_missing_and_wrong_is_named_with_its_clause() -> None:
    facts: Facts = {"subject": ("public", "professional"), "mlps_level": 2, "industry": 21, "telecom_licence": True}
    made = FUJIAN.application(ApplicationQuestion("platform_accession", DAY, facts))
    assert (made.outcome, made.consequence) == ("refused", "returned")
    assert made.wrong == ("subject", "industry", "mlps_level")
    assert "applicant" in made.missing
    assert "telecom_licence" not in made.missing
    said = made.explain("zh")
    assert "接入单位名称：未提交（附件4 表）" in said
    assert "要求不少于3级，现为2级，3 − 2 = 1，不符合（附件4 承诺2）" in said
    assert "所属行业（附件5，公需科目不填）：不符合" in said
    assert "（FJ-15）" in said
    assert "暂停接入是可选措施之一" in said
    assert "While it is not complete: returned to the applicant." in made.explain("en")


def test_an_entry_for_public_subjects_is_to_be_left_blank() -> None:
    made = FUJIAN.application(ApplicationQuestion("platform_accession", DAY, {"subject": "public", "industry": 5}))
    assert made.wrong == ("industry",)
    assert "所属行业（附件5，公需科目不填）：应留空" in made.explain("zh")
    assert "to be left blank" in made.explain("en")


def test_the_default_password_of_the_notice_is_not_copied() -> None:
    made = FUJIAN.application(ApplicationQuestion("administrator_filing", DAY, {"filer": "hrss"}))
    assert "不采用附件3说明3的默认账号" in made.explain("zh")
    assert made.steps == ("provincial_hrss",)


def test_an_answer_never_repeats_an_identity_number() -> None:
    facts = {"administrator_id_number": "11010519491231002X"}
    made = FUJIAN.application(ApplicationQuestion("administrator_filing", DAY, facts))
    assert "11010519491231002X" not in repr(made)
    assert "11010519491231002X" not in made.explain("zh")


def test_an_heir_has_its_own_applications_and_those_that_it_inherits() -> None:
    for code in ("annual_class_plan", "platform_accession"):
        assert LUOJIANG.application(ApplicationQuestion(code, DAY, {})).outcome == "incomplete"
    with pytest.raises(UnknownApplicationError):
        FUJIAN.application(ApplicationQuestion("annual_class_plan", DAY, {}))


def test_what_is_not_needed_says_why() -> None:
    facts = {"subject": "elective", "mode": "face_to_face"}
    made = SHAOGUAN.application(ApplicationQuestion("class_plan", DAY, facts))
    assert (made.outcome, made.findings, made.consequence) == ("not_needed", (), "")
    assert "选修科目、公需科目和远程（网络）培训不需要" in made.explain("zh")


def test_facts_that_the_form_does_not_ask_for_are_errors() -> None:
    with pytest.raises(UnknownFactError):
        FUJIAN.application(ApplicationQuestion("record_registration", DAY, {"weather": "fine"}))


def test_misconduct_is_listed_and_a_person_decides() -> None:
    lists = {code: each.rule.id for code, each in LUOJIANG.misconduct.items()}
    assert lists == {"class_misconduct": "LJ-09", "learner_misconduct": "LJ-17", "false_entry": "FJ-24"}
    assert {each.code for each in LUOJIANG.misconduct["class_misconduct"].consequences} == {
        "criticism",
        "hours_refused",
        "project_failed",
    }
    assert all(each.decided.kind == "reading" for each in LUOJIANG.misconduct.values())
    assert SHAOGUAN.misconduct == {}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("code: telecom_licence", "code: applicant", "each once"),
        ("    if_incomplete:", "    if_missing:", "unknown key 'if_missing'"),
        ("    rule: FJ-15", "    rule: FJ-55", "no rule 'FJ-55'"),
        ("  administrator_filing:", "  platform_accession:", "key 'platform_accession' is repeated"),
        ("when: {fact: filer, is: [industry]}", "when: {fact: filer, is: []}", "the list is empty"),
        (
            "    rule: FJ-15",
            "    start: {date: 2023-05-09, clause: 甲}\n    rule: FJ-15",
            "before 2023-05-09, the first day",
        ),
    ],
)
def test_broken_data_is_refused(old: str, new: str, reason: str) -> None:
    assert old in TEXT
    file = parse(TEXT.replace(old, new, 1), FILE).entries()
    with pytest.raises(RulebookDataError) as caught:
        read_applications(file["applications"], FUJIAN.rules, Reader(FUJIAN.rules), {})
    assert reason in caught.value.reason
