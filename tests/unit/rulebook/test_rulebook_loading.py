"""Broken data is refused with file, line and reason; the hash follows content, not layout."""

import shutil
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from xueshi_rulebook import (
    Authority,
    Provider,
    RouteQuestion,
    RulebookDataError,
    load_rulebook,
    read_rulebook,
)

PACKAGE = Path(str(resources.files("xueshi_rulebook")))
FUJIAN = "jurisdictions/fujian"
Edit = Callable[[str, str, str], int]


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("credit.yaml", 'hours: "8"', 'hours: "25"', "25 hours is outside 0 to 24"),
        ("credit.yaml", 'hours: "8"', 'hours: "0"', "0 hours is outside"),
        ("credit.yaml", 'hours: "8"', 'hours: "-8"', "-8 hours is outside"),
        ("credit.yaml", 'hours: "8"', 'hours: "8.125"', "more than two places"),
        ("credit.yaml", 'hours: "8"', 'hours: "NaN"', "not a decimal number"),
        ("credit.yaml", 'hours: "8"', 'hours: "eight"', "not a decimal number"),
        ("credit.yaml", 'hours: "8"', "hours: 8", "text is expected"),
        ("credit.yaml", 'hours: "8"', 'hour: "8"', "unknown key 'hour'"),
        ("credit.yaml", 'hours: "8",', 'hours: "8", valid_form: 2023-05-09,', "unknown key 'valid_form'"),
        ("credit.yaml", 'hours: "8", clause: 附件1 首段', 'hours: "8"', "rests on exactly one"),
        ("credit.yaml", 'hours: "8",', 'hours: "8", valid_from: 2023-05-32,', "a date"),
        ("credit.yaml", 'hours: "8",', 'hours: "8", valid_from: 2023-05-08,', "beyond"),
        ("requirements.yaml", 'hours: "90"', 'hours: "89.99"', "below the sum of its parts"),
        ("requirements.yaml", "counts: [public]", "counts: [elective]", "'elective' is none of"),
        ("requirements.yaml", "counts: [public]", "counts: [public, public]", "is repeated"),
        ("requirements.yaml", "counts: [public]", "counts: []", "the list is empty"),
        ("credit.yaml", "clause: 附件1 首段", "clause: 附件7", "S0 lists no clause '附件7'"),
        ("credit.yaml", "clause: 附件1 首段", "clause: S3 附件1", "S3 lists no clause '附件1'"),
        ("rules.yaml", "clause: 附件1 首段", "clause: 附件1；附件9", "S0 lists no clause '附件9'"),
        ("credit.yaml", "days: 366", "days: 0", "0 is outside 1 to"),
        ("credit.yaml", "days: 366", "days: many", "an integer is expected"),
        ("credit.yaml", "rule: FJ-03", "rule: FJ-33", "no rule 'FJ-33'"),
        ("rules.yaml", "kind: checked", "kind: guessed", "'guessed' is none of"),
        ("rules.yaml", "source: S0", "source: S9", "'S9' is none of"),
        ("jurisdiction.yaml", "number: 闽人社办〔2023〕70号", "number: 闽人社办 〔2023〕70号", "has no blank"),
        ("rules.yaml", "clause: 附件1 首段", 'clause: "附件1 首段\\n"', "text of one line"),
        ("rules.yaml", "  FJ-03:", "  FJ-01:", "key 'FJ-01' is repeated"),
        ("forms.yaml", "per: item", "per: dream", "'dream' is none of"),
        ("forms.yaml", "from_rank: 2", "from_rank: 0", "0 is outside 1 to"),
        ("forms.yaml", "from_rank: 2", "from_rank: 1", "match an earlier row too"),
        ("forms.yaml", "rank: 1,", "rank: 1, from_rank: 1,", "exclude each other"),
        ("forms.yaml", 'hours: "60", per: item', 'hours: "60", less_hours: "60", per: item', "less_hours takes all"),
        ("forms.yaml", "list: [platform]", "list: [nobody]", "'nobody' is none of"),
        ("forms.yaml", "code: face_to_face", "code: online", "form 'online' is repeated"),
        ("forms.yaml", "confirmer: hrss", "confirmer: nobody", "'nobody' is none of"),
        (
            "forms.yaml",
            "confirmer: hrss_fallback",
            "confirmer: industry",
            "confirmer 'industry' of this kind is repeated",
        ),
        ("forms.yaml", "- form: external_class", "- form: face_to_face", "form 'face_to_face' is repeated"),
        ("forms.yaml", "items: [result, project]", "items: [result, paper]", "'work_related' is repeated"),
        ("forms.yaml", "other_organisers:\n      are: held", "other_organisers:\n      are: refused", "none of held"),
        (
            "forms.yaml",
            "      once_a_year:",
            '      year_cap: {hours: "60", clause: 附件1（六）}\n      once_a_year:',
            "exclude",
        ),
        (
            "forms.yaml",
            "    levels: {list",
            "    other_organisers: {are: held, clause: 附件1（七）}\n    levels: {list",
            "organisers are needed beside it",
        ),
        ("credit.yaml", "filled: from_first_day", "filled: evenly", "'evenly' is none of"),
        ("credit.yaml", "filled: from_first_day", "filled: on_last_day", "none of from_first_day"),
        (
            "forms.yaml",
            "      once_a_year:",
            "      begun_units: {counted: halved, clause: 附件1（六）}\n      once_a_year:",
            "'halved' is none of",
        ),
        (
            "forms.yaml",
            "    levels: {list",
            "    registrars: {list: [nobody], clause: 附件1（七）}\n    levels: {list",
            "'nobody' is none of",
        ),
        (
            "forms.yaml",
            "    levels: {list",
            "    pass: {required: perhaps, clause: 附件1（七）}\n    levels: {list",
            "true or false",
        ),
        ("authorities.yaml", "base: county, level", "base: city, level", "all needed"),
        ("authorities.yaml", "fallback: {to: hrss, when", "fallback: {to: industry, when", "'industry' is none of"),
        ("authorities.yaml", "authority: industry", "authority: hrss", "only an industry body has a fallback"),
        (
            "authorities.yaml",
            "authority: hrss\n      level: employer\n",
            "authority: hrss\n",
            "a level is given exactly",
        ),
        ("authorities.yaml", "authority: hrss", "authority: employer", "a level is given exactly"),
        ("authorities.yaml", "authority: hrss\n      level: employer", "authority: employer", "answered for by an"),
        ("authorities.yaml", "kinds: [professional]", "kinds: [public]", "overlaps that of one before it"),
        ("authorities.yaml", "kinds: [professional]", "kinds: [public]\n      industries: [5]", "never reached"),
        ("authorities.yaml", "kinds: [professional]", "kinds: [professional]\n      industries: [5]", "a time without"),
        (
            "authorities.yaml",
            "kinds: [professional]",
            "kinds: [professional]\n      industries: [21]",
            "outside 1 to 20",
        ),
        ("authorities.yaml", "kinds: [professional]", "kinds: [professional]\n      industries: [5, 5]", "is repeated"),
        ("authorities.yaml", "kinds: [professional]", "kinds: [professional]\n      when: cycle_end", "a time without"),
        ("authorities.yaml", "      valid_to: 2023-05-08", "      valid_to: 2023-05-07", "a time without"),
        (
            "authorities.yaml",
            "      valid_to: 2023-05-08",
            "      valid_to: 2023-05-09",
            "overlaps that of one before it",
        ),
        ("jurisdiction.yaml", "code: fujian", "code: fuzhou", "not the folder's name"),
        ("jurisdiction.yaml", "unit: calendar_year", "unit: lunar_year", "'lunar_year' is none of"),
        ("jurisdiction.yaml", "sources:", "surces:", "unknown section 'surces'"),
    ],
)
def test_broken_data_is_refused(edit: Edit, draft: Path, file: str, old: str, new: str, reason: str) -> None:
    edit(f"{FUJIAN}/{file}", old, new)
    with pytest.raises(RulebookDataError) as caught:
        read_rulebook(draft)
    assert reason in caught.value.reason
    assert caught.value.file == f"{FUJIAN}/{file}"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (f"{FUJIAN}/credit.yaml", 'hours: "8"', 'hours: "99"'),
        (f"{FUJIAN}/rules.yaml", "kind: checked", "kind: guessed"),
        (f"{FUJIAN}/forms.yaml", "confirmer: hrss", "confirmer: nobody"),
        ("guidance.yaml", "owner: officer", "owner: nobody"),
        ("guidance.yaml", "rules: [FJ-17]", "rules: [FJ-71]"),
        ("wording.yaml", "compliant: {zh", "compliant: {zho"),
    ],
)
def test_the_refusal_names_the_line(edit: Edit, draft: Path, file: str, old: str, new: str) -> None:
    line = edit(file, old, new)
    with pytest.raises(RulebookDataError) as caught:
        read_rulebook(draft)
    assert (caught.value.file, caught.value.line) == (file, line)
    assert str(caught.value).startswith(f"{file}:{line}: ")


