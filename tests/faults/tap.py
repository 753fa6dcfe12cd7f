"""Follows every topic from its beginning, beside the product, so that nothing that compaction removes goes unseen."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tests.faults.found import AWAY, Reader
from tests.faults.order import COMPACTED, RULES, Seen, last_states
from xueshi_cli.site.layout import BUCKETS, BUS_DATABASE
from xueshi_cli.site.site import Site

LOOK_SECONDS = 0.5
_AT_ONCE = 2000
_EMBEDDED = """
SELECT topic_id, name, bucket, log_offset, key, headers::text AS headers, value
FROM messages JOIN topics USING (topic_id)
JOIN unnest($1::text[], $2::int[], $3::bigint[]) AS wanted (topic, bucket_, from_offset)
ON name = topic AND bucket = bucket_ AND log_offset >= from_offset
ORDER BY log_offset LIMIT $4
"""


class Source(Protocol):
    """Reads what stands behind given offsets."""

    async def read(self, after: dict[tuple[str, int], int]) -> list[Seen]:
        """Return messages at and after these next offsets, whole in each partition from there; some at a time."""
        ...

    async def ends(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return the next offset of each partition's end."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...


class Tap:
    """What has been seen on the topics, in the order of reading; offsets rise within each partition."""

    def __init__(self, source: Source) -> None:
        self.messages: list[Seen] = []
        self._source = source
        self._next = {(topic, bucket): 0 for topic in RULES for bucket in range(BUCKETS)}

    async def look(self) -> int:
        """Take what is new; return how many messages. Raises while the bus is away."""
        found = await self._source.read(self._next)
        for each in found:
            self._next[each.topic, each.bucket] = each.offset + 1
        self.messages += found
        return len(found)

    async def catch_up(self) -> None:
        """Take all there is."""
        ends = await self._source.ends(self._next)
        while any(self._next[partition] < end for partition, end in ends.items()):
            await self.look()

    def event_ids(self) -> dict[str, set[str]]:
        """Return the ids of the events that stay on each topic: of a compacted one, those of the last states."""
        ids: dict[str, set[str]] = {topic: set() for topic in RULES}
        for each in self.messages:
            ids[each.topic].add(each.event_id)
        for topic in COMPACTED:
            ids[topic] = {each.event_id for each in last_states(self.messages, topic).values()}
        return ids


@asynccontextmanager
async def tapping(site: Site) -> AsyncIterator[Tap]:
    """Look at the topics again and again through the block; a bus that is away is waited for."""
    source = _KafkaSource(site) if site.bus_kind == "kafka" else _EmbeddedSource(site)
    tap = Tap(source)
    task = asyncio.create_task(_follow(tap))
    try:
        yield tap
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await source.close()


async def _follow(tap: Tap) -> None:
    while True:
        with suppress(*AWAY, KafkaError):
            await tap.look()
        await asyncio.sleep(LOOK_SECONDS)


class _EmbeddedSource:
    """The tables of the embedded bus."""

    def __init__(self, site: Site) -> None:
        self._reader = Reader(site)
        self._reading = asyncio.Lock()

    async def read(self, after: dict[tuple[str, int], int]) -> list[Seen]:
        """See `Source.read`."""
        topics, buckets = [topic for topic, _ in after], [bucket for _, bucket in after]
        async with self._reading:
            rows = await self._reader.fetch(BUS_DATABASE, _EMBEDDED, topics, buckets, list(after.values()), _AT_ONCE)
        return [
            Seen(
                row["name"],
                row["bucket"],
                row["log_offset"],
                row["key"],
                json.loads(row["headers"]).get("ce_id", ""),
                row["value"] or b"",
            )
            for row in rows
        ]

    async def ends(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """See `Source.ends`."""
        sql = "SELECT name, bucket, next_offset FROM partition_heads JOIN topics USING (topic_id)"
        async with self._reading:
            rows = await self._reader.fetch(BUS_DATABASE, sql)
        found = {(row["name"], row["bucket"]): row["next_offset"] for row in rows}
        return {partition: found.get(partition, 0) for partition in partitions}

    async def close(self) -> None:
        """See `Source.close`."""
        await self._reader.close()


class _KafkaSource:
    """The broker's partitions, without a group: nothing of this reader is kept there."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._consumer: AIOKafkaConsumer | None = None
        self._reading = asyncio.Lock()

    async def read(self, after: dict[tuple[str, int], int]) -> list[Seen]:
        """See `Source.read`."""
        async with self._reading:
            try:
                return await self._read(after)
            except BaseException:
                await self._drop()
                raise

    async def ends(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """See `Source.ends`."""
        async with self._reading:
            consumer = self._consumer or await self._connect(dict.fromkeys(partitions, 0))
            found = await consumer.end_offsets([TopicPartition(*each) for each in partitions])
        return {(topic, bucket): end for (topic, bucket), end in found.items()}

    async def _read(self, after: dict[tuple[str, int], int]) -> list[Seen]:
        consumer = self._consumer or await self._connect(after)
        async with asyncio.timeout(10):
            found = await consumer.getmany(timeout_ms=300, max_records=_AT_ONCE)
        return [
            Seen(
                record.topic,
                record.partition,
                record.offset,
                (record.key or b"").decode(),
                dict(record.headers).get("ce_id", b"").decode(),
                record.value or b"",
            )
            for records in found.values()
            for record in records
        ]

    async def _connect(self, after: dict[tuple[str, int], int]) -> AIOKafkaConsumer:
        address = (self._site.folder.root / "kafka-address").read_text()
        self._consumer = consumer = AIOKafkaConsumer(
            bootstrap_servers=address, enable_auto_commit=False, request_timeout_ms=5000, retry_backoff_ms=100
        )
        async with asyncio.timeout(10):
            await consumer.start()
        consumer.assign([TopicPartition(*partition) for partition in after])
        for partition, offset in after.items():
            consumer.seek(TopicPartition(*partition), offset)
        return consumer

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with suppress(Exception):
                async with asyncio.timeout(5):
                    await consumer.stop()

    async def close(self) -> None:
        """See `Source.close`."""
        await self._drop()
