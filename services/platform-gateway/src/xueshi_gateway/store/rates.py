"""How many records each platform has sent in a minute, counted over all instances."""

from datetime import datetime

from xueshi_gateway.domain.records import PlatformId
from xueshi_kit.db import Transaction


async def count_records(
    tx: Transaction, platform: PlatformId, minute: datetime, records: int, limit: int
) -> int | None:
    """Add to the platform's count of this minute and return it; None, and nothing added, where it would pass `limit`.

    `records` by itself must not pass it.
    """
    counted: int | None = await tx.sql.fetchval(
        "INSERT INTO record_minute AS m (platform, minute, records) VALUES ($1, $2, $3)"
        " ON CONFLICT (platform, minute) DO UPDATE SET records = m.records + EXCLUDED.records"
        " WHERE m.records + EXCLUDED.records <= $4 RETURNING m.records",
        platform,
        minute,
        records,
        limit,
    )
    return counted


async def forget_minutes(tx: Transaction, before: datetime) -> None:
    """Delete counts that no limit looks at any more."""
    await tx.sql.execute("DELETE FROM record_minute WHERE minute < $1", before)