def test_broken_syntax_names_the_line(edit: Edit, draft: Path) -> None:
    line = edit(f"{FUJIAN}/credit.yaml", "day_cap:", "day_cap: [")
    with pytest.raises(RulebookDataError) as caught:
        read_rulebook(draft)
    assert caught.value.line >= line
    assert caught.value.file == f"{FUJIAN}/credit.yaml"


def test_an_empty_file_and_a_missing_section_are_refused(draft: Path) -> None:
    (draft / FUJIAN / "extra.yaml").write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(RulebookDataError, match="empty"):
        read_rulebook(draft)
    (draft / FUJIAN / "extra.yaml").unlink()
    (draft / FUJIAN / "forms.yaml").unlink()
    with pytest.raises(RulebookDataError, match="section 'forms' of fujian is missing"):
        read_rulebook(draft)


def test_a_section_may_spread_over_files_but_says_nothing_twice(draft: Path) -> None:
    more = draft / FUJIAN / "more.yaml"
    clause = "{clause: 文末, heading: {zh: 甲, en: one}, nothing: {zh: 甲, en: one}}"
    more.write_text(
        f"sources: {{S9: {{number: 甲, title: {{zh: 甲, en: one}}, clauses: [{clause}]}}}}\n", encoding="utf-8"
    )
    assert read_rulebook(draft).jurisdiction("fujian").sources["S9"].title_zh == "甲"
    shutil.copy(more, draft / FUJIAN / "yet-more.yaml")
    with pytest.raises(RulebookDataError, match="'S9' is repeated"):
        read_rulebook(draft)


