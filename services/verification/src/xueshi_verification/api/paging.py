"""Opaque cursors of verification's lists."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from xueshi_kit.problems import FieldError, invalid

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
    return base64.urlsafe_b64encode(str(key(rows[-1])).encode()).decode().rstrip("=")


def key_of(cursor: str | None, parse: Callable[[str], Key], first: Key) -> Key:
    """Return what a cursor stands for, `first` for none. Raises a 422 problem for one that is not of this list."""
    if not cursor:
        return first
    try:
        return parse(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode())
    except (binascii.Error, ValueError) as error:
        raise invalid(
            [FieldError("/query/cursor", "CURSOR_UNKNOWN", "游标无效,请从第一页开始。", "Not a cursor of this list.")]
        ) from error


MAX_POSITION = 2**63 - 1


def position(text: str) -> int:
    """Parse a position; raises ValueError."""
    number = int(text)
    if not 0 <= number <= MAX_POSITION:
        raise ValueError(text)
    return number
