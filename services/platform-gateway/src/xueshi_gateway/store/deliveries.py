"""Deliveries and record versions: the hot path's SQL. Everything here is set-based."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from asyncpg.pgproto.pgproto import UUID

from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.domain.versions import Accepted, History
from xueshi_kit.db import Transaction

Place = tuple[PlatformId, str]
"""Platform and webhook id: what tells one delivery from all others."""
Claim = tuple[PlatformId, str, bytes, datetime]
"""Platform, webhook id, fingerprint and time of a delivery."""
Version = tuple[int, UUID, int, bool, PlatformId, str, bytes]
"""A row of `hour_record`."""


class Standing(NamedTuple):
    """A delivery that came before."""

    fingerprint: bytes
    receipt: bytes


async def claim_deliveries(tx: Transaction, claims: Iterable[Claim]) -> dict[Place, int]:
    """Enter deliveries and return the numbers of those whose id does not stand already.

    A delivery of the same id that is under way is waited for, one after the other in the order of their ids, so that
    nobody waits in a circle.
    """
    rows = await tx.sql.fetch(
        "INSERT INTO delivery (platform, webhook_id, fingerprint, accepted_at)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[]) ORDER BY 1, 2"
        " ON CONFLICT (platform, webhook_id) DO NOTHING RETURNING platform, webhook_id, id",
        *zip(*claims, strict=True),
    )
    return {(PlatformId(platform), webhook_id): number for platform, webhook_id, number in rows}


async def standing_deliveries(tx: Transaction, places: Collection[Place]) -> dict[Place, Standing]:
    """Return fingerprints and receipts of deliveries."""
    rows = await tx.sql.fetch(
        "SELECT d.platform, d.webhook_id, d.fingerprint, r.body"
        " FROM unnest($1::text[], $2::text[]) AS wanted (platform, webhook_id)"
        " JOIN delivery d USING (platform, webhook_id) JOIN receipt r ON r.delivery = d.id",
        [platform for platform, _ in places],
        [webhook_id for _, webhook_id in places],
    )
    return {(PlatformId(platform), webhook_id): Standing(*found) for platform, webhook_id, *found in rows}


async def insert_receipts(tx: Transaction, receipts: Mapping[int, bytes]) -> None:
    """Keep what the platforms are answered, by the number of the delivery."""
    await tx.sql.execute(
        "INSERT INTO receipt (delivery, body) SELECT * FROM unnest($1::bigint[], $2::bytea[])",
        list(receipts),
        list(receipts.values()),
    )


async def line_up(tx: Transaction, platforms: Collection[PlatformId]) -> None:
    """Wait for, and then be, the one transaction that changes the platforms' records or feeds; until the commit."""
    await tx.sql.execute(
        "SELECT FROM feed_head WHERE platform = ANY($1::text[]) ORDER BY platform FOR UPDATE", list(platforms)
    )


async def histories(tx: Transaction, platform: PlatformId, record_ids: Sequence[str]) -> dict[str, History]:
    """Return the histories of those of the named records that have any."""
    rows = await tx.sql.fetch(
        "SELECT record_id, version, digest, person_key, is_void FROM hour_record"
        " WHERE platform = $1 AND record_id = ANY($2::text[]) ORDER BY record_id, version",
        platform,
        record_ids,
    )
    found: dict[str, History] = {}
    for record_id, version, digest, person_key, is_void in rows:
        history = found.get(record_id)
        if history is None:
            found[record_id] = History(version, digest, person_key.bytes, is_void, {digest: version})
        else:
            history.enter(version, digest, person_key.bytes, is_void=is_void)
    return found


def versions(number: int, platform: PlatformId, accepted: Iterable[Accepted], *, is_void: bool) -> list[Version]:
    """Return the rows of what a delivery has accepted."""
    return [
        (number, UUID(each.person_key), each.version, is_void, platform, each.content.record_id, each.digest)
        for each in accepted
    ]


_VERSION_COLUMNS = ("delivery", "person_key", "version", "is_void", "platform", "record_id", "digest")


async def copy_versions(tx: Transaction, rows: list[Version]) -> None:
    """Enter record versions. Raises asyncpg's `UniqueViolationError` where another delivery was first.

    The rows go in in the order of their ids, so that deliveries of the same records wait for each other and never in
    a circle.
    """
    rows.sort(key=_by_record)
    await tx.sql.copy_records_to_table("hour_record", records=rows, columns=_VERSION_COLUMNS)


def _by_record(row: Version) -> tuple[str, str, int]:
    return row[4], row[5], row[2]
