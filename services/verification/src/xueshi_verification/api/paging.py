"""Opaque cursors of verification's lists."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from xueshi_kit.cursors import decode, encode, foreign_cursor

Key = TypeVar("Key")
Row = TypeVar("Row")

MAX_CURSOR_CHARACTERS = 200

Cursor = Annotated[
    str | None,
    Query(
        max_length=MAX_CURSOR_CHARACTERS,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="`next_cursor` of the page before.",
        examples=["NDI"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]


def next_cursor(rows: Sequence[Row], limit: int, key: Callable[[Row], object]) -> str | None:
    """Return the cursor that continues after the last row; None where the page is not full."""
    if len(rows) < limit:
        return None
    return encode(str(key(rows[-1])))


def key_of(cursor: str | None, parse: Callable[[str], Key], first: Key) -> Key:
    """Return what a cursor stands for, `first` for none. Raises a 422 problem for one that is not of this list."""
    if not cursor:
        return first
    try:
        return parse(decode(cursor))
    except ValueError as error:
        raise foreign_cursor() from error


MAX_POSITION = 2**63 - 1


def position(text: str) -> int:
    """Parse a position; raises ValueError."""
    number = int(text)
    if not 0 <= number <= MAX_POSITION:
        raise ValueError(text)
    return number
