"""The transactional outbox and its relay: an event is stored with the change it tells of, and published afterwards.

Rows are inserted after the aggregate's row is locked, so ids rise in the order of each key's changes. One leased
relay per bucket reads the unpublished rows by id. A cursor over ids would lose rows that commit late; several
relays on one bucket would break the order of a key. A row may be published twice, never first behind a newer one of
its key; the last message of a key is always its newest.
"""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC

import asyncpg
import structlog
from google.protobuf.message import Message as Proto

from xueshi_kit.bus import MAX_VALUE_BYTES, Bus, BusUnavailableError, Message, MessageTooLargeError
from xueshi_kit.clock import Clock
from xueshi_kit.db import Database, Transaction, is_transient
from xueshi_kit.events import bucket_of, topic_of
from xueshi_kit.telemetry import current_traceparent

log = structlog.get_logger()

LEASE_SECONDS = 10.0
BUCKET_BATCH_ROWS = 100
BATCH_BYTES = 16 * 1024 * 1024
"""A batch ends here (one row is always taken), whatever the backlog: it bounds the relay's memory."""
IDLE_SECONDS = 0.1
RETRY_SECONDS = 1.0
KEEP_PUBLISHED_SECONDS = 3600
TEND_EVERY_SECONDS = 60.0
SWEEP_ROWS = 10_000
KEEP_INBOX_DAYS = 45
"""Longer than any topic keeps messages; older ones come from compacted topics alone, whose readers go by revision."""


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """One event to publish under `key`, whose bytes choose the bucket."""

    key: str
    bucket_key: bytes
    event: Proto


class Outbox:
    """Appends events inside the caller's transaction."""

    def __init__(self, source: str, buckets: int, clock: Clock) -> None:
        """`source` is the service's name; `buckets` the number of partitions of every topic."""
        self.source = source
        self.buckets = buckets
        self._clock = clock

    async def append(self, tx: Transaction, events: Sequence[OutboxEvent]) -> None:
        """Store the events, in order. The caller holds the locks of the aggregates that they tell of.

        Raises `MessageTooLargeError` for what no bus takes, so that it never stands before others in the outbox.
        """
        if not events:
            return
        payloads = [event.event.SerializeToString() for event in events]
        if (largest := max(map(len, payloads))) > MAX_VALUE_BYTES:
            message = f"an event has {largest} bytes, at most {MAX_VALUE_BYTES} are taken"
            raise MessageTooLargeError(message)
        now, traceparent = self._clock.now(), current_traceparent()
        rows = [
            (
                bucket_of(event.bucket_key, self.buckets),
                topic_of(type(event.event)).name,
                event.key,
                uuid.uuid4(),
                event.event.DESCRIPTOR.full_name,
                payload,
                traceparent,
                now,
            )
            for event, payload in zip(events, payloads, strict=True)
        ]
        await tx.sql.copy_records_to_table("outbox", records=rows, columns=_COLUMNS)


_COLUMNS = ("bucket", "topic", "key", "event_id", "type", "payload", "traceparent", "occurred_at")

# Bucket by bucket along the index, whatever stands unpublished in others; across buckets the order does not matter.
_UNPUBLISHED = """
SELECT * FROM (
    SELECT unpublished.*, sum(coalesce(octet_length(payload), 0)) OVER (ORDER BY id)
           - coalesce(octet_length(payload), 0) AS bytes_before
    FROM unnest($1::smallint[]) AS held (held_bucket)
    CROSS JOIN LATERAL (
        SELECT id, bucket, topic, key, event_id, type, payload, traceparent, occurred_at FROM outbox
        WHERE bucket = held_bucket AND published_at IS NULL ORDER BY id LIMIT $2
    ) AS unpublished
) AS sized
WHERE bytes_before < $3 ORDER BY id
"""

_NOBODY = ""


