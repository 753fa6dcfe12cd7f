"""The parts of aiokafka that the bus uses, with types: the library has none.

aiokafka writes whole requests, with keys and values, into its debug log: unless an application sets its level, it is
held at WARNING, whatever the root logger says.
"""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from aiokafka import TopicPartition as _TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    CommitFailedError,
    IllegalOperation,
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    RecordListTooLargeError,
    UnknownProducerId,
    for_code,
)

from xueshi_kit.bus import BusError, BusUnavailableError, MessageTooLargeError, NotAssignedError

_library_log = logging.getLogger("aiokafka")
if _library_log.level == logging.NOTSET:
    _library_log.setLevel(logging.WARNING)

BATCH_BYTES = 1024 * 1024
"""A batch ends here; a single larger message makes a batch of its own."""

RETRY_SECONDS = 0.1
FETCH_WAIT_MS = 200
"""How long the broker holds an empty fetch: a partition left out of a fetch waits this long at most."""

_PASSING = (
    KafkaConnectionError,
    KafkaTimeoutError,
    OutOfOrderSequenceNumber,
    ProducerClosed,
    ProducerFenced,
    UnknownProducerId,
    OSError,
    TimeoutError,
)
"""Faults that pass, besides those that say so themselves; a producer's state is cured by a new producer."""


class TopicPartition(NamedTuple):
    """Names a partition; equal to the library's own tuple."""

    topic: str
    partition: int


class Record(Protocol):
    """One record read."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Batch(Protocol):
    """A batch under construction."""

    def append(
        self,
        *,
        timestamp: int | None,
        key: bytes,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> object | None:
        """Add a message; None where the batch is full."""
        ...

    def close(self) -> None:
        """Take no more."""
        ...


class Producer(Protocol):
    """The idempotent producer."""

    async def start(self) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Flush and disconnect."""
        ...

    def create_batch(self) -> Batch:
        """Begin a batch."""
        ...

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Awaitable[object]:
        """Queue a batch; the awaitable ends when the broker has acknowledged it."""
        ...


class RebalanceListener(Protocol):
    """Told by the library when the group is distributed anew."""

    async def on_partitions_revoked(self, revoked: object) -> None:
        """Give all partitions back; runs to its end before the group is joined again."""
        ...

    async def on_partitions_assigned(self, assigned: object) -> None:
        """Hold these partitions from now on."""
        ...


class GroupReader(Protocol):
    """A member of a group."""

    def subscribe(self, topics: Sequence[str], *, listener: object) -> None:
        """Choose the topics, before `start`."""
        ...

    async def start(self) -> None:
        """Connect, join and wait for the first partitions."""
        ...

    def stop(self) -> Coroutine[object, object, None]:
        """Leave and disconnect."""
        ...

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Record]]:
        """Return what was fetched."""
        ...

    async def commit(self, offsets: Mapping[object, int]) -> None:
        """Commit next offsets."""
        ...

    def seek(self, partition: object, offset: int) -> None:
        """Read from here next."""
        ...

    def assignment(self) -> set[TopicPartition]:
        """Return the partitions held."""
        ...

    def last_poll_timestamp(self, partition: object) -> int | None:
        """Return when the broker last answered for this partition, in epoch milliseconds."""
        ...


class OffsetReader(Protocol):
    """A reader without a group, for the ends of partitions."""

    async def start(self) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    async def beginning_offsets(self, partitions: Sequence[object]) -> dict[TopicPartition, int]:
        """Return the first offset of each."""
        ...

    async def end_offsets(self, partitions: Sequence[object]) -> dict[TopicPartition, int]:
        """Return the next offset of each."""
        ...


class OffsetAndMetadata(Protocol):
    """A committed offset."""

    offset: int


class TopicErrors(Protocol):
    """The answer to `create_topics`: (topic, error code, text) each."""

    topic_errors: Sequence[tuple[str, int, str | None]]


class TopicDescription(NamedTuple):
    """A topic that the cluster has."""

    name: str
    partitions: int


class Admin(Protocol):
    """The administrator's client."""

    async def start(self) -> None:
        """Connect."""
        ...

    async def close(self) -> None:
        """Disconnect."""
        ...

    async def create_topics(self, new_topics: Sequence[object]) -> TopicErrors:
        """Create topics; errors stand in the answer."""
        ...

    async def describe_topics(self) -> list[dict[str, object]]:
        """Return all topics; asking for names would create them where the broker is set so."""
        ...

    async def describe_cluster(self) -> dict[str, object]:
        """Return the brokers."""
        ...

    async def list_consumer_group_offsets(self, group_id: str) -> dict[TopicPartition, OffsetAndMetadata]:
        """Return what a group has committed."""
        ...


