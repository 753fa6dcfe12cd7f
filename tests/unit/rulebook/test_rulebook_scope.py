"""Whom a provider may teach what (FJ-15, 17, 18, 22, BA-03, SG-08); the cases stand beside the data."""

from datetime import date
from importlib import resources

import pytest

from xueshi_rulebook import (
    Accreditation,
    Authority,
    NoSuchRuleError,
    Provider,
    Recognition,
    RulebookDataError,
    ScopeAnswer,
    ScopeQuestion,
    UnknownFormError,
    UnknownKindError,
    load_rulebook,
)
from xueshi_rulebook.scope import answer_scope
from xueshi_rulebook.scope_data import read_scope
from xueshi_rulebook.yamlsource import parse

FUJIAN = load_rulebook().jurisdiction("fujian")
SHAOGUAN = load_rulebook().jurisdiction("shaoguan")
DAY = date(2025, 6, 1)
BASE = Provider("base", "province", "350504")
ASKED = ScopeQuestion(BASE, "public", "face_to_face", "350504", DAY, DAY)
PLATFORM = ASKED._replace(provider=Provider("platform", "city", "350500"), learning_form="online")
FILE = "jurisdictions/fujian/scope.yaml"
TEXT = (resources.files("xueshi_rulebook") / FILE).read_text(encoding="utf-8")


def ask(question: ScopeQuestion, **changes: object) -> ScopeAnswer:
    return FUJIAN.scope(question._replace(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("region", ["350504", "350128", "350000", "330304", "nowhere"])
@pytest.mark.parametrize(
    "provider",
    [BASE, Provider("base", "city", "350100"), Provider("base", None, None), Provider("platform", None, None)],
)
def test_the_area_is_the_one_of_the_hot_path(provider: Provider, region: str) -> None:
    made = ask(ASKED, provider=provider, employer_region=region)
    assert (made.code != "OUT_OF_SCOPE") == FUJIAN.provider_in_scope(provider, region)


def test_what_is_not_confirmed_is_told_before_the_area() -> None:
    made = ask(PLATFORM, employer_region="350102")
    assert made.code == "SCOPE_UNCONFIRMED"
    assert [(each.test, each.code) for each in made.findings] == [
        ("accreditation", "SCOPE_UNCONFIRMED"),
        ("area", "OUT_OF_SCOPE"),
    ]
    assert made.rule_ids == ("FJ-15", "FJ-17")


def test_one_of_several_confirmations_is_enough() -> None:
    other = Accreditation("professional", 6, frozenset(), DAY, None)
    mine = Accreditation("professional", 5, frozenset({"甲", "乙"}), DAY, None)
    for held in ((other, mine), (mine, other)):
        made = ask(PLATFORM, subject_kind="professional", industry=5, major="乙", accreditations=held)
        assert made.outcome == "allowed"
    assert ask(PLATFORM, subject_kind="professional", industry=5, major="丙", accreditations=(other, mine)).code


def test_an_answer_is_explained_in_both_languages() -> None:
    made = ask(ASKED, recognition=Recognition(industries=frozenset({5})), subject_kind="professional", industry=17)
    assert "超出基地认定的区域、领域或行业" in made.explain("zh")
    assert "“主要承担相应区域、领域和行业" in made.explain("zh")
    assert "Beyond the region, field or industry" in made.explain("en")
    assert "第十一条" in made.explain("en")


def test_what_does_not_touch_the_hours_is_told_to_the_authority() -> None:
    made = ask(ASKED, arrangement="joint")
    assert (made.outcome, made.code, made.flags) == ("allowed", "", ("TRAINING_HANDED_ON",))
    assert "不允许。告知主管部门，不影响学时" in made.explain("zh")
    for flag in ("TRAINING_HANDED_ON", "FEE_NOT_ALLOWED"):
        assert load_rulebook().guidance(flag).owner == "officer"


def test_a_base_is_seen_by_the_place_where_it_sits() -> None:
    here = Authority("here", "hrss", "350504", "county", frozenset(), unable=False)
    authorities = [here._replace(id="above", region="350500", level="city"), here, here._replace(kind="industry")]
    assert FUJIAN.oversight(BASE, authorities) == (("here",), ("FJ-22",))
    assert FUJIAN.oversight(Provider("organiser", None, None), authorities).authority_ids == ()


def test_where_nobody_accredits_nothing_is_tested() -> None:
    question = ASKED._replace(subject_kind="professional", employer_region="440203")
    made = SHAOGUAN.scope(question)
    assert (made.outcome, made.findings, made.rule_ids) == ("allowed", (), ("SG-08",))
    assert "不对施教机构的资质备案或认定" in made.explain("zh")
    with pytest.raises(NoSuchRuleError):
        SHAOGUAN.oversight(BASE, [])


def test_questions_that_have_no_answer_are_errors() -> None:
    with pytest.raises(UnknownFormError):
        ask(ASKED, learning_form="telepathy")
    with pytest.raises(UnknownKindError):
        ask(ASKED, subject_kind="elective")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("forms: [online]", "forms: [telepathy]", "'telepathy' is none of"),
        ("whole_kinds: [public]", "whole_kinds: [elective]", "'elective' is none of"),
        ("is: released", "is: forgotten", "'forgotten' is none of"),
        ("is: held", "is: ignored", "'ignored' is none of"),
        ("base: province", "base: village", "'village' is none of"),
        ("forbidden: [transferred,", "forbidden: [sold,", "'sold' is none of"),
        ("free: [hrss,", "free: [anybody,", "'anybody' is none of"),
        ("authorities: [hrss]", "authorities: [mayor]", "'mayor' is none of"),
        ("  oversight:", "  overview:", "unknown key 'overview'"),
        ("scope:\n", "scope:\n  unaccredited: {rule: FJ-17, clause: 甲}\n", "unknown key 'area'"),
    ],
)
def test_broken_data_is_refused(old: str, new: str, reason: str) -> None:
    assert old in TEXT
    section = parse(TEXT.replace(old, new, 1), FILE).entries()["scope"]
    with pytest.raises(RulebookDataError) as caught:
        read_scope(section, FUJIAN._parts.base_scope, FUJIAN.rules, FUJIAN.kinds, FUJIAN.forms, {})
    assert reason in caught.value.reason


def test_two_parameters_are_readings_that_may_be_turned() -> None:
    later = Accreditation("public", None, frozenset(), date(2025, 7, 1), None)
    question = PLATFORM._replace(asked_on=date(2025, 7, 1), accreditations=(later,))
    beyond = ASKED._replace(recognition=Recognition(regions=frozenset({"350100"})))
    assert FUJIAN.scope(question).outcome == "allowed"
    assert FUJIAN.scope(beyond).outcome == "held"
    turned = TEXT.replace("is: released", "is: held").replace(
        "is: held\n      reading:\n        zh: >-", "is: told\n      reading:\n        zh: >-"
    )
    section = parse(turned, FILE).entries()["scope"]
    rules = read_scope(section, FUJIAN._parts.base_scope, FUJIAN.rules, FUJIAN.kinds, FUJIAN.forms, {})
    assert answer_scope(rules, question).code == "SCOPE_UNCONFIRMED"
    assert answer_scope(rules, beyond).flags == ("OUT_OF_SCOPE",)


def test_the_section_of_areas_is_needed_beside_it() -> None:
    section = parse(TEXT, FILE).entries()["scope"]
    with pytest.raises(RulebookDataError, match="base_scope"):
        read_scope(section, None, FUJIAN.rules, FUJIAN.kinds, FUJIAN.forms, {})
