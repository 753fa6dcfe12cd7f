"""Opaque cursors: a list's letter and numbers, so that a cursor of another list is refused."""

from xueshi_kit.cursors import CursorError, decode, encode, foreign_cursor

_MAX_NUMBER = 2**63 - 1


def cursor_of(name: str, *numbers: int) -> str:
    """Return the cursor of the list `name` that continues behind these numbers."""
    text = ":".join([name, *map(str, numbers)])
    return encode(text)


def numbers_of(name: str, count: int, cursor: str | None) -> tuple[int, ...] | None:
    """Return the `count` numbers of a cursor, None for none. Raises a 422 problem for one that is not of this list."""
    if cursor is None:
        return None
    try:
        text = decode(cursor)
    except CursorError as error:
        raise foreign_cursor() from error
    named, *parts = text.split(":")
    if named != name or len(parts) != count or not all(part.isascii() and part.isdigit() for part in parts):
        raise foreign_cursor()
    numbers = tuple(map(int, parts))
    if max(numbers) > _MAX_NUMBER:
        raise foreign_cursor()
    return numbers
