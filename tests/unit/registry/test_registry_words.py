"""What an older rulebook has said is still shown."""

from xueshi_registry.api.words import guidance_of, rule_of
from xueshi_rulebook import load_rulebook


def test_a_known_code_and_rule_come_with_words() -> None:
    rulebook = load_rulebook()
    assert guidance_of(rulebook, "NAME_MISMATCH").todo_zh
    assert rule_of(rulebook, "FJ-03")["clause"]


def test_one_that_the_rulebook_no_longer_has_is_shown_as_it_stands() -> None:
    rulebook = load_rulebook()
    assert "GONE" in guidance_of(rulebook, "GONE").reason_en
    assert rule_of(rulebook, "XX-99") == {"id": "XX-99", "clause": "", "title_zh": "", "title_en": ""}
