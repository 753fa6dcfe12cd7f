"""The industries of S0 附件5: their numbers, their clause, and tables that are refused."""

from importlib import resources

import pytest

from xueshi_rulebook import RulebookDataError, load_rulebook
from xueshi_rulebook.industries import industries, read_industries
from xueshi_rulebook.yamlsource import parse

TEXT = (resources.files("xueshi_rulebook") / "data" / "industries.yaml").read_text(encoding="utf-8")


def test_they_are_the_twenty_of_the_notice_and_name_its_annex() -> None:
    assert [each.number for each in industries()] == list(range(1, 21))
    assert (industries()[4].name_zh, industries()[15].name_zh) == ("建筑业", "教育")
    assert {each.basis.note.zh for each in industries()} == {"闽人社办〔2023〕70号 附件5"}
    assert {each.basis.kind for each in industries()} == {"clause"}


def test_each_has_names_of_its_own_in_both_languages() -> None:
    assert len({each.name_zh for each in industries()}) == len(industries())
    assert len({each.name_en for each in industries()}) == len(industries())
    assert all(each.name_en.isascii() and not each.name_zh.isascii() for each in industries())


def test_they_are_part_of_what_the_hash_names() -> None:
    assert "交通运输、仓储和邮政业" in load_rulebook().canonical


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("number: 2,", "number: 3,", "industry 2 is expected"),
        ("number: 1,", "number: 0,", "0 is outside 1 to"),
        ("  clause: 闽人社办〔2023〕70号 附件5\n", "", "rests on exactly one"),
        ("zh: 采矿业", "name: 采矿业", "unknown key 'name'"),
        ("\nindustries:", "\nindustry:", "unknown key 'industry'"),
    ],
)
def test_a_broken_table_is_refused(old: str, new: str, reason: str) -> None:
    assert old in TEXT
    with pytest.raises(RulebookDataError, match=reason):
        read_industries(parse(TEXT.replace(old, new, 1), "data/industries.yaml"))
