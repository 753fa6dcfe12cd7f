"""What nobody could mean is refused when it is read: impossible bounds, gaps, codes that never match, broken files."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from xueshi_rulebook import RulebookDataError, read_rulebook

PACKAGE = Path(str(resources.files("xueshi_rulebook")))
Edit = Callable[[str, str, str], int]

FUJIAN_YEAR = """\
      - {code: public, counts: [public], hours: "30", clause: 二、第一段}
      - {code: professional, counts: [professional], hours: "60", clause: 二、第一段}
      - {code: total, name: {zh: 合计, en: total}, counts: [public, professional], hours: "90", clause: 二、第一段}
"""


def refusal_of(draft: Path) -> RulebookDataError:
    """Return why a draft is refused."""
    with pytest.raises(RulebookDataError) as caught:
        read_rulebook(draft)
    return caught.value


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("shaoguan/deadlines", "days: 1\n", "days: 40\n", "opens after it is due"),
        (
            "shaoguan/deadlines",
            "side: before, clause: 七、第一段",
            "side: after, clause: 七、第一段",
            "opens after it is",
        ),
        ("fujian/deadlines", "date: 2023-07-31", "date: 2023-05-08", "due on 2023-05-08, before it is in force"),
        ("shaoguan/requirements", 'days: "12"', 'days: "367"', "at most 366 days"),
        ("fujian/requirements", FUJIAN_YEAR, FUJIAN_YEAR.replace('"90"', '"2928.01"'), "at most 2928 hours"),
        ("shaoguan/requirements", 'hours: "72"', 'hours: "8784.01"', "is outside 0 to 8784"),
        ("luojiang/requirements", 'hours_a_year: "90"', 'hours_a_year: "8784.01"', "is outside 0 to 8784"),
        (
            "luojiang/requirements",
            "{kinds: [medical_remote, general_practice_remote], ",
            "{kinds: [medical, general_practice, medical_remote, general_practice_remote], ",
            "a cap on all that a line counts",
        ),
        (
            "fujian/forms",
            'year_cap:\n        hours: "60"',
            'year_cap:\n        hours: "59.99"',
            "below what a single unit",
        ),
        ("wenzhou/forms", "rank: 3", "rank: 4", "no row gives rank 3"),
        ("fujian/forms", "from_rank: 2", "from_rank: 3", "no row gives rank 2"),
        ("fujian/applications", "level: 3", "level: 6", "6 is outside 1 to 5"),
        ("shaoguan/forms", 'credit_year: "2018"', 'credit_year: "20180"', "'20180' is not a year"),
        ("shaoguan/forms", 'credit_year: "2018"', 'credit_year: "2019"', "no year that was over before 2019-06-30"),
        ("shaoguan/forms", 'credit_year: "2018"', 'credit_year: "20180101-20181231"', "no year that was over"),
        (
            "fujian/jurisdiction",
            "    valid_from: 2023-05-09",
            "    valid_from: 2023-05-10",
            "their learning forms from",
        ),
        ("shaoguan/requirements", "valid_from: 2021-01-01", "valid_from: 2021-01-02", "from 2021-01-01 to 2021-01-01"),
        ("fujian/forms", "items: [project], name", "items: [projct], name", "'projct' is none of"),
        ("wenzhou/forms", "items: [national_qual", "items: [natonal_qual", "nobody knows 'natonal_qualification'"),
        ("fujian/forms", "levels: {list: [national,", "levels: {list: [natonal,", "nobody knows 'natonal'"),
        ("wenzhou/forms", "levels: [city]", "levels: [cty]", "nobody knows 'cty'"),
        ("wenzhou/forms", "documents: [certificate,", "documents: [certficate,", "nobody knows 'certficate'"),
        ("fujian/applications", "when: {fact: subject,", "when: {fact: subjct,", "nobody knows 'subjct'"),
        ("fujian/applications", "is: [professional]}", "is: [public, profesional]}", "nobody knows 'profesional'"),
        ("fujian/applications", "is: [professional]}", "is: [elective]}", "'elective' is none of professional, public"),
        ("fujian/bases", "{fact: is_city_base}", "{fact: is_cty_base}", "nobody knows 'is_cty_base'"),
        ("shaoguan/jurisdiction", "code: BACK_FILL_CLOSED", "code: BACK_FILL_CLOSD", "'BACK_FILL_CLOSD' is none of"),
        ("luojiang/authorities", "valid_to: 2023-05-08", "valid_to: 2023-05-09", "beyond that of LJ-10"),
        ("luojiang/applications", "any_of: [diploma,", "any_of: [diplma,", "nobody knows 'diplma'"),
    ],
)
def test_what_nobody_could_mean_is_refused(edit: Edit, draft: Path, file: str, old: str, new: str, reason: str) -> None:
    edit(f"jurisdictions/{file}.yaml", old, new)
    refused = refusal_of(draft)
    assert reason in refused.reason
    assert refused.file == f"jurisdictions/{file}.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("shaoguan/deadlines", "days: 1\n", "days: 30\n"),
        ("shaoguan/requirements", 'days: "12"', 'days: "366"'),
        ("fujian/requirements", FUJIAN_YEAR, FUJIAN_YEAR.replace('"90"', '"2928"')),
        ("fujian/applications", "level: 3", "level: 5"),
    ],
)
def test_what_is_just_possible_is_read(edit: Edit, draft: Path, file: str, old: str, new: str) -> None:
    edit(f"jurisdictions/{file}.yaml", old, new)
    read_rulebook(draft)


def test_days_without_a_cap_between_two_of_them_are_refused(edit: Edit, draft: Path) -> None:
    credit = (PACKAGE / "jurisdictions/fujian/credit.yaml").read_text(encoding="utf-8")
    row = credit[credit.index("  - {rule: FJ-03") : credit.index("\nrecord:")]
    earlier = row.replace("clause", "valid_to: 2024-12-31, clause")
    edit("jurisdictions/fujian/credit.yaml", row, earlier + row.replace("clause", "valid_from: 2025-01-03, clause"))
    assert "the day cap has a gap from 2025-01-01 to 2025-01-02" in refusal_of(draft).reason


@pytest.mark.parametrize("written", ["20230509", "2023-W19-2", "2023-05-9", "2023/05/09"])
def test_a_day_is_written_in_one_way(edit: Edit, draft: Path, written: str) -> None:
    line = edit("jurisdictions/fujian/rules.yaml", "valid_from: 2023-05-09", f"valid_from: {written}")
    refused = refusal_of(draft)
    assert (refused.line, refused.reason) == (line, "a date YYYY-MM-DD is expected")


@pytest.mark.parametrize("written", ["1:30", "0x10", "010", "3_66", "+366", "9" * 5000])
def test_a_whole_number_is_written_in_plain_digits(edit: Edit, draft: Path, written: str) -> None:
    line = edit("jurisdictions/fujian/credit.yaml", "days: 366", f"days: {written}")
    refused = refusal_of(draft)
    assert (refused.file, refused.line) == ("jurisdictions/fujian/credit.yaml", line)
    assert "plain digits" in refused.reason


@pytest.mark.parametrize("written", ["1e1", " 8", "８", "8.", "1_0", "9" * 5000])
def test_hours_are_written_in_plain_digits(edit: Edit, draft: Path, written: str) -> None:
    edit("jurisdictions/fujian/credit.yaml", 'hours: "8"', f'hours: "{written}"')
    assert "not a decimal number of hours" in refusal_of(draft).reason


@pytest.mark.parametrize(
    ("written", "reason"),
    [("学时：八".encode("gbk"), "not UTF-8"), (b'note: "\x07"', "no text"), (b"note: \xed\xa0\x80", "not UTF-8")],
)
def test_a_file_that_is_no_text_is_refused_with_its_line(draft: Path, written: bytes, reason: str) -> None:
    (draft / "jurisdictions/fujian/extra.yaml").write_bytes(b"# one\n# two\n" + written)
    refused = refusal_of(draft)
    assert (refused.file, refused.line) == ("jurisdictions/fujian/extra.yaml", 3)
    assert reason in refused.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('year: {zh: "{code}年度"', 'year: {zh: "{cod}年度"', "the two languages have different blanks"),
        ('year: {zh: "{code}年度", en: "{code}"}', 'year: {zh: "{cod}年度", en: "{cod}"}', "nothing fills in {cod}"),
        ('year: {zh: "{code}年度", en: "{code}"}', 'year: {zh: "{}年度", en: "{}"}', "nothing fills in {}"),
        ('year: {zh: "{code}年度"', 'year: {zh: "{code年度"', "braces"),
    ],
)
def test_a_blank_that_nothing_fills_in_is_refused(edit: Edit, draft: Path, old: str, new: str, reason: str) -> None:
    edit("wording.yaml", old, new)
    refused = refusal_of(draft)
    assert reason in refused.reason
    assert refused.file == "wording.yaml"


def test_a_draft_may_bring_words_for_codes_of_its_own(edit: Edit, draft: Path) -> None:
    edit("jurisdictions/wenzhou/forms.yaml", "levels: [city]", "levels: [metropolis]")
    assert "nobody knows 'metropolis'" in refusal_of(draft).reason
    own = (PACKAGE / "labels.yaml").read_text(encoding="utf-8") + "  metropolis: {zh: 大都市, en: metropolis}\n"
    (draft / "labels.yaml").write_text(own, encoding="utf-8")
    read_rulebook(draft)
    (draft / "labels.yaml").write_text("codes: {}\n", encoding="utf-8")
    assert str(refusal_of(draft)) == "labels.yaml:1: labels have refer and codes"
