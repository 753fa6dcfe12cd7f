"""Looks at and makes topics, and measures how far groups are behind."""

import asyncio
from collections.abc import Sequence
from typing import cast

from xueshi_kit.bus import MAX_VALUE_BYTES, BucketsMismatchError, BusError, Topic
from xueshi_kit.bus.kafka.client import (
    BATCH_BYTES,
    RETRY_SECONDS,
    OffsetAndMetadata,
    TopicDescription,
    TopicPartition,
    is_retriable,
    new_admin,
    new_offset_reader,
    new_topic,
    partition_of,
    topic_error,
)

_DAY_MS = 24 * 60 * 60 * 1000
_REPLICAS = 3
"""As many as the cluster has brokers, up to this; then two must have a message before it counts as written."""

_MAX_BATCH_BYTES = MAX_VALUE_BYTES + BATCH_BYTES
"""Room for the largest value with key and headers, and for a full batch that does not compress."""


class Inspector:
    """Two connections that stay open until something fails on them; then the bus makes a new inspector."""

    def __init__(self, servers: str, call_seconds: float) -> None:
        """Prepare; `start` connects."""
        self._admin = new_admin(servers, call_seconds)
        self._offsets = new_offset_reader(servers, call_seconds)

    async def start(self) -> None:
        """Connect."""
        await self._admin.start()
        await self._offsets.start()

    async def close(self) -> None:
        """Disconnect."""
        await self._admin.close()
        await self._offsets.stop()

    async def topics(self) -> dict[str, TopicDescription]:
        """Return all topics of the cluster by name."""
        found = await self._admin.describe_topics()
        described = (
            TopicDescription(cast("str", topic["topic"]), len(cast("list[object]", topic["partitions"])))
            for topic in found
        )
        return {topic.name: topic for topic in described}

    async def create(self, topics: Sequence[Topic], buckets: int) -> None:
        """Create these topics and wait until they are seen; one that another process has made meanwhile is fine."""
        cluster = await self._admin.describe_cluster()
        replicas = min(_REPLICAS, len(cast("list[object]", cluster["brokers"])))
        answer = await self._admin.create_topics(
            [new_topic(topic.name, buckets, replicas, _configs(topic, replicas)) for topic in topics],
        )
        for name, code, *_ in answer.topic_errors:
            if error := topic_error(code):
                text = f"{name} was not created: {error}"
                raise BusError(text)
        while True:
            if {topic.name for topic in topics} <= (await self.topics()).keys():
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def lag(self, group: str, topics: Sequence[str], buckets: int) -> dict[tuple[str, int], int]:
        """Return the distance from the committed (or first) offset to the end, where not zero."""
        partitions = [partition_of(topic, bucket) for topic in topics for bucket in range(buckets)]
        committed, first, end = await asyncio.gather(
            self._committed(group),
            self._offsets.beginning_offsets(partitions),
            self._offsets.end_offsets(partitions),
        )
        behind: dict[tuple[str, int], int] = {}
        for partition, next_offset in end.items():
            done = committed[partition].offset if partition in committed else 0
            if distance := next_offset - max(done, first[partition]):
                topic, bucket = partition
                behind[topic, bucket] = distance
        return behind

    async def _committed(self, group: str) -> dict[TopicPartition, OffsetAndMetadata]:
        """Ask again while the group's coordinator is not elected, as on a new cluster; the caller sets a time limit."""
        while True:
            try:
                return await self._admin.list_consumer_group_offsets(group)
            except Exception as error:
                if not is_retriable(error):
                    raise
            await asyncio.sleep(RETRY_SECONDS)


def check_buckets(topic: TopicDescription, buckets: int) -> None:
    """Raise `BucketsMismatchError` where the topic has another number of partitions."""
    if topic.partitions != buckets:
        text = f"{topic.name} has {topic.partitions} partitions, {buckets} were asked for"
        raise BucketsMismatchError(text)


def _configs(topic: Topic, replicas: int) -> dict[str, str]:
    configs = {"max.message.bytes": str(_MAX_BATCH_BYTES), "min.insync.replicas": str(min(2, replicas))}
    if topic.compacted:
        return configs | {"cleanup.policy": "compact"}
    return configs | {"cleanup.policy": "delete", "retention.ms": str(topic.retention_days * _DAY_MS)}
