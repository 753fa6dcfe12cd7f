"""The two adapters behind one set of handles, so that each test of the contract is written once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.support.parts import KafkaServer
from xueshi_kit.bus import Bus, Message, Topic
from xueshi_kit.bus.embedded import EmbeddedBus
from xueshi_kit.bus.kafka import KafkaBus

BUCKETS = 4


class Rig(Protocol):
    """One adapter on a real server."""

    kind: str
    url: str
    lease_seconds: float
    """After this a dead or frozen member's partitions move on."""

    async def open(self, buckets: int = BUCKETS) -> Bus:
        """Open one more bus on the same log."""
        ...

    def outage(self) -> AbstractAsyncContextManager[None]:
        """Keep the server away within the block; skip the test where the server is not ours to stop."""
        ...

    async def compact(self, bus: Bus, topic: str) -> None:
        """Have what is published so far in bucket 0 of a compacted topic compacted, sooner or later."""
        ...

    async def trim(self, bus: Bus, topic: str, bucket: int, before_offset: int) -> None:
        """Have everything before this offset removed as too old."""
        ...


class EmbeddedRig:
    """The log in PostgreSQL; the owner's and the administrator's connections play the passing of time and outages."""

    kind = "embedded"
    lease_seconds = 2.0

    def __init__(self, app_dsn: str, owner_dsn: str, admin_dsn: str, database: str) -> None:
        self.url = app_dsn
        self._owner_dsn = owner_dsn
        self._admin_dsn = admin_dsn
        self._database = database

    async def open(self, buckets: int = BUCKETS) -> Bus:
        """Open with a short lease."""
        return await EmbeddedBus.open(self.url, buckets, lease_seconds=self.lease_seconds)

    @asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Close the database and end its connections."""
        await self._as_admin(f"ALTER DATABASE {self._database} ALLOW_CONNECTIONS false")
        await self._as_admin(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._database}'",  # noqa: S608
        )
        try:
            yield
        finally:
            await self._as_admin(f"ALTER DATABASE {self._database} ALLOW_CONNECTIONS true")

    async def compact(self, bus: Bus, topic: str) -> None:
        """Tend the whole log."""
        assert topic
        await bus.tend()

    async def trim(self, bus: Bus, topic: str, bucket: int, before_offset: int) -> None:
        """Make the messages older than the retention, then tend."""
        await self.as_owner(
            """
            UPDATE messages SET published_at = published_at - interval '31 days'
            WHERE topic_id = (SELECT topic_id FROM topics WHERE name = $1) AND bucket = $2 AND log_offset < $3
            """,
            topic,
            bucket,
            before_offset,
        )
        await bus.tend()

    async def as_owner(self, sql: str, *arguments: object) -> None:
        """Change rows as the owner of the tables."""
        connection = await asyncpg.connect(self._owner_dsn)
        try:
            await connection.execute(sql, *arguments)
        finally:
            await connection.close()

    async def _as_admin(self, sql: str) -> None:
        connection = await asyncpg.connect(self._admin_dsn)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


class KafkaRig:
    """A broker. Six seconds are the shortest session that a broker allows by default."""

    kind = "kafka"
    lease_seconds = 6.0

    def __init__(self, server: KafkaServer, skip: Callable[[str], None]) -> None:
        self.url = server.bootstrap_servers
        self._server = server
        self._skip = skip

    async def open(self, buckets: int = BUCKETS) -> Bus:
        """Open with a short lease."""
        return await KafkaBus.open(self.url, buckets, session_seconds=self.lease_seconds, call_seconds=4.0)

    @asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Kill the broker, and start it again."""
        broker = self._server.local
        if broker is None:
            self._skip("only a broker that the tests have started is stopped by them")
            return
        await broker.kill()
        try:
            yield
        finally:
            await broker.start()

    async def compact(self, bus: Bus, topic: str) -> None:
        """Have the broker close segments at once; it compacts closed segments only, in the background."""
        settings = {
            "cleanup.policy": "compact",
            "segment.ms": "100",
            "min.cleanable.dirty.ratio": "0.0",
            "max.compaction.lag.ms": "100",
        }
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)
        await self._as_admin(lambda admin: admin.alter_configs([resource]))
        await asyncio.sleep(0.2)
        await bus.publish([Message(topic, 0, "closes the segment", b"")])

    async def trim(self, bus: Bus, topic: str, bucket: int, before_offset: int) -> None:
        """Delete through the broker."""
        assert bus
        trimmed = {TopicPartition(topic, bucket): RecordsToDelete(before_offset)}
        await self._as_admin(lambda admin: admin.delete_records(trimmed))

    async def _as_admin(self, work: Callable[[AIOKafkaAdminClient], Awaitable[object]]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.url)
        await admin.start()
        try:
            await work(admin)
        finally:
            await admin.close()


async def make_topic(bus: Bus, name: str, *, compacted: bool = False) -> str:
    """Make one topic and give its name back."""
    await bus.ensure_topics([Topic(name, compacted=compacted)])
    return name
