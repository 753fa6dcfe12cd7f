"""What the door needs of a platform, in one read."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from xueshi_gateway.domain.records import PlatformId
from xueshi_kit.db import Transaction

MAX_KEYS = 16
"""Keys that a request is checked against: first those that have not been revoked, those that last longest first."""


class KeyRow(NamedTuple):
    """A platform's key as it is stored."""

    key_id: str
    sealed: bytes
    expires_at: datetime | None
    revoked_at: datetime | None


class AccessRow(NamedTuple):
    """A platform with its keys."""

    is_active: bool
    records_per_minute: int | None
    keys: Sequence[KeyRow]


async def read_access(tx: Transaction, platform: PlatformId) -> AccessRow | None:
    """Return a platform's state and keys; None for an unknown platform."""
    rows = await tx.sql.fetch(
        "SELECT p.status, p.records_per_minute, k.key_id, k.sealed, k.expires_at, k.revoked_at"
        " FROM platform p LEFT JOIN signing_key k ON k.platform = p.id"
        " WHERE p.id = $1 ORDER BY k.revoked_at DESC NULLS FIRST, k.expires_at DESC NULLS FIRST, k.key_id LIMIT $2",
        platform,
        MAX_KEYS,
    )
    if not rows:
        return None
    keys = [
        KeyRow(row["key_id"], row["sealed"], row["expires_at"], row["revoked_at"])
        for row in rows
        if row["key_id"] is not None
    ]
    return AccessRow(rows[0]["status"] == "active", rows[0]["records_per_minute"], keys)
