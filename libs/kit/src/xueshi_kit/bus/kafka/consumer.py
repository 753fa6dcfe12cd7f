"""One member of a Kafka consumer group."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from xueshi_kit.bus import BusUnavailableError, NotAssignedError, Received
from xueshi_kit.bus.kafka.client import GroupReader, Record, TopicPartition, bus_faults, listener_of, partition_of

SILENCE_SECONDS = 3.0
"""An idle consumer hears from the broker many times a second; after this silence `poll` says that it is away."""

_GRACE_SECONDS = 0.05


@dataclass(slots=True)
class _Progress:
    """What was delivered of one partition since it was assigned: `done` is the committed or first offset."""

    done: int
    delivered: int


class KafkaConsumer:
    """Reads through an aiokafka group member, and refuses commits that belong to an earlier assignment."""

    def __init__(
        self,
        reader: GroupReader,
        group: str,
        topics: Sequence[str],
        *,
        join_seconds: float,
        call_seconds: float,
    ) -> None:
        """Prepare; `join` begins."""
        self._reader = reader
        self._group = group
        self._topics = list(topics)
        self._join_seconds = join_seconds
        self._call_seconds = call_seconds
        self._progress: dict[TopicPartition, _Progress] = {}
        self._committing = asyncio.Lock()
        self._assigned_at = time.time()

    async def join(self) -> None:
        """Enter the group and wait for the first partitions. Raises `BusUnavailableError`."""
        self._reader.subscribe(self._topics, listener=listener_of(self))
        with bus_faults():
            async with asyncio.timeout(self._join_seconds):
                await self._reader.start()

    async def poll(self, max_messages: int, timeout_seconds: float) -> list[Received]:
        """See `Consumer.poll`. Raises `BusUnavailableError` where the broker has been silent."""
        found: dict[TopicPartition, list[Record]] = {}
        with bus_faults(), suppress(TimeoutError):
            # While the group is distributed anew the library waits without a limit of its own.
            async with asyncio.timeout(timeout_seconds + _GRACE_SECONDS):
                found = await self._reader.getmany(timeout_ms=int(timeout_seconds * 1000), max_records=max_messages)
        if not found:
            self._raise_if_silent()
        received: list[Received] = []
        for partition, records in found.items():
            progress = self._progress.setdefault(
                TopicPartition(*partition),
                _Progress(done=records[0].offset, delivered=records[0].offset),
            )
            progress.delivered = records[-1].offset + 1
            received.extend(_received(record) for record in records)
        return received

    async def commit(self, received: Sequence[Received]) -> None:
        """See `Consumer.commit`. Raises `NotAssignedError`, `BusUnavailableError`."""
        offsets: dict[TopicPartition, int] = {}
        for message in received:
            partition = TopicPartition(message.topic, message.bucket)
            offsets[partition] = max(offsets.get(partition, 0), message.offset + 1)
        async with self._committing:
            held = {partition: offset for partition, offset in offsets.items() if self._delivered(partition, offset)}
            if held:
                await self._send_commit(held)
        if len(held) < len(offsets):
            text = f"group {self._group}: {len(offsets) - len(held)} of {len(offsets)} partitions have moved"
            raise NotAssignedError(text)

    async def rewind(self) -> None:
        """See `Consumer.rewind`."""
        assigned = self._reader.assignment()
        for partition, progress in self._progress.items():
            if partition in assigned:
                self._reader.seek(partition_of(*partition), progress.done)
                progress.delivered = progress.done

    async def on_partitions_revoked(self, _revoked: object) -> None:
        """End this assignment: every partition, also one that comes back, starts again at its committed offset.

        A commit under way goes first: sent after the group was joined again, it could carry a stale offset.
        """
        async with self._committing:
            self._progress.clear()

    async def on_partitions_assigned(self, _assigned: object) -> None:
        """Begin to listen for the broker's answers anew; the library fetches the positions."""
        self._assigned_at = time.time()

    async def _send_commit(self, offsets: dict[TopicPartition, int]) -> None:
        with bus_faults():
            async with asyncio.timeout(self._call_seconds):
                await self._reader.commit({partition_of(*partition): offset for partition, offset in offsets.items()})
        for partition, offset in offsets.items():
            self._progress[partition].done = max(self._progress[partition].done, offset)

    def _delivered(self, partition: TopicPartition, next_offset: int) -> bool:
        """Tell that this offset was delivered under the present assignment."""
        progress = self._progress.get(partition)
        return progress is not None and next_offset <= max(progress.delivered, progress.done)

    def _raise_if_silent(self) -> None:
        """Raise `BusUnavailableError` where no partition was answered for lately; the library itself only waits."""
        assigned = self._reader.assignment()
        if not assigned:
            return
        # Epoch seconds of the machine's clock on both sides: the library stamps its answers so.
        stamps = [self._reader.last_poll_timestamp(partition_of(*each)) for each in assigned]
        silence_seconds = time.time() - max(self._assigned_at, *((stamp or 0) / 1000 for stamp in stamps))
        if silence_seconds > SILENCE_SECONDS:
            text = f"group {self._group}: no answer for {silence_seconds:.0f} s"
            raise BusUnavailableError(text)


def _received(record: Record) -> Received:
    # Outsiders write to some topics: what is no text must not end the consumer.
    return Received(
        topic=record.topic,
        bucket=record.partition,
        offset=record.offset,
        key=(record.key or b"").decode(errors="replace"),
        value=record.value,
        headers={name: (value or b"").decode(errors="replace") for name, value in record.headers},
        published_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
    )