HEIR = """\
jurisdiction:
  code: heir
  name: {zh: 甲区, en: Heir}
  inherits: fujian
  covers: [{region: "350583", clause: 甲}]
  in_force: {rule: FJ-12, valid_from: 2023-05-09, clause: S9 甲}
  period: {rule: FJ-01, unit: calendar_year, clause: S9 甲}
kinds:
  - {code: own, name: {zh: 甲科目, en: own subjects}, unit: hours, clause: 甲}
stamping:
  assignments:
    - {rules: [FJ-08], kinds: [own], act: stamp, authority: hrss, level: employer, clause: S9 甲}
    - {rules: [OWN-1], kinds: [professional], act: stamp, authority: hrss, level: employer, clause: 甲}
  climb:
    to: parent
accession:
  confirmers:
    - {kinds: [own], authority: hrss, clause: S9 甲}
sources:
  S9:
    number: 甲号
    title: {zh: 甲, en: nine}
    issued_on: 2024-01-01
    clauses: [{clause: 甲, heading: {zh: 甲, en: one}, rules: [OWN-1]}]
rules:
  OWN-1:
    source: S9
    clause: 甲
    kind: computed
    valid_from: 2024-01-01
    title: {zh: 甲, en: own}
"""


def test_an_heir_lays_its_data_over_what_it_inherits(draft: Path, edit: Edit) -> None:
    (draft / "jurisdictions/heir").mkdir()
    (draft / "jurisdictions/heir/all.yaml").write_text(HEIR, encoding="utf-8")
    whole = read_rulebook(draft)
    heir, fujian = whole.jurisdiction("heir"), whole.jurisdiction("fujian")
    assert list(heir.kinds) == ["own", "public", "professional"]
    assert heir.forms == fujian.forms
    assert heir.rules.keys() - fujian.rules.keys() == {"OWN-1"}
    assert whole.jurisdiction_for("350583", date(2025, 1, 1)) is heir
    assert whole.jurisdiction_for("350502", date(2025, 1, 1)) is fujian
    quanzhou = [Authority("quanzhou", "hrss", "350500", "city", frozenset(), unable=False)]
    question = RouteQuestion("own", "350583", None, "submitted")
    assert heir.route(question, quanzhou).authority_id == "quanzhou"
    # An assignment of another notice may come before an inherited one, a second one of the same notice may not.
    assert heir.route(question._replace(subject_kind="professional"), quanzhou).rule_ids == ("OWN-1",)
    assert fujian.route(question._replace(subject_kind="professional"), quanzhou).rule_ids == ("FJ-08",)
    own = "rules: [OWN-1], kinds: [professional], act: stamp, authority: hrss, level: employer, clause: 甲"
    edit("jurisdictions/heir/all.yaml", own, own.replace("OWN-1", "FJ-08").replace("clause: ", "clause: S9 "))
    with pytest.raises(RulebookDataError, match="overlaps") as caught:
        read_rulebook(draft)
    assert caught.value.file == f"{FUJIAN}/authorities.yaml"


