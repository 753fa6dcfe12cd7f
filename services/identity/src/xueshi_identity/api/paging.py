"""Opaque cursors of the list of clients."""

import re

from xueshi_identity.domain import NAME_PATTERN
from xueshi_kit.cursors import CursorError, decode, encode, foreign_cursor


def cursor_after(client_id: str) -> str:
    """Return the cursor that continues after a client."""
    return encode(client_id)


def client_before(cursor: str | None) -> str:
    """Return the client that a cursor continues after, an empty string for none. Raises a 422 problem."""
    if cursor is None:
        return ""
    try:
        client_id = decode(cursor)
    except CursorError:
        client_id = ""
    if not re.fullmatch(NAME_PATTERN, client_id):
        raise foreign_cursor()
    return client_id
