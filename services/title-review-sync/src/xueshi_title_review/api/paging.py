"""Opaque cursors: a list's letter and numbers, so that a cursor of another list is refused."""

import base64
import binascii

from xueshi_kit.problems import FieldError, Problem, invalid

_MAX_NUMBER = 2**63 - 1


def cursor_of(name: str, *numbers: int) -> str:
    """Return the cursor of the list `name` that continues behind these numbers."""
    text = ":".join([name, *map(str, numbers)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def numbers_of(name: str, count: int, cursor: str | None) -> tuple[int, ...] | None:
    """Return the `count` numbers of a cursor, None for none. Raises a 422 problem for one that is not of this list."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _foreign() from error
    named, *parts = text.split(":")
    if named != name or len(parts) != count or not all(part.isdigit() for part in parts):
        raise _foreign()
    numbers = tuple(map(int, parts))
    if max(numbers) > _MAX_NUMBER:
        raise _foreign()
    return numbers


def _foreign() -> Problem:
    return invalid(
        [FieldError("/query/cursor", "CURSOR_UNKNOWN", "游标无效,请从第一页开始。", "Not a cursor of this list.")]
    )
