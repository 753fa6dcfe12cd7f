"""Opaque cursors of the registry's lists."""

import re
from typing import Annotated

from fastapi import Query

from xueshi_kit.cursors import CursorError, decode, encode, foreign_cursor

USCC = re.compile(r"[0-9A-Z]{18}")
POSITION = re.compile(r"[0-9]{1,18}")

Cursor = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="`next_cursor` of the page before.", examples=["NDI"]),
]


def cursor_of(key: str) -> str:
    """Return the opaque cursor that continues after `key`."""
    return encode(key)


def key_of(cursor: str | None, form: re.Pattern[str]) -> str:
    """Return what a cursor stands for, an empty string for none. Raises a 422 problem for one that is not of the form.

    A key of this list is of the form; what comes from elsewhere is not shown to the database.
    """
    if cursor is None:
        return ""
    try:
        key = decode(cursor)
    except CursorError:
        key = ""
    if not form.fullmatch(key):
        raise foreign_cursor()
    return key
