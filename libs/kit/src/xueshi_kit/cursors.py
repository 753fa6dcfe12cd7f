"""Opaque cursors of lists: a key in a form that nobody is tempted to make up; what it may say is each list's own."""

import base64

from xueshi_kit.problems import FieldError, Problem, invalid


class CursorError(ValueError):
    """What was given is no cursor."""


def encode(key: str) -> str:
    """Return the cursor that stands for a key; URL-safe, without padding."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def decode(cursor: str) -> str:
    """Return the key that a cursor stands for. Raises `CursorError`."""
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise CursorError(cursor) from error


def foreign_cursor() -> Problem:
    """Return the 422 problem for a cursor that is not one of the list's."""
    return invalid(
        [
            FieldError(
                "/query/cursor",
                "CURSOR_UNKNOWN",
                "游标无效,请从第一页开始。",
                "Not a cursor of this list; start with its first page.",
            )
        ]
    )
