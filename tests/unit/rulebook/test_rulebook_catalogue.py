"""The rulebook as a whole: rules with their clauses, the codes for people, jurisdictions, the hash."""

from datetime import date

import pytest

from xueshi_rulebook import (
    UnknownCodeError,
    UnknownJurisdictionError,
    UnknownRuleError,
    load_rulebook,
)

RULEBOOK = load_rulebook()
CODES = {
    "EMPLOYER_UNKNOWN",
    "NAME_MISMATCH",
    "NAME_UNCONFIRMED",
    "SCOPE_UNCONFIRMED",
    "OUT_OF_SCOPE",
    "PLATFORM_UNKNOWN",
    "JURISDICTION_UNKNOWN",
    "WRONG_SUBMITTER",
    "CONDITION_UNMET",
    "EVIDENCE_MISSING",
    "NEEDS_DECISION",
    "FORM_NOT_IN_FORCE",
    "EARNS_NOTHING",
    "OUTSIDE_NOMINAL_LENGTH",
    "OUTSIDE_NETWORK",
    "CREDIT_YEAR_UNFIT",
    "MAKE_UP_CLOSED",
    "BEFORE_RULES",
    "NO_AUTHORITY",
    "AWAITS_EMPLOYER",
    "DAY_CAP_REACHED",
    "CONFLICT",
    "UNKNOWN_RECORD",
    "VOIDED",
    "STALE_VERSION",
    "INCOMPLETE",
    "ID_NUMBER_INVALID",
    "ID_TYPE_UNKNOWN",
    "ID_AREA_UNKNOWN",
    "EMPLOYER_CODE_INVALID",
    "PERSONAL_DATA",
    "IN_FUTURE",
    "HOURS_MISMATCH",
    "FIELD_INVALID",
    "NOT_PASSED",
}


def test_every_code_has_guidance_in_both_languages_and_an_owner() -> None:
    assert RULEBOOK.guidance_codes() >= CODES
    for code in RULEBOOK.guidance_codes():
        guidance = RULEBOOK.guidance(code)
        assert guidance.code == code
        assert all((guidance.reason_zh, guidance.reason_en, guidance.todo_zh, guidance.todo_en, guidance.owner))
        assert guidance.reason_en.isascii()
        assert guidance.todo_en.isascii()
        assert not guidance.reason_zh.isascii()
        assert set(guidance.rule_ids) <= RULEBOOK.rule_ids()


def test_a_code_rests_on_the_rules_of_the_jurisdiction_asked() -> None:
    asked = {name: RULEBOOK.guidance_rules("NAME_MISMATCH", each) for name, each in RULEBOOK.jurisdictions.items()}
    assert asked == {"fujian": ("FJ-24",), "luojiang": ("FJ-24",), "shaoguan": (), "wenzhou": ("WZ-05",)}


def test_unknown_names_are_errors() -> None:
    with pytest.raises(UnknownCodeError):
        RULEBOOK.guidance("SOMETHING")
    with pytest.raises(UnknownRuleError):
        RULEBOOK.rule("FJ-99")
    with pytest.raises(UnknownJurisdictionError):
        RULEBOOK.jurisdiction("atlantis")


def test_a_rule_cites_its_notice_and_says_whether_it_is_a_reading() -> None:
    rule = RULEBOOK.rule("FJ-09")
    assert rule.citation == "闽人社办〔2023〕70号 附件2 二（三）"
    assert (rule.kind, rule.valid_from, rule.valid_to, rule.is_reading) == ("computed", date(2023, 5, 9), None, False)
    assert RULEBOOK.rule("FJ-03").is_reading
    assert RULEBOOK.rule("FJ-03").reading_en


def test_a_rule_in_words_has_clause_title_and_reading_and_an_unknown_one_its_id() -> None:
    read, plain, gone = map(RULEBOOK.rule_words, ("FJ-03", "FJ-09", "FJ-99"))
    rule = RULEBOOK.rule("FJ-03")
    assert tuple(read) == (
        "FJ-03",
        rule.source,
        rule.clause,
        (rule.title_zh, rule.title_en),
        (rule.reading_zh, rule.reading_en),
    )
    assert read.citation == rule.citation
    assert (plain.id, plain.reading) == ("FJ-09", None)
    assert (gone.id, gone.citation, gone.title.zh, gone.reading) == ("FJ-99", "", "", None)


@pytest.mark.parametrize(
    ("region", "code", "name_zh", "name_en"),
    [
        ("350000", "fujian", "福建省", "Fujian"),
        ("350100", "fujian", "福建省", "Fujian"),
        ("350502", "fujian", "福建省", "Fujian"),
        ("350128", "fujian", "福建省", "Fujian"),
        ("359900", "fujian", "福建省", "Fujian"),
        ("350504", "luojiang", "泉州市洛江区", "Luojiang"),
        ("330300", "wenzhou", "温州市", "Wenzhou"),
        ("330304", "wenzhou", "温州市", "Wenzhou"),
        ("440200", "shaoguan", "韶关市", "Shaoguan"),
        ("440203", "shaoguan", "韶关市", "Shaoguan"),
    ],
)
def test_the_most_specific_notice_covers_an_area(region: str, code: str, name_zh: str, name_en: str) -> None:
    found = RULEBOOK.jurisdiction_for(region, date(2025, 1, 1))
    assert found is not None
    assert (found.code, found.name_zh, found.name_en) == (code, name_zh, name_en)


@pytest.mark.parametrize("region", ["330000", "330100", "440000", "440100", "", "35", "nowhere"])
def test_elsewhere_no_rules_are_held(region: str) -> None:
    assert RULEBOOK.jurisdiction_for(region, date(2025, 1, 1)) is None


def test_the_jurisdiction_also_answers_for_days_before_its_notice() -> None:
    assert RULEBOOK.jurisdiction_for("350502", date(2020, 1, 1)) is RULEBOOK.jurisdiction("fujian")


def test_the_rulebook_is_loaded_once_and_named_by_a_sha_256() -> None:
    assert load_rulebook() is RULEBOOK
    assert len(bytes.fromhex(RULEBOOK.hash)) == 32
