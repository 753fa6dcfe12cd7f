"""Opaque cursors: what a list goes on from, in a form that nobody is tempted to make up."""

import base64
import binascii

_LARGEST = 2**63 - 1


class CursorError(Exception):
    """What was given is no cursor of this list."""


def cursor_of(list_name: str, key: str) -> str:
    """Return the cursor that goes on after `key` in a list."""
    return base64.urlsafe_b64encode(f"{list_name}:{key}".encode()).decode().rstrip("=")


def key_of(list_name: str, cursor: str | None) -> str:
    """Return what a cursor stands for; an empty string for none. Raises `CursorError`."""
    if cursor is None:
        return ""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise CursorError from error
    name, colon, key = raw.partition(":")
    if name != list_name or not colon or not key.isprintable():
        raise CursorError
    return key


def position_of(list_name: str, cursor: str | None) -> int:
    """Return the position that a cursor stands for; 0 for none. Raises `CursorError`."""
    key = key_of(list_name, cursor)
    if not key:
        return 0
    if not (key.isascii() and key.isdigit()) or int(key[:20]) > _LARGEST:
        raise CursorError
    return int(key)
