"""Cursors give back what they stand for; what is none is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_kit.cursors import CursorError, decode, encode, foreign_cursor


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_cursor_gives_its_key_back_and_fits_a_url(key: str) -> None:
    cursor = encode(key)
    assert decode(cursor) == key
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("cursor", ["%", "a", "+w", "é", "_w", "AA==="])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError):
        decode(cursor)


def test_the_problem_names_the_parameter() -> None:
    (error,) = foreign_cursor().errors
    assert (error.pointer, error.code) == ("/query/cursor", "CURSOR_UNKNOWN")
