"""The event bus: a log of messages per topic and partition, the same behind Kafka and behind PostgreSQL.

A message's partition is its *bucket*, which the sender derives from the key; every topic has the same number of
partitions, so one key keeps its order through every hop. Delivery is at least once: a consumer that must act once
pairs it with the inbox (`xueshi_kit.inbox`).
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

MAX_VALUE_BYTES = 1024 * 1024
"""A larger value is refused with `MessageTooLargeError`; slices end at 256 KiB, far below."""


class BusError(Exception):
    """Root of what a bus raises; its texts name topics, buckets and groups, never keys or payloads.

    BusError
    ├── BusUnavailableError   try again
    ├── MessageTooLargeError  never fits
    ├── NotAssignedError      the partition moved; its work is repeated
    ├── UnknownTopicError     `ensure_topics` first
    └── BucketsMismatchError  the log was made for another number of buckets
    """


class BusUnavailableError(BusError):
    """The broker or its database did not answer; the call may be repeated."""


class MessageTooLargeError(BusError):
    """A value is over `MAX_VALUE_BYTES`; nothing of the batch was published."""


class NotAssignedError(BusError):
    """A commit names a partition that this consumer no longer holds; its work is repeated by the new holder.

    The new holder may be this consumer: where a rebalance hands a partition back, it starts at the committed offset.
    """


class UnknownTopicError(BusError):
    """A topic that `ensure_topics` has not made yet."""


class BucketsMismatchError(BusError):
    """The topics there have another number of partitions; a key would change its partition and lose its order."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic promises. A compacted topic keeps at least the last message of each key for ever."""

    name: str
    compacted: bool = False
    retention_days: int = 30


@dataclass(frozen=True, slots=True)
class Message:
    """One message to publish. `value=None` is a tombstone: it removes its key from a compacted topic."""

    topic: str
    bucket: int
    key: str
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """One message read. Offsets rise within (topic, bucket); compaction and trimming leave gaps."""

    topic: str
    bucket: int
    offset: int
    key: str
    value: bytes | None
    headers: Mapping[str, str]
    published_at: datetime


class Consumer(Protocol):
    """One member of a consumer group, holding some of the partitions of its topics."""

    async def poll(self, max_messages: int, timeout_seconds: float) -> list[Received]:
        """Return the next messages, in offset order within each partition; empty after the time-out.

        Each call goes on after the last one, whether committed or not.
        """
        ...

    async def commit(self, received: Sequence[Received]) -> None:
        """Record these messages, and all before them in their partitions, as done.

        Raises `NotAssignedError` where a partition has moved meanwhile; the other partitions may be committed then.
        """
        ...

    async def rewind(self) -> None:
        """Go back to the committed offsets, so that the next poll repeats what was not committed."""
        ...


class Bus(Protocol):
    """A publisher and the door to consumers. One object serves a process; close it at the end."""

    async def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """Create the topics that are missing, each with the bus's number of partitions; the others stay as they are.

        Raises `BucketsMismatchError` where a topic has another number of partitions.
        """
        ...

    async def publish(self, messages: Sequence[Message]) -> None:
        """Append the messages, keeping their order within each (topic, bucket); durable when it returns.

        After `BusUnavailableError` some may be in the log: publish all again, consumers know repeats by the event id.
        Before anything is sent it raises `MessageTooLargeError`, `UnknownTopicError`, and `ValueError` for a bucket
        out of range.
        """
        ...

    def consume(self, group: str, topics: Sequence[str]) -> AbstractAsyncContextManager[Consumer]:
        """Join `group` and read `topics` from the group's committed offsets, or from the beginning."""
        ...

    async def lag(self, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """Return how many messages the group has not committed, for each (topic, bucket) that has any.

        The count is a distance in offsets: an upper bound where compaction has left gaps.
        """
        ...

    async def tend(self) -> None:
        """Do the upkeep that the adapter needs (the embedded bus compacts and trims; Kafka does it itself)."""
        ...

    async def close(self) -> None:
        """Release connections; flush what is under way."""
        ...
