"""A service that counts. Whatever is lost, doubled or out of order on the way shows in its table of effects."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import asyncpg
from sqlalchemy import BigInteger, Column, Table, Text

from tests.support.counting.bus import PrivateBus
from xueshi.gateway.v1.hour_records_pb2 import HourRecord, HourRecordsAccepted
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit.bus import Bus
from xueshi_kit.clock import SystemClock
from xueshi_kit.db import Database, Transaction
from xueshi_kit.events import bucket_of, topic_of
from xueshi_kit.inbox import Subscription, Worker
from xueshi_kit.outbox import Outbox, OutboxEvent, Relay
from xueshi_kit.tables import metadata_with_plumbing

BUCKETS = 4
CONSUMER = "counting"
TOPIC = topic_of(HourRecordsAccepted).name
PATIENCE_SECONDS = 40.0

METADATA = metadata_with_plumbing()
Table("counter", METADATA, Column("key", Text, primary_key=True), Column("seq", BigInteger, nullable=False))
Table(
    "effect",
    METADATA,
    Column("id", BigInteger, primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)

Counts = dict[str, list[int]]
"""Per key the numbers in the order in which they took effect."""

Variant = TypeVar("Variant", bound="Counting")
CountingWorker = Worker[HourRecordsAccepted]


class PoisonError(Exception):
    """What the handler raises for a key that it cannot handle; the text stands for personal data."""


def event_of(counts: Iterable[tuple[bytes, int]]) -> HourRecordsAccepted:
    """Return one slice of (key, number)."""
    return HourRecordsAccepted(records=[HourRecord(person_key=key, version=seq) for key, seq in counts])


def new_keys(count: int) -> list[bytes]:
    """Return random keys, spread over the buckets as chance has it."""
    return [secrets.token_bytes(16) for _ in range(count)]


@dataclass(slots=True)
class Counting:
    """The service on a database of its own. `poison` are the keys that its handler refuses."""

    db: Database
    bus: PrivateBus
    app_dsn: str
    poison: set[bytes] = field(default_factory=set)
    batches: list[int] = field(default_factory=list)
    """Sizes of the batches that were handled, in records, failed ones among them."""
    outbox: Outbox = field(default_factory=lambda: Outbox("counting", BUCKETS, SystemClock()))

    @classmethod
    async def open(cls, database: Provisioned, bus: Bus, prefix: str = "") -> Self:
        """Open the service on an emptied database and on `bus`, in topics of its own."""
        owner = await asyncpg.connect(database.owner_dsn)
        try:
            await owner.execute("TRUNCATE counter, effect, outbox, inbox, parked, relay_lease")
        finally:
            await owner.close()
        private = PrivateBus(bus, prefix or f"test.{secrets.token_hex(4)}")
        await private.ensure_topics([topic_of(HourRecordsAccepted)])
        pool = Database(database.app_dsn, application="counting", pool_size=24)
        return cls(pool, private, database.app_dsn)

    def beside(self, kind: "type[Variant]") -> "Variant":
        """Return the same service with another handler."""
        return kind(self.db, self.bus, self.app_dsn)

    async def handle(self, tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
        """Record the numbers in order. Raises `PoisonError` where a poison key is among them."""
        records = [record for event in events for record in event.records]
        self.batches.append(len(records))
        for record in records:
            if record.person_key in self.poison:
                message = f"secret of {record.person_key.hex()}"
                raise PoisonError(message)
        await tx.sql.execute(
            "INSERT INTO effect (consumer, key, seq)"
            " SELECT $1, k, s FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS new (k, s, n) ORDER BY n",
            CONSUMER,
            [record.person_key.hex() for record in records],
            [record.version for record in records],
        )

    def relay(self, kind: type[Relay] = Relay, *, lease_seconds: float = 5.0, holder: str = "") -> Relay:
        """Return a relay with a name of its own."""
        name = holder or f"relay-{secrets.token_hex(4)}"
        return kind(self.db, self.bus, self.outbox, holder=name, lease_seconds=lease_seconds)

    def worker(self, kind: type[CountingWorker] = Worker, *, bus: Bus | None = None) -> CountingWorker:
        """Return a member of the consumer group."""
        return kind(self.db, bus or self.bus, self.subscription(), after_commit=lambda: None)

    def subscription(self) -> Subscription[HourRecordsAccepted]:
        """Return what the service does with its own events."""
        return Subscription(CONSUMER, HourRecordsAccepted, self.handle, items="records")

    async def count(self, *keys: bytes, pause_seconds: float = 0.0) -> list[int]:
        """Count each key once, in one slice per bucket, and commit after the pause; return the numbers."""
        async with self.db.transaction() as tx:
            return await self.count_in(tx, *keys, pause_seconds=pause_seconds)

    async def count_in(self, tx: Transaction, *keys: bytes, pause_seconds: float = 0.0) -> list[int]:
        """Count within the caller's transaction: lock the keys' rows, then append to the outbox."""
        rows = await tx.sql.fetch(
            "INSERT INTO counter (key, seq) SELECT k, 1 FROM unnest($1::text[]) AS k ORDER BY k"
            " ON CONFLICT (key) DO UPDATE SET seq = counter.seq + 1 RETURNING key, seq",
            [key.hex() for key in keys],
        )
        numbers = {row["key"]: row["seq"] for row in rows}
        by_bucket: defaultdict[int, list[bytes]] = defaultdict(list)
        for key in keys:
            by_bucket[bucket(key)].append(key)
        await self.outbox.append(
            tx,
            [
                OutboxEvent(those[0].hex(), those[0], event_of((key, numbers[key.hex()]) for key in those))
                for those in by_bucket.values()
            ],
        )
        await asyncio.sleep(pause_seconds)
        return [numbers[key.hex()] for key in keys]

    async def append(self, *events: OutboxEvent) -> None:
        """Append events as they are."""
        async with self.db.transaction() as tx:
            await self.outbox.append(tx, events)

    async def fetch(self, sql: str, *arguments: object) -> list[Any]:
        """Read with SQL."""
        async with self.db.transaction() as tx:
            return list(await tx.sql.fetch(sql, *arguments))

    async def counted(self) -> Counts:
        """Return what the writers have committed: per key 1 … n."""
        rows = await self.fetch("SELECT key, seq FROM counter")
        return {row["key"]: list(range(1, row["seq"] + 1)) for row in rows}

    async def effects(self) -> Counts:
        """Return what the consumer has recorded."""
        seen: Counts = defaultdict(list)
        for row in await self.fetch("SELECT key, seq FROM effect ORDER BY id"):
            seen[row["key"]].append(row["seq"])
        return dict(seen)

    async def parked(self) -> list[tuple[str, str]]:
        """Return (key, error) of what is parked, in order."""
        return [(row["key"], row["error"]) for row in await self.fetch("SELECT key, error FROM parked ORDER BY id")]

    async def lag(self) -> int:
        """Return how many messages the consumer group has not committed."""
        return sum((await self.bus.lag(CONSUMER, [TOPIC])).values())

    async def settle(self) -> None:
        """Wait until the outbox is published and everything published is consumed. Fails after a time."""
        await until(self.is_settled)

    async def is_published(self) -> bool:
        """Tell whether the outbox has gone out."""
        return not await self.fetch("SELECT FROM outbox WHERE published_at IS NULL LIMIT 1")

    async def is_settled(self) -> bool:
        """Tell whether nothing is under way."""
        return await self.is_published() and not await self.lag()

    async def check(self) -> None:
        """Assert that every number that was committed has taken effect once, and in order for each key."""
        check_once_and_in_order(await self.counted(), await self.effects())

    async def close(self) -> None:
        """Close the database; the bus belongs to the caller."""
        await self.db.close()


def check_once_and_in_order(counted: Counts, effects: Counts) -> None:
    """Assert that nothing is lost, nothing doubled, and nothing of a key out of order."""
    lost = {key: sorted(set(numbers) - set(effects.get(key, []))) for key, numbers in counted.items()}
    assert not any(lost.values()), f"lost: {[numbers for numbers in lost.values() if numbers]}"
    doubled = {key: len(numbers) - len(set(numbers)) for key, numbers in effects.items()}
    assert not any(doubled.values()), f"doubled: {sum(doubled.values())}"
    disordered = [numbers for numbers in effects.values() if numbers != sorted(numbers)]
    assert not disordered, f"out of order: {disordered}"
    assert effects == counted


def bucket(key: bytes) -> int:
    """Return the key's bucket."""
    return bucket_of(key, BUCKETS)


@asynccontextmanager
async def running(*parts: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Run relays and workers (their `run`) beside the block; a part that fails fails the test."""
    tasks = [asyncio.create_task(part()) for part in parts]
    try:
        yield tasks
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def until(what: Callable[[], Coroutine[Any, Any, bool]], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until this is so. Fails after a time."""
    async with asyncio.timeout(seconds):
        while not await what():  # noqa: ASYNC110 - what is waited for happens in a database
            await asyncio.sleep(0.02)
