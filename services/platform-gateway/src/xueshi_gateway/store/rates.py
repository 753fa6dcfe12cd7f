"""How many records each platform has sent in a minute, counted over all instances."""

from collections.abc import Mapping
from datetime import datetime

from xueshi_gateway.domain.records import PlatformId
from xueshi_kit.db import Connection, Transaction


async def count_records(
    sql: Connection, minute: datetime, sums: Mapping[PlatformId, tuple[int, int]]
) -> dict[PlatformId, int]:
    """Add to each platform's count of this minute and return it, for those whose limit holds it.

    `sums` gives (limit, records); the records by themselves must not pass the limit. Nothing is added for the others.
    """
    rows = await sql.fetch(
        "INSERT INTO record_minute AS m (platform, minute, records)"
        " SELECT platform, $1, records FROM unnest($2::text[], $4::integer[]) AS given (platform, records)"
        " ORDER BY platform"
        " ON CONFLICT (platform, minute) DO UPDATE SET records = m.records + EXCLUDED.records"
        " WHERE m.records + EXCLUDED.records <= ($3::integer[])[array_position($2::text[], m.platform)]"
        " RETURNING platform, records",
        minute,
        list(sums),
        [limit for limit, _ in sums.values()],
        [records for _, records in sums.values()],
    )
    return {PlatformId(platform): records for platform, records in rows}


async def forget_minutes(tx: Transaction, before: datetime) -> None:
    """Delete counts that no limit looks at any more."""
    await tx.sql.execute("DELETE FROM record_minute WHERE minute < $1", before)
