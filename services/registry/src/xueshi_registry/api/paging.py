"""Opaque cursors of the registry's lists."""

import base64
import binascii

from xueshi_kit.problems import FieldError, invalid


def cursor_of(key: str) -> str:
    """Return the opaque cursor that continues after `key`."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(cursor: str | None) -> str:
    """Return what a cursor stands for, an empty string for none. Raises a 422 problem for a foreign one."""
    if not cursor:
        return ""
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid(
            [FieldError("/query/cursor", "CURSOR_UNKNOWN", "游标无效,请从第一页开始。", "Not a cursor of this list.")]
        ) from error
