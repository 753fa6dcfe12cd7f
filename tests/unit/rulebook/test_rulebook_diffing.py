"""Two versions are compared value by value, each change once and with its clause."""

import json

import pytest

from xueshi_rulebook import load_rulebook
from xueshi_rulebook.diffing import Change, diff

RULE = '"FJ-03": {"source": "S0", "clause": "附件1 首段", "title": {"zh": "八", "en": "eight"}}'
SECTIONS = (
    '{"rules": {' + RULE + "}, "
    '"day_cap": {"rule": "FJ-03", "values": [{"hours": "8", "valid_from": "2023-05-09", "clause": "附件1 首段"}]}, '
    '"kinds": [{"code": "public", "clause": "二"}, {"code": "professional", "clause": "二"}], '
    '"record": {"rule": "FJ-03", "longest": {"days": 366, "reading": {"zh": "一年", "en": "a year"}}}, '
    '"forms": {"rule": "FJ-03", "automatic": [{"form": "online", "kinds": ["public"]}, {"form": "class"}]}}'
)
VERSION = (
    '{"divisions": [["350000", "province", "福建省", ""], ["350100", "city", "福州市", "350000"]], '
    '"guidance": {"VOIDED": {"owner": "platform"}}, "jurisdictions": {"fujian": ' + SECTIONS + "}}"
)


def changed(old: str, new: str, version: str = VERSION) -> list[Change]:
    """Return the changes that replacing the first place of a text makes."""
    assert old in version
    return diff(version, version.replace(old, new, 1))


def test_equal_versions_have_no_changes() -> None:
    canonical = load_rulebook().canonical
    assert diff(canonical, canonical) == []


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (
            '"hours": "8"',
            '"hours": "7"',
            Change("changed", "day_cap.values[2023-05-09].hours", "8", "7", "FJ-03", "附件1 首段", ("fujian",)),
        ),
        (
            "366",
            "365",
            Change("changed", "record.longest.days", 366, 365, "FJ-03", "reading: 一年", ("fujian",)),
        ),
        (
            '"en": "eight"',
            '"en": "nine"',
            Change("changed", "rules.FJ-03.title.en", "eight", "nine", "FJ-03", "附件1 首段", ("fujian",)),
        ),
        (
            '["public"]',
            '["professional"]',
            Change(
                "changed",
                "forms.automatic[online].kinds",
                ["public"],
                ["professional"],
                "FJ-03",
                "附件1 首段",
                ("fujian",),
            ),
        ),
        (
            '{"code": "public", "clause": "二"}, ',
            "",
            Change("removed", "kinds[public]", {"code": "public", "clause": "二"}, None, "", "二", ("fujian",)),
        ),
        (
            ', "valid_from": "2023-05-09"',
            ', "valid_from": "2023-05-09", "valid_to": "2029-12-31"',
            Change(
                "added",
                "day_cap.values[2023-05-09].valid_to",
                None,
                "2029-12-31",
                "FJ-03",
                "附件1 首段",
                ("fujian",),
            ),
        ),
        (
            '["350100", "city"',
            '["350050", "city", "某市", "350000"], ["350100", "city"',
            Change("added", "divisions[2]", None, ["350050", "city", "某市", "350000"], "", "", ()),
        ),
        ('"platform"', '"officer"', Change("changed", "guidance.VOIDED.owner", "platform", "officer", "", "", ())),
    ],
)
def test_a_change_has_its_path_rule_and_clause(old: str, new: str, change: Change) -> None:
    assert changed(old, new) == [change]


def test_a_new_rule_is_told_as_a_whole() -> None:
    rule = '"FJ-04": {"source": "S0", "clause": "附件1", "title": {"zh": "九", "en": "nine"}}'
    [change] = changed(RULE, f"{RULE}, {rule}")
    assert (change.kind, change.path, change.rule, change.clause) == ("added", "rules.FJ-04", "FJ-04", "附件1")
    assert json.dumps(change.new, ensure_ascii=False) == rule.removeprefix('"FJ-04": ')


def test_what_an_heir_shares_is_told_once() -> None:
    both = VERSION.replace(f"{SECTIONS}}}", f'{SECTIONS}, "heir": {SECTIONS}}}')
    [change] = diff(both, both.replace('"hours": "8"', '"hours": "7"'))
    assert change.jurisdictions == ("fujian", "heir")
    [own] = changed('"hours": "8"', '"hours": "7"', both)
    assert own.jurisdictions == ("fujian",)


def test_a_new_jurisdiction_is_told_value_by_value() -> None:
    found = diff(VERSION, VERSION.replace(f"{SECTIONS}}}", f'{SECTIONS}, "heir": {SECTIONS}}}'))
    assert {(change.kind, change.jurisdictions) for change in found} == {("added", ("heir",))}
    assert {"day_cap.values[2023-05-09]", "kinds[public]", "rules.FJ-03"} < {change.path for change in found}
