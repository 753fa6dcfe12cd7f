"""The bus on Apache Kafka: a bucket is a partition, a group a consumer group."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Self

from xueshi_kit.bus import BusError, BusUnavailableError, Consumer, Message, Topic, UnknownTopicError
from xueshi_kit.bus.checks import check_messages
from xueshi_kit.bus.kafka.client import (
    Batch,
    Producer,
    TopicPartition,
    bus_faults,
    discard_producer,
    new_group_reader,
    new_producer,
    stop_group_reader,
)
from xueshi_kit.bus.kafka.consumer import KafkaConsumer
from xueshi_kit.bus.kafka.inspector import Inspector, check_buckets

__all__ = ["KafkaBus"]


class KafkaBus:
    """A `Bus` over a cluster. Connections are made when first needed and made anew after a fault."""

    def __init__(self, servers: str, buckets: int, session_seconds: float, call_seconds: float) -> None:
        """Use `open` instead."""
        self._servers = servers
        self._buckets = buckets
        self._session_seconds = session_seconds
        self._call_seconds = call_seconds
        self._known_topics: set[str] = set()
        self._producer: Producer | None = None
        self._producer_start = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()
        self._inspector: Inspector | None = None
        self._inspecting = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        servers: str,
        buckets: int,
        *,
        session_seconds: float = 10.0,
        call_seconds: float = 10.0,
    ) -> Self:
        """Connect to bootstrap servers `host:port,...`.

        A dead member's partitions move on after `session_seconds`; a call gives up after `call_seconds`.
        Raises `BusUnavailableError`.
        """
        bus = cls(servers, buckets, session_seconds, call_seconds)
        await bus._usable_producer()
        return bus

    async def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """See `Bus.ensure_topics`."""
        async with self._inspect() as inspector:
            found = await inspector.topics()
            if missing := [topic for topic in topics if topic.name not in found]:
                await inspector.create(missing, self._buckets)
                found = await inspector.topics()
            for topic in topics:
                check_buckets(found[topic.name], self._buckets)

    async def publish(self, messages: Sequence[Message]) -> None:
        """See `Bus.publish`."""
        check_messages(messages, self._buckets)
        await self._require([message.topic for message in messages])
        producer = await self._usable_producer()
        by_partition: defaultdict[TopicPartition, list[Message]] = defaultdict(list)
        for message in messages:
            by_partition[TopicPartition(message.topic, message.bucket)].append(message)
        try:
            with bus_faults():
                async with asyncio.timeout(self._call_seconds):
                    await _all_or_first_error(_send(producer, *each) for each in by_partition.items())
        except BusError:
            self._drop_producer(producer)
            raise

    @asynccontextmanager
    async def consume(self, group: str, topics: Sequence[str]) -> AsyncIterator[Consumer]:
        """See `Bus.consume`. Raises `UnknownTopicError`, `BusUnavailableError`."""
        await self._require(topics)
        reader = new_group_reader(self._servers, group, self._session_seconds, self._call_seconds)
        join_seconds = 2 * self._session_seconds + self._call_seconds
        consumer = KafkaConsumer(reader, group, topics, join_seconds=join_seconds, call_seconds=self._call_seconds)
        try:
            await consumer.join()
            yield consumer
        finally:
            leaving = self._in_background(stop_group_reader(reader))
            await asyncio.wait({leaving}, timeout=self._call_seconds)

    async def lag(self, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """See `Bus.lag`."""
        await self._require(topics)
        async with self._inspect() as inspector:
            return await inspector.lag(group, topics, self._buckets)

    async def tend(self) -> None:
        """Do nothing: the broker compacts and trims."""

    async def close(self) -> None:
        """Disconnect; consumers must have left."""
        if self._producer is not None:
            self._drop_producer(self._producer)
        if self._inspector is not None:
            await self._drop_inspector()
        if self._ending:
            await asyncio.wait(self._ending, timeout=self._call_seconds)

    async def _usable_producer(self) -> Producer:
        async with self._producer_start:
            if self._producer is None:
                producer = new_producer(self._servers, self._call_seconds)
                try:
                    with bus_faults():
                        async with asyncio.timeout(self._call_seconds):
                            await producer.start()
                except BaseException:
                    self._in_background(discard_producer(producer))
                    raise
                self._producer = producer
            return self._producer

    def _drop_producer(self, producer: Producer) -> None:
        """Have the next publisher make a new one; the first who drops it discards it."""
        if self._producer is producer:
            self._producer = None
            self._in_background(discard_producer(producer))

    def _in_background(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """End a client without waiting: it may hold a request that is never answered."""

        async def end() -> None:
            with suppress(BusError), bus_faults():
                await work

        task = asyncio.create_task(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return task

    @asynccontextmanager
    async def _inspect(self) -> AsyncIterator[Inspector]:
        async with self._inspecting:
            try:
                with bus_faults():
                    async with asyncio.timeout(self._call_seconds):
                        yield await self._usable_inspector()
            except BusUnavailableError:
                await self._drop_inspector()
                raise

    async def _usable_inspector(self) -> Inspector:
        if self._inspector is None:
            inspector = Inspector(self._servers, self._call_seconds)
            try:
                await inspector.start()
            except BaseException:
                self._in_background(inspector.close())
                raise
            self._inspector = inspector
        return self._inspector

    async def _drop_inspector(self) -> None:
        inspector, self._inspector = self._inspector, None
        if inspector is not None:
            with suppress(BusError), bus_faults():
                await inspector.close()

    async def _require(self, topics: Sequence[str]) -> None:
        """Raise `UnknownTopicError` or `BucketsMismatchError` unless these topics are there with our partitions."""
        missing = set(topics) - self._known_topics
        if not missing:
            return
        async with self._inspect() as inspector:
            found = await inspector.topics()
        for name in sorted(missing):
            if name not in found:
                raise UnknownTopicError(name)
            check_buckets(found[name], self._buckets)
            self._known_topics.add(name)


async def _all_or_first_error(sends: Iterable[Coroutine[object, object, None]]) -> None:
    """Wait for all, also behind an error: nothing is sent in the background after the publisher knows."""
    for result in await asyncio.gather(*sends, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


async def _send(producer: Producer, partition: TopicPartition, messages: Sequence[Message]) -> None:
    """Send one partition's messages, a batch after the other: a failed batch never stands behind a later one."""
    waiting = list(reversed(messages))
    while waiting:
        batch = producer.create_batch()
        while waiting and _append(batch, waiting[-1]):
            waiting.pop()
        batch.close()
        acknowledged = await producer.send_batch(batch, partition.topic, partition=partition.partition)
        await acknowledged


def _append(batch: Batch, message: Message) -> bool:
    headers = [(name, value.encode()) for name, value in message.headers.items()]
    return batch.append(timestamp=None, key=message.key.encode(), value=message.value, headers=headers) is not None
