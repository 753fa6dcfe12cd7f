"""Deliveries and record versions: the hot path's SQL. Everything here is set-based."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from asyncpg.pgproto.pgproto import UUID

from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.domain.versions import Accepted, History
from xueshi_kit.db import Transaction


class Standing(NamedTuple):
    """A delivery that came before."""

    fingerprint: bytes
    receipt: bytes


async def claim_delivery(
    tx: Transaction, platform: PlatformId, webhook_id: str, fingerprint: bytes, accepted_at: datetime
) -> int | None:
    """Enter a delivery and return its number; None where its id stands already.

    A delivery of the same id that is under way is waited for.
    """
    number: int | None = await tx.sql.fetchval(
        "INSERT INTO delivery (platform, webhook_id, fingerprint, accepted_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (platform, webhook_id) DO NOTHING RETURNING id",
        platform,
        webhook_id,
        fingerprint,
        accepted_at,
    )
    return number


async def standing_delivery(tx: Transaction, platform: PlatformId, webhook_id: str) -> Standing | None:
    """Return the fingerprint and receipt of a delivery."""
    row = await tx.sql.fetchrow(
        "SELECT d.fingerprint, r.body FROM delivery d JOIN receipt r ON r.delivery = d.id"
        " WHERE d.platform = $1 AND d.webhook_id = $2",
        platform,
        webhook_id,
    )
    return None if row is None else Standing(row["fingerprint"], row["body"])


async def insert_receipt(tx: Transaction, delivery: int, body: bytes) -> None:
    """Keep what the platform is answered."""
    await tx.sql.execute("INSERT INTO receipt (delivery, body) VALUES ($1, $2)", delivery, body)


async def line_up(tx: Transaction, platform: PlatformId) -> None:
    """Wait for, and then be, the one transaction that changes the platform's records or feed; until the commit."""
    await tx.sql.execute("SELECT FROM feed_head WHERE platform = $1 FOR UPDATE", platform)


async def histories(tx: Transaction, platform: PlatformId, record_ids: Iterable[str]) -> dict[str, History]:
    """Return the histories of those of the named records that have any."""
    rows = await tx.sql.fetch(
        "SELECT record_id, version, digest, person_key, is_void FROM hour_record"
        " WHERE platform = $1 AND record_id = ANY($2::text[]) ORDER BY record_id, version",
        platform,
        list(record_ids),
    )
    found: dict[str, History] = {}
    for record_id, version, digest, person_key, is_void in rows:
        history = found.get(record_id)
        if history is None:
            found[record_id] = History(version, digest, person_key.bytes, is_void, {digest: version})
        else:
            history.enter(version, digest, person_key.bytes, is_void=is_void)
    return found


_VERSION_COLUMNS = ("delivery", "person_key", "version", "is_void", "platform", "record_id", "digest")


async def copy_versions(
    tx: Transaction, platform: PlatformId, delivery: int, accepted: Sequence[Accepted], *, is_void: bool
) -> None:
    """Enter record versions. Raises asyncpg's `UniqueViolationError` where another delivery was first.

    The rows go in in the order of their ids, so that deliveries of the same records wait for each other and never in
    a circle.
    """
    rows = [
        (delivery, UUID(each.person_key), each.version, is_void, platform, each.content.record_id, each.digest)
        for each in accepted
    ]
    rows.sort(key=_by_record)
    await tx.sql.copy_records_to_table("hour_record", records=rows, columns=_VERSION_COLUMNS)


def _by_record(row: tuple[int, UUID, int, bool, str, str, bytes]) -> tuple[str, int]:
    return row[5], row[2]
