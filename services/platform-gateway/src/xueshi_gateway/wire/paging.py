"""Opaque cursors: what a list goes on from, in a form that nobody is tempted to make up."""

from xueshi_kit.cursors import CursorError, decode, encode

_LARGEST = 2**63 - 1


def cursor_of(list_name: str, key: str) -> str:
    """Return the cursor that goes on after `key` in a list."""
    return encode(f"{list_name}:{key}")


def key_of(list_name: str, cursor: str | None) -> str:
    """Return what a cursor stands for; an empty string for none. Raises `CursorError`."""
    if cursor is None:
        return ""
    name, colon, key = decode(cursor).partition(":")
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
