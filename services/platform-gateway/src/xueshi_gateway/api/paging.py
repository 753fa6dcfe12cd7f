"""Cursors of requests: one that is not ours is the caller's error."""

from collections.abc import Callable
from typing import TypeVar

from xueshi_gateway.wire import paging
from xueshi_kit.cursors import CursorError, foreign_cursor

_Key = TypeVar("_Key")


def position_of(list_name: str, cursor: str | None) -> int:
    """Return the position that a cursor stands for, 0 for none. Raises a 422 problem."""
    return _read(paging.position_of, list_name, cursor)


def key_of(list_name: str, cursor: str | None) -> str:
    """Return the key that a cursor stands for, an empty string for none. Raises a 422 problem."""
    return _read(paging.key_of, list_name, cursor)


def _read(read: Callable[[str, str | None], _Key], list_name: str, cursor: str | None) -> _Key:
    try:
        return read(list_name, cursor)
    except CursorError as error:
        raise foreign_cursor() from error
