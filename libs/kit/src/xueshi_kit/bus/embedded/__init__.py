"""The bus kept as a log in PostgreSQL: the default of a machine that has no Kafka."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self

import asyncpg

from xueshi_kit.bus import BusUnavailableError, Consumer, Message, Topic
from xueshi_kit.bus.checks import check_messages
from xueshi_kit.bus.embedded import log, upkeep
from xueshi_kit.bus.embedded.consumer import EmbeddedConsumer
from xueshi_kit.bus.embedded.doorbell import Doorbell
from xueshi_kit.bus.embedded.faults import bus_faults
from xueshi_kit.bus.embedded.schema import check_layout, install

__all__ = ["EmbeddedBus", "install"]

_CALL_SECONDS = 30.0
_CONNECT_SECONDS = 10.0
_CLOSE_SECONDS = 10.0

_SESSION = {
    "application_name": "bus",
    "synchronous_commit": "on",  # `publish` promises that it is on disk
    "jit": "off",  # compiling a plan costs more than these short queries
}


class EmbeddedBus:
    """A `Bus` over a database of its own, made by `install`. Publishers and consumers of a process share one pool."""

    def __init__(self, pool: asyncpg.Pool, doorbell: Doorbell, buckets: int, lease_seconds: float) -> None:
        """Use `open` instead."""
        self._pool = pool
        self._doorbell = doorbell
        self._buckets = buckets
        self._lease_seconds = lease_seconds
        self._topic_ids = log.TopicIds({})

    @classmethod
    async def open(cls, dsn: str, buckets: int, *, pool_size: int = 4, lease_seconds: float = 10.0) -> Self:
        """Connect as the runtime role. A dead member's partitions move on after `lease_seconds`.

        Raises `BusUnavailableError`, or `BucketsMismatchError` where the log has another number of buckets.
        """
        with bus_faults():
            pool = await asyncpg.create_pool(
                dsn,
                min_size=0,
                max_size=pool_size,
                command_timeout=_CALL_SECONDS,
                timeout=_CONNECT_SECONDS,
                # A process frozen within a transaction keeps its locks no longer than its partitions.
                server_settings={**_SESSION, "idle_in_transaction_session_timeout": f"{lease_seconds * 1000:.0f}"},
                reset=_leave_as_it_is,
            )
            try:
                async with pool.acquire() as connection:
                    await check_layout(connection, buckets)
            except BaseException:
                pool.terminate()
                raise
        return cls(pool, Doorbell(dsn), buckets, lease_seconds)

    async def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """See `Bus.ensure_topics`."""
        with bus_faults():
            await log.create_topics(self._pool, topics, self._buckets)

    async def publish(self, messages: Sequence[Message]) -> None:
        """See `Bus.publish`."""
        check_messages(messages, self._buckets)
        with bus_faults():
            await self._require([message.topic for message in messages])
            await log.append(self._pool, messages, self._topic_ids)

    @asynccontextmanager
    async def consume(self, group: str, topics: Sequence[str]) -> AsyncIterator[Consumer]:
        """See `Bus.consume`. Raises `UnknownTopicError`, `BusUnavailableError`."""
        with bus_faults():
            topic_ids = await self._require(topics)
        names = dict(zip(topic_ids, topics, strict=True))
        consumer = EmbeddedConsumer(self._pool, group, names, self._lease_seconds)
        self._doorbell.add(consumer.ring)
        try:
            await consumer.join()
            yield consumer
        finally:
            self._doorbell.remove(consumer.ring)
            await consumer.leave()

    async def lag(self, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """See `Bus.lag`."""
        with bus_faults():
            await self._require(topics)
            return await log.lag(self._pool, group, topics)

    async def tend(self) -> None:
        """Compact and trim; safe beside readers, writers and another process that tends."""
        with bus_faults():
            await upkeep.tend(self._pool)

    async def close(self) -> None:
        """Close the connections; consumers must have left."""
        await self._doorbell.close()
        try:
            with bus_faults():
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._pool.close()
        except BusUnavailableError:
            self._pool.terminate()

    async def _require(self, topics: Sequence[str]) -> list[int]:
        """Return the numbers of these topics, reading the table again only for a name not seen yet."""
        if not self._topic_ids.by_name.keys() >= set(topics):
            self._topic_ids = await log.load_topic_ids(self._pool)
        return self._topic_ids.require(topics)


async def _leave_as_it_is(_connection: object) -> None:
    """Spare each statement the round trip of a reset: nothing here changes a session."""