METHOD = """\
jurisdiction:
  code: method
  name: {zh: 温州市某行业, en: An industry of Wenzhou}
  inherits: wenzhou
  replaces: [forms]
  covers: [{region: "330300", industry: 17, valid_from: 2020-01-01, clause: 第八条}]
  in_force: {rule: WZ-12, valid_from: 2020-01-01, clause: 第八条}
  period: {rule: WZ-01, unit: calendar_year, clause: 第六条}
forms:
  - rule: WZ-12
    code: online
    number: 1
    name: {zh: 行业网络学习, en: online learning of the industry}
    kinds: [professional]
    hours_fixed_by: platform
    registration: {how: automatic, clause: 第八条}
    submitters: {list: [platform], clause: 第八条}
    clause: 第八条
"""


def test_an_industrys_own_method_comes_before_its_citys_rules(draft: Path) -> None:
    (draft / "jurisdictions/method").mkdir()
    (draft / "jurisdictions/method/all.yaml").write_text(METHOD, encoding="utf-8")
    whole = read_rulebook(draft)
    wenzhou, method = whole.jurisdiction("wenzhou"), whole.jurisdiction("method")
    assert whole.jurisdiction_for("330302", date(2020, 1, 1), 17) is method
    assert whole.jurisdiction_for("330302", date(2019, 12, 31), 17) is wenzhou
    assert whole.jurisdiction_for("330302", date(2020, 1, 1), 16) is wenzhou
    assert whole.jurisdiction_for("330302", date(2020, 1, 1)) is wenzhou
    assert list(method.forms) == ["online"]
    assert method.kinds == wenzhou.kinds


def test_inheritance_in_a_circle_is_refused(draft: Path, edit: Edit) -> None:
    edit(f"{FUJIAN}/jurisdiction.yaml", "  code: fujian\n", "  code: fujian\n  inherits: fujian\n")
    with pytest.raises(RulebookDataError, match="circle"):
        read_rulebook(draft)


CREDIT = (PACKAGE / FUJIAN / "credit.yaml").read_text(encoding="utf-8")
ROW = CREDIT[CREDIT.index("  - {rule: FJ-03") : CREDIT.index("\nrecord:")]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (ROW + ROW, "overlaps"),
        (
            ROW.replace("clause", "valid_to: 2024-12-31, clause", 1)
            + ROW.replace("rule", "valid_from: 2024-12-31, rule"),
            "overlaps",
        ),
        (ROW.replace("clause", "valid_to: 2023-05-08, clause"), "is before valid_from"),
    ],
)
def test_values_that_overlap_or_end_before_they_begin_are_refused(
    edit: Edit, draft: Path, rows: str, reason: str
) -> None:
    edit(f"{FUJIAN}/credit.yaml", ROW, rows)
    with pytest.raises(RulebookDataError, match=reason):
        read_rulebook(draft)


