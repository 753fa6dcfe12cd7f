"""Every error and every state has words in both languages; cursors are ours or refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_gateway.api import problems
from xueshi_gateway.domain import errors
from xueshi_gateway.domain.fates import Fate
from xueshi_gateway.domain.versions import Refused
from xueshi_gateway.wire.fates import fate_view
from xueshi_gateway.wire.paging import cursor_of, key_of, position_of
from xueshi_gateway.wire.receipts import rejection_messages
from xueshi_kit.cursors import CursorError
from xueshi_rulebook import load_rulebook

REJECTIONS = {
    "CONFLICT", "UNKNOWN_RECORD", "VOIDED", "INCOMPLETE", "ID_NUMBER_INVALID", "ID_TYPE_UNKNOWN",
    "EMPLOYER_CODE_INVALID", "PERSONAL_DATA", "IN_FUTURE", "HOURS_MISMATCH", "FIELD_INVALID", "NOT_PASSED",
}  # fmt: skip
STATES = ("accepted", "held", "registered", "queued", "stamped", "returned", "revoked", "voided")


def test_every_error_is_translated() -> None:
    assert problems._PROBLEMS.keys() == set(errors.GatewayError.__subclasses__())


def test_every_rejection_says_why_and_what_to_do() -> None:
    messages = rejection_messages(load_rulebook())
    assert messages.of_codes.keys() >= REJECTIONS
    said = [*messages.of_codes.values(), *messages.of_forms.values()]
    assert all(words.zh.endswith("。") and words.en.endswith(".") for words in said)


def test_a_form_of_another_subject_is_explained_by_the_rule_and_its_clause() -> None:
    rulebook = load_rulebook()
    [form] = rulebook.jurisdiction("fujian").forms["external_class"]
    words = rejection_messages(rulebook).of(Refused("r1", "FIELD_INVALID", "/learning_form", form.code))
    for text in (words.zh, words.en):
        assert "FJ-04" in text
        assert form.clause in text
    assert "专业科目" in words.zh
    assert "公需科目" not in words.zh
    assert "professional subjects" in words.en


@pytest.mark.parametrize("state", [*STATES, "something_new"])
@pytest.mark.parametrize("code", ["", "DAY_CAP_REACHED", "A_CODE_OF_TOMORROW"])
def test_every_state_says_why_and_what_to_do(state: str, code: str) -> None:
    fate = Fate("r1", 1, state, datetime(2025, 6, 3, tzinfo=UTC), code=code, rule_ids=("FJ-03", "XX-99"))
    view = fate_view(fate, load_rulebook())
    assert view.reason.zh
    assert view.todo.en
    assert [rule.id for rule in view.rules][:2] == ["FJ-03", "XX-99"]
    assert view.changed_at.isoformat() == "2025-06-03T08:00:00+08:00"


def test_a_rule_that_is_in_part_a_reading_says_so_and_a_plain_one_does_not() -> None:
    rulebook = load_rulebook()
    fate = Fate("r1", 1, "queued", datetime(2025, 6, 3, tzinfo=UTC), rule_ids=("FJ-03", "FJ-09", "XX-99"))
    read, plain, gone = fate_view(fate, rulebook).rules
    assert read.reading is not None
    assert (read.reading.zh, read.reading.en) == (rulebook.rule("FJ-03").reading_zh, rulebook.rule("FJ-03").reading_en)
    assert (plain.reading, gone.reading, gone.clause) == (None, None, "")


@given(key=st.text(st.characters(categories=["L", "N", "P"]), max_size=30))
def test_cursors_come_back(key: str) -> None:
    assert key_of("platforms", cursor_of("platforms", key)) == key


@given(position=st.integers(0, 2**63 - 1))
def test_positions_come_back(position: int) -> None:
    assert position_of("fates", cursor_of("fates", str(position))) == position


@given(text=st.text(max_size=60))
def test_other_text_is_a_cursor_error_or_nothing_worse(text: str) -> None:
    try:
        position_of("fates", text)
    except CursorError:
        return
    pytest.fail("made up and taken")


@pytest.mark.parametrize("key", [str(2**63), "-1", "1.0", "9" * 4000, "\u0663"])
def test_a_position_is_a_count(key: str) -> None:
    with pytest.raises(CursorError):
        position_of("fates", cursor_of("fates", key))


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(CursorError):
        position_of("fates", cursor_of("audit", "1"))
