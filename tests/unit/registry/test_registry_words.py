"""What an older rulebook has said is still shown."""

from pathlib import Path

from tests.support.rulebooks import draft
from xueshi_registry.api.words import decided_rules, guidance_of, rule_of
from xueshi_rulebook import load_rulebook, read_rulebook, rules_in


def test_a_known_code_and_rule_come_with_words() -> None:
    rulebook = load_rulebook()
    assert guidance_of(rulebook, "NAME_MISMATCH").todo_zh
    assert rule_of(rulebook, "FJ-03").clause == rulebook.rule("FJ-03").citation


def test_a_rule_says_what_of_it_is_a_reading_and_nothing_where_the_notice_decides() -> None:
    rulebook = load_rulebook()
    read, plain = rule_of(rulebook, "FJ-03"), rule_of(rulebook, "FJ-09")
    assert (read.reading_zh, read.reading_en) == (rulebook.rule("FJ-03").reading_zh, rulebook.rule("FJ-03").reading_en)
    assert (plain.reading_zh, plain.reading_en) == (None, None)


def test_a_records_rules_are_those_of_the_version_that_judged_it_as_far_as_it_has_them(tmp_path: Path) -> None:
    present = load_rulebook()
    folder = draft(tmp_path / "earlier", {present.rule("FJ-04").title_zh: "从前的标题"})
    earlier = read_rulebook(folder)
    decided, later = decided_rules(rules_in(earlier.canonical), present, ["FJ-04", "XX-99"])
    assert (decided.title_zh, decided.clause) == ("从前的标题", present.rule("FJ-04").citation)
    assert later.id == "XX-99"
    assert decided_rules(rules_in(present.canonical), earlier, ["FJ-04"])[0].title_zh == present.rule("FJ-04").title_zh


def test_the_rules_of_a_version_read_alike_compiled_and_from_its_canonical_form() -> None:
    rulebook = load_rulebook()
    assert rules_in(rulebook.canonical) == {each: rulebook.rule_words(each) for each in rulebook.rule_ids()}


def test_one_that_the_rulebook_no_longer_has_is_shown_as_it_stands() -> None:
    rulebook = load_rulebook()
    assert "GONE" in guidance_of(rulebook, "GONE").reason_en
    gone = rule_of(rulebook, "XX-99")
    assert (gone.id, gone.clause, gone.title_zh, gone.reading_zh) == ("XX-99", "", "", None)