def test_what_every_record_must_satisfy_leaves_no_gap(edit: Edit, draft: Path) -> None:
    edit(f"{FUJIAN}/credit.yaml", "    days: 366\n", "    days: 366\n    valid_from: 2023-05-10\n")
    with pytest.raises(RulebookDataError, match="gap"):
        read_rulebook(draft)


def test_two_values_one_after_the_other_hold_in_their_own_time(edit: Edit, draft: Path) -> None:
    earlier = ROW.replace("clause", "valid_to: 2024-12-31, clause", 1)
    later = ROW.replace("clause", "valid_from: 2025-01-01, clause").replace('"8"', '"6.5"')
    edit(f"{FUJIAN}/credit.yaml", ROW, later + earlier)
    changed = read_rulebook(draft).jurisdiction("fujian")
    assert changed.day_cap_centihours(date(2023, 5, 9)) == 800
    assert changed.day_cap_centihours(date(2024, 12, 31)) == 800
    assert changed.day_cap_centihours(date(2025, 1, 1)) == 650


def test_an_area_covered_twice_is_refused(edit: Edit, draft: Path) -> None:
    row = '    - region: "350000"\n      clause: 一、第一段\n'
    edit(f"{FUJIAN}/jurisdiction.yaml", row, row + row)
    with pytest.raises(RulebookDataError, match="covered twice"):
        read_rulebook(draft)


def test_climbing_is_a_parameter(edit: Edit, draft: Path) -> None:
    authorities = [Authority("quanzhou", "hrss", "350500", "city", frozenset(), unable=False)]
    question = RouteQuestion("public", "350504", None, "submitted")
    assert load_rulebook().jurisdiction("fujian").route(question, authorities).authority_id is None
    edit(f"{FUJIAN}/authorities.yaml", "to: none", "to: parent")
    changed = read_rulebook(draft).jurisdiction("fujian")
    climbed = changed.route(question, authorities)
    assert climbed.authority_id == "quanzhou"
    assert "does not climb by itself" in climbed.explain("en")
    assert changed.route(question, []).code == "NO_AUTHORITY"


def test_what_a_base_serves_is_data(edit: Edit, draft: Path) -> None:
    county_base = Provider("base", "county", "350504")
    assert not load_rulebook().jurisdiction("fujian").provider_in_scope(county_base, "350502")
    edit(f"{FUJIAN}/authorities.yaml", "base: county, area: county", "base: county, area: city")
    assert read_rulebook(draft).jurisdiction("fujian").provider_in_scope(county_base, "350502")


def test_an_unconfirmed_value_is_said_to_be_one(edit: Edit, draft: Path) -> None:
    edit(
        f"{FUJIAN}/requirements.yaml",
        'counts: [professional], hours: "60", clause: 二、第一段',
        'counts: [professional], hours: "60", unconfirmed: {zh: 来源甲, en: source one}',
    )
    changed = read_rulebook(draft).jurisdiction("fujian")
    assert "Source to be confirmed: source one" in changed.progress("2024", {}, {}).explain("en")
    assert "来源甲" in changed.progress("2024", {}, {}).explain("zh")


def test_the_hash_follows_content_and_not_layout(edit: Edit, draft: Path) -> None:
    assert read_rulebook(draft).hash == load_rulebook().hash
    edit(f"{FUJIAN}/credit.yaml", "record:\n", "# a comment\n\nrecord:\n")
    (draft / FUJIAN / "authorities.yaml").rename(draft / FUJIAN / "a.yaml")
    assert read_rulebook(draft).hash == load_rulebook().hash
    edit(f"{FUJIAN}/credit.yaml", 'hours: "8"', 'hours: "7"')
    assert read_rulebook(draft).hash != load_rulebook().hash


def test_the_rulebook_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        load_rulebook().hash = ""  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        load_rulebook().jurisdiction("fujian").code = ""  # type: ignore[misc]
    for mapping in (load_rulebook().jurisdictions, load_rulebook().jurisdiction("fujian").forms):
        with pytest.raises(TypeError):
            mapping["fujian"] = None  # type: ignore[index]