def new_producer(servers: str, call_seconds: float) -> Producer:
    """Make an idempotent producer: acks from all in-sync replicas, each resend written once."""
    return cast(
        "Producer",
        AIOKafkaProducer(
            bootstrap_servers=servers.split(","),
            enable_idempotence=True,
            acks="all",
            compression_type="zstd",
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=int(call_seconds * 1000),
            retry_backoff_ms=int(RETRY_SECONDS * 1000),
        ),
    )


async def discard_producer(producer: Producer) -> None:
    """Stop a producer without sending what it still holds.

    An idempotent producer resends for ever, and its own `stop` waits for that. A batch whose publisher has been told
    that it failed must not appear behind newer messages later, so the sending task is ended instead. A request under
    way is waited for.
    """
    raw: Any = producer
    await raw._sender.close()  # noqa: SLF001 - the library has no public way to give up
    await raw.client.close()
    raw._closed = True  # noqa: SLF001 - else it warns of having been forgotten


def new_group_reader(servers: str, group: str, session_seconds: float, call_seconds: float) -> GroupReader:
    """Make a member that reads from the earliest message where its group has committed nothing.

    The broker holds a request to join until the other members have joined too, or their sessions have ended.
    """
    return cast(
        "GroupReader",
        AIOKafkaConsumer(
            bootstrap_servers=servers.split(","),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=int(session_seconds * 1000),
            heartbeat_interval_ms=int(session_seconds * 1000 / 10),
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=int((session_seconds + call_seconds) * 1000),
            retry_backoff_ms=int(RETRY_SECONDS * 1000),
        ),
    )


async def stop_group_reader(reader: GroupReader) -> None:
    """Leave the group and disconnect; where the broker is away, disconnect.

    Without a broker the library's `stop` ends in a cancellation that nobody asked for, before it has disconnected; in
    a task of its own that cancels nobody else.
    """
    stopping = asyncio.create_task(reader.stop())
    await asyncio.wait({stopping})
    if stopping.cancelled() or stopping.exception() is not None:
        raw: Any = reader
        await raw._client.close()  # noqa: SLF001 - what `stop` would have done next


def new_offset_reader(servers: str, call_seconds: float) -> OffsetReader:
    """Make a reader of offsets."""
    return cast(
        "OffsetReader",
        AIOKafkaConsumer(bootstrap_servers=servers.split(","), request_timeout_ms=int(call_seconds * 1000)),
    )


def new_admin(servers: str, call_seconds: float) -> Admin:
    """Make an administrator's client."""
    return cast(
        "Admin",
        AIOKafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=int(call_seconds * 1000)),
    )


def new_topic(name: str, partitions: int, replicas: int, configs: Mapping[str, str]) -> object:
    """Describe a topic to create."""
    return cast("object", NewTopic(name, partitions, replicas, topic_configs=dict(configs)))


def partition_of(topic: str, bucket: int) -> object:
    """Name a partition in the library's own type, which some calls insist on."""
    return cast("object", _TopicPartition(topic, bucket))


def listener_of(listener: RebalanceListener) -> object:
    """Wrap a listener in the library's own type."""

    class _Adapter(ConsumerRebalanceListener):  # type: ignore[misc]
        async def on_partitions_revoked(self, revoked: object) -> None:
            await listener.on_partitions_revoked(revoked)

        async def on_partitions_assigned(self, assigned: object) -> None:
            await listener.on_partitions_assigned(assigned)

    return _Adapter()


def topic_error(code: int) -> str | None:
    """Return the name of a broker's error, or None where the code says that all is well or the topic is there."""
    name = cast("type[Exception]", for_code(code)).__name__
    return None if name in {"NoError", "TopicAlreadyExistsError"} else name


def is_retriable(error: Exception) -> bool:
    """Tell whether the library calls an error passing."""
    return bool(getattr(error, "retriable", False))


@contextmanager
def bus_faults() -> Iterator[None]:
    """Raise the errors of the bus for those of the library, whose texts are left out: only the class is named."""
    try:
        yield
    except BusError:
        raise
    except (CommitFailedError, IllegalStateError, IllegalOperation) as error:
        raise NotAssignedError(type(error).__name__) from None
    except (MessageSizeTooLargeError, RecordListTooLargeError) as error:
        raise MessageTooLargeError(type(error).__name__) from None
    except _PASSING as error:
        raise BusUnavailableError(type(error).__name__) from None
    except KafkaError as error:
        kind = BusUnavailableError if is_retriable(error) else BusError
        raise kind(type(error).__name__) from None