class Relay:
    """Publishes the outbox of one service: every bucket by at most one relay at a time."""

    def __init__(
        self, db: Database, bus: Bus, outbox: Outbox, *, holder: str, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        """`holder` names this relay alone, among its replicas and predecessors."""
        self._db = db
        self._bus = bus
        self._source = outbox.source
        self._buckets = outbox.buckets
        self._holder = holder
        self._lease_seconds = lease_seconds
        self._wake = asyncio.Event()
        self._held: list[int] = []
        self._held_until = 0.0
        self._asks_from = 0.0
        self._tended_at = float("-inf")

    def wake(self) -> None:
        """Say that rows were committed: a hint that spares the wait for the next look."""
        self._wake.set()

    async def run(self) -> None:
        """Relay until cancelled. A broker or database that is away is waited for."""
        try:
            while True:
                self._wake.clear()
                try:
                    moved = await self.relay_once()
                    await self._tend()
                except BusUnavailableError:
                    log.warning("relay.bus_unavailable")
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                except Exception as error:
                    if not is_transient(error):
                        raise
                    log.warning("relay.database_unavailable", error=type(error).__name__)
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                if not moved:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(IDLE_SECONDS):
                            await self._wake.wait()
        finally:
            await self._release()

    async def relay_once(self) -> int:
        """Publish one batch of the held buckets' rows; return how many rows it moved."""
        await self._hold()
        if not self._held:
            return 0
        rows = await self._unpublished()
        # A relay that was frozen beyond its lease does not publish what its successor has published already.
        if self._now() >= self._held_until:
            self._held = []
        if not rows or not self._held:
            return 0
        try:
            await self._bus.publish([self._message(row) for row in rows])
        except BusUnavailableError:
            if self._now() >= self._held_until:
                await self._settle(rows, published=False)  # a part of it may have gone out, and late
            raise
        await self._settle(rows, published=True)
        return len(rows)

    async def _unpublished(self) -> list[asyncpg.Record]:
        async with self._db.transaction() as tx:
            return list(await tx.sql.fetch(_UNPUBLISHED, self._held, BUCKET_BATCH_ROWS, BATCH_BYTES))

    def _message(self, row: asyncpg.Record) -> Message:
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(row["event_id"]),
            "ce_type": row["type"],
            "ce_source": f"/xueshi/{self._source}",
            "ce_time": row["occurred_at"].astimezone(UTC).isoformat(),
            "content-type": "application/protobuf",
        }
        if row["traceparent"]:
            headers["traceparent"] = row["traceparent"]
        return Message(row["topic"], row["bucket"], row["key"], row["payload"], headers)

    async def _settle(self, rows: Sequence[asyncpg.Record], *, published: bool) -> None:
        """Mark rows as published, where this relay still holds their buckets.

        Under another's lease the messages came late and may stand behind newer ones: those are published again. Where
        somebody late has freed the bucket, nothing is marked: the next holder begins anew.
        """
        async with self._db.transaction() as tx:
            found = await tx.sql.fetch(
                "SELECT bucket, holder FROM relay_lease WHERE bucket = ANY($1::smallint[]) ORDER BY bucket FOR SHARE",
                sorted({row["bucket"] for row in rows}),
            )
            holders = {row["bucket"]: row["holder"] for row in found}
            held = [row for row in rows if holders.get(row["bucket"]) == self._holder]
            late = [row for row in rows if holders.get(row["bucket"]) not in {self._holder, _NOBODY}]
            if published:
                await tx.sql.execute(
                    "UPDATE outbox SET published_at = now() WHERE id = ANY($1::bigint[])", [row["id"] for row in held]
                )
            if late:
                await self._repeat(tx, late)
        if late:
            log.warning("relay.late", rows=len(late))
            self._asks_from = self._now() + self._lease_seconds
        if len(held) < len(rows):
            self._held = []
            self._held_until = 0.0

    async def _repeat(self, tx: Transaction, late: Sequence[asyncpg.Record]) -> None:
        """Free the buckets of these rows, and have whatever their keys have published since published again."""
        buckets = sorted({row["bucket"] for row in late})
        await tx.sql.execute(
            "UPDATE relay_lease SET holder = $2, expires_at = now() WHERE bucket = ANY($1::smallint[])",
            buckets,
            _NOBODY,
        )
        await tx.sql.execute(
            "UPDATE outbox SET published_at = NULL WHERE published_at IS NOT NULL AND id >= $1"
            " AND bucket = ANY($2::smallint[]) AND key = ANY($3::text[])",
            min(row["id"] for row in late),
            buckets,
            sorted({row["key"] for row in late}),
        )

    async def _hold(self) -> None:
        """Take or renew the leases of as many buckets as are free; renewed at a third of their life."""
        asked_at = self._now()
        if asked_at < self._asks_from or asked_at < self._held_until - self._lease_seconds * 2 / 3:
            return
        async with self._db.transaction() as tx:
            rows = await tx.sql.fetch(
                "INSERT INTO relay_lease (bucket, holder, expires_at)"
                " SELECT b, $1, now() + $2 * interval '1 second' FROM generate_series(0, $3 - 1) AS b"
                " ON CONFLICT (bucket) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at"
                " WHERE relay_lease.holder IN ($1, $4) OR relay_lease.expires_at < now() RETURNING bucket",
                self._holder,
                self._lease_seconds,
                self._buckets,
                _NOBODY,
            )
        self._held = [row["bucket"] for row in rows]
        self._held_until = asked_at + self._lease_seconds

    async def _release(self) -> None:
        """Give the leases back at a clean stop, so that a successor starts at once."""
        try:
            async with asyncio.timeout(2), self._db.transaction() as tx:
                await tx.sql.execute("DELETE FROM relay_lease WHERE holder = $1", self._holder)
        except Exception as error:
            if not is_transient(error):
                raise

    async def _tend(self) -> None:
        """Now and then delete rows that were published long ago, and let the bus tidy itself."""
        if self._now() < self._tended_at + TEND_EVERY_SECONDS:
            return
        async with self._db.transaction() as tx:
            done = await tx.sql.execute(
                "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox"
                " WHERE published_at < now() - $1 * interval '1 second' LIMIT $2)",
                KEEP_PUBLISHED_SECONDS,
                SWEEP_ROWS,
            )
            forgotten = await tx.sql.execute(
                "DELETE FROM inbox WHERE ctid IN (SELECT ctid FROM inbox"
                " WHERE handled_at < now() - $1 * interval '1 day' LIMIT $2)",
                KEEP_INBOX_DAYS,
                SWEEP_ROWS,
            )
        if f"DELETE {SWEEP_ROWS}" in {done, forgotten}:
            return  # more is left: go on after the next batch
        await self._bus.tend()
        self._tended_at = self._now()

    @staticmethod
    def _now() -> float:
        """Return the process's own monotonic seconds."""
        return asyncio.get_running_loop().time()
