"""The two topics: on Kafka, and on the embedded bus of a site without Kafka."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from title_review_client.client import Memory, Message
from xueshi.titlereview.v1.verified_hours_pb2 import Acknowledgement

VERIFIED_HOURS = "title-review.verified-hours.v1"
ACKNOWLEDGEMENTS = "title-review.acknowledgements.v1"
GROUP = "title-review-client"
BATCH = 500
WAIT_MILLISECONDS = 1000


class KafkaTopics:
    """On Kafka: the group's offsets are committed after the answers."""

    def __init__(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        self._consumer = consumer
        self._producer = producer

    @classmethod
    @asynccontextmanager
    async def open(cls, bootstrap_servers: str) -> AsyncIterator[Self]:
        """Join the group, from the beginning of the topic where the group is new."""
        consumer = AIOKafkaConsumer(
            VERIFIED_HOURS,
            bootstrap_servers=bootstrap_servers,
            group_id=GROUP,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, enable_idempotence=True)
        async with consumer, producer:
            yield cls(consumer, producer)

    async def read(self) -> list[Message]:
        """Return the next messages."""
        found = await self._consumer.getmany(timeout_ms=WAIT_MILLISECONDS, max_records=BATCH)
        records = [record for batch in found.values() for record in batch if record.value is not None]
        return [Message(each.partition, each.offset, each.key.decode(), each.value) for each in records]

    async def acknowledge(self, answers: Sequence[tuple[Message, Acknowledgement]]) -> None:
        """Publish the answers and wait until the broker has them."""
        sent = [
            await self._producer.send(ACKNOWLEDGEMENTS, said.SerializeToString(), key=message.key.encode())
            for message, said in answers
        ]
        for each in sent:
            await each

    async def done(self, messages: Sequence[Message]) -> None:
        """Commit the offsets behind these messages."""
        offsets: dict[TopicPartition, int] = {}
        for each in messages:
            partition = TopicPartition(VERIFIED_HOURS, each.partition)
            offsets[partition] = max(offsets.get(partition, 0), each.offset + 1)
        if offsets:
            await self._consumer.commit(offsets)


class EmbeddedTopics:
    """On the embedded bus: our own role reads a view and publishes by a function; the offsets are ours to keep."""

    def __init__(self, connection: asyncpg.Connection, memory: Memory) -> None:
        self._connection = connection
        self._memory = memory

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, memory: Memory) -> AsyncIterator[Self]:
        """Connect under our role."""
        connection = await asyncpg.connect(url)
        try:
            yield cls(connection, memory)
        finally:
            await connection.close()

    async def read(self) -> list[Message]:
        """Return the next messages, partition after partition."""
        offsets = self._offsets()
        heads = await self._connection.fetch(
            "SELECT bucket, next_offset FROM outside_partitions WHERE topic = $1 ORDER BY bucket", VERIFIED_HOURS
        )
        for head in heads:
            if head["next_offset"] > offsets[head["bucket"]]:
                rows = await self._connection.fetch(
                    "SELECT bucket, log_offset, key, value FROM outside_messages WHERE topic = $1 AND bucket = $2"
                    " AND log_offset >= $3 AND value IS NOT NULL ORDER BY log_offset LIMIT $4",
                    VERIFIED_HOURS,
                    head["bucket"],
                    offsets[head["bucket"]],
                    BATCH,
                )
                if rows:
                    return [Message(row["bucket"], row["log_offset"], row["key"], row["value"]) for row in rows]
        await asyncio.sleep(WAIT_MILLISECONDS / 1000)
        return []

    async def acknowledge(self, answers: Sequence[tuple[Message, Acknowledgement]]) -> None:
        """Publish the answers, each beside what it answers."""
        rows = [
            (ACKNOWLEDGEMENTS, message.partition, message.key, said.SerializeToString()) for message, said in answers
        ]
        async with self._connection.transaction():
            await self._connection.executemany("SELECT outside_publish($1, $2, $3, $4)", rows)

    async def done(self, messages: Sequence[Message]) -> None:
        """Note the offsets behind these messages."""
        offsets = self._offsets()
        for each in messages:
            offsets[each.partition] = max(offsets[each.partition], each.offset + 1)
        self._memory.note_progress("offsets", json.dumps(offsets))

    def _offsets(self) -> defaultdict[int, int]:
        noted = json.loads(self._memory.progress("offsets") or "{}")
        return defaultdict(int, {int(partition): offset for partition, offset in noted.items()})
