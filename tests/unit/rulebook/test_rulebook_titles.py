"""Title series and levels: the list, the order of levels, and tables that are refused."""

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import RulebookDataError, UnknownTitleError, load_rulebook
from xueshi_rulebook.titles import (
    TitleSeries,
    outranks,
    read_titles,
    title_levels,
    title_series,
    title_series_of,
)
from xueshi_rulebook.yamlsource import parse

TEXT = (resources.files("xueshi_rulebook") / "data" / "titles.yaml").read_text(encoding="utf-8")
LEVELS = ["senior", "associate_senior", "intermediate", "assistant", "entry"]
WITH_ENTRY = {
    "health", "engineering", "agriculture", "library", "archives", "arts_and_crafts", "technical_school", "laboratory",
    "secondary_vocational", "primary_and_secondary",
}  # fmt: skip


def test_there_are_twenty_seven_series_with_codes_and_names_of_their_own() -> None:
    assert [each.number for each in title_series()] == list(range(1, 28))
    for field in ("code", "name_zh", "name_en"):
        assert len({getattr(each, field) for each in title_series()}) == 27
    assert title_series_of("engineering").name_zh == "工程技术人员"
    assert title_series_of("auditing").number == 27


def test_the_levels_from_the_highest() -> None:
    assert [level.code for level in title_levels()] == LEVELS
    assert [level.rank for level in title_levels()] == [5, 4, 3, 2, 1]
    assert [level.name_zh for level in title_levels()] == ["正高级", "副高级", "中级", "助理级", "员级"]


def test_some_series_have_no_entry_level() -> None:
    assert {each.code for each in title_series() if "entry" in each.levels} == WITH_ENTRY
    assert all(set(LEVELS[:4]) <= set(each.levels) for each in title_series())


def test_what_is_not_confirmed_says_so() -> None:
    unsure = {each.code for each in title_series() if each.basis.kind == "unconfirmed"}
    assert unsure == {
        "technical_school", "broadcasting", "statistics", "laboratory", "secondary_vocational", "shipping",
        "civil_aviation_flight", "auditing",
    }  # fmt: skip
    assert all(each.basis.note.zh and each.basis.note.en for each in title_series())


def test_the_next_level_above() -> None:
    engineering = title_series_of("engineering")
    assert engineering.next_above("entry") == "assistant"
    assert engineering.next_above("intermediate") == "associate_senior"
    assert engineering.next_above("senior") is None


@given(st.sampled_from(title_series()))
def test_climbing_passes_every_level_once_and_ends_at_the_highest(series: TitleSeries) -> None:
    climbed = [series.levels[-1]]
    while (above := series.next_above(climbed[-1])) is not None:
        assert outranks(above, climbed[-1])
        assert not outranks(climbed[-1], above)
        climbed.append(above)
    assert tuple(reversed(climbed)) == series.levels


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_of_two_levels_one_is_higher_or_they_are_the_same(one: str, other: str) -> None:
    assert [outranks(one, other), outranks(other, one), one == other].count(True) == 1


def test_unknown_codes_are_errors() -> None:
    with pytest.raises(UnknownTitleError):
        title_series_of("alchemy")
    with pytest.raises(UnknownTitleError):
        title_series_of("accounting").next_above("entry")
    for pair in (("entry", "master"), ("master", "entry")):
        with pytest.raises(UnknownTitleError):
            outranks(*pair)


def test_they_are_part_of_what_the_hash_names() -> None:
    assert "民用航空飞行技术人员" in load_rulebook().canonical


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("number: 2\n", "number: 3\n", "series 2 is expected"),
        ("number: 1\n", "number: 100\n", "100 is outside 1 to"),
        ("code: natural_science", "code: social_science", "series 'social_science' is repeated"),
        ("zh: 自然科学研究人员", "zh: 哲学社会科学研究人员", "series 'natural_science' is repeated"),
        ("code: entry,", "code: assistant,", "level 'assistant' is repeated"),
        ("[senior, associate_senior,", "[associate_senior, senior,", "the highest level comes first"),
        ("[senior, associate_senior,", "[senior, senior,", "'senior' is repeated"),
        ("[senior, associate_senior,", "[master, associate_senior,", "'master' is none of"),
        ("    clause: 人社部发〔2019〕8号\n", "", "rests on exactly one"),
        ("  clause: 中办发〔2016〕77号\n", "", "rests on exactly one"),
        ("    code: health\n", "    kode: health\n", "unknown key 'kode'"),
    ],
)
def test_a_broken_table_is_refused(old: str, new: str, reason: str) -> None:
    assert old in TEXT
    with pytest.raises(RulebookDataError, match=reason):
        read_titles(parse(TEXT.replace(old, new, 1), "data/titles.yaml"))
