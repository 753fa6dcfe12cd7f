"""Opaque cursors of the list of clients."""

import base64
import binascii
import re

from xueshi_identity.domain import NAME_PATTERN
from xueshi_kit.problems import FieldError, invalid


def cursor_after(client_id: str) -> str:
    """Return the cursor that continues after a client."""
    return base64.urlsafe_b64encode(client_id.encode()).decode().rstrip("=")


def client_before(cursor: str | None) -> str:
    """Return the client that a cursor continues after, an empty string for none. Raises a 422 problem."""
    if cursor is None:
        return ""
    try:
        client_id = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        client_id = ""
    if not re.fullmatch(NAME_PATTERN, client_id):
        error = FieldError("/query/cursor", "CURSOR_UNKNOWN", "游标无效,请从第一页开始。", "Not a cursor of this list.")
        raise invalid([error])
    return client_id
