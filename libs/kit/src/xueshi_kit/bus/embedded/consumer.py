"""One member of a consumer group on the embedded bus."""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import suppress

import asyncpg

from xueshi_kit.bus import BusError, NotAssignedError, Received
from xueshi_kit.bus.embedded.faults import bus_faults
from xueshi_kit.bus.embedded.groups import Membership
from xueshi_kit.bus.embedded.log import Partition, read

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""The longest wait for a message whose notification was lost."""

_BEATS_PER_LEASE = 4
_RETRY_SECONDS = 0.5


class EmbeddedConsumer:
    """Reads the partitions that its membership holds; a task in the background keeps the membership alive."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        group: str,
        topic_names: Mapping[int, str],
        lease_seconds: float,
    ) -> None:
        """Prepare to read these topics (number → name); `join` begins."""
        self._pool = pool
        self._group = group
        self._topic_names = topic_names
        self._topic_ids = {name: topic_id for topic_id, name in topic_names.items()}
        self._membership = Membership(pool, group, sorted(topic_names), lease_seconds)
        self._beat_seconds = lease_seconds / _BEATS_PER_LEASE
        self._beat_now = asyncio.Event()
        self._look_now = asyncio.Event()
        self._last_read: Partition = (0, 0)
        self._keeper: asyncio.Task[None] | None = None

    async def join(self) -> None:
        """Enter the group and take what is free. Raises `BusUnavailableError`."""
        with bus_faults():
            await self._membership.beat()
        self._keeper = asyncio.create_task(self._keep_beating())

    async def leave(self) -> None:
        """Stop beating and give the partitions back; where the database is away, they fall back with the lease."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        try:
            with bus_faults():
                await self._membership.leave()
        except BusError as error:
            log.warning("group %s: left without notice: %s", self._group, error)

    def ring(self, channel: str, payload: str) -> None:
        """Take a notification: a message in one of our topics, or a change in our group."""
        if channel == "bus_groups" and payload == self._group:
            self._beat_now.set()
        elif channel == "bus_messages" and int(payload) in self._topic_names:
            self._look_now.set()

    async def poll(self, max_messages: int, timeout_seconds: float) -> list[Received]:
        """See `Consumer.poll`. Raises `BusUnavailableError`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while True:
            self._raise_if_keeper_ended()
            self._look_now.clear()
            if received := await self._read(max_messages):
                return received
            remaining = deadline - loop.time()
            if remaining <= 0:
                return []
            with suppress(TimeoutError):
                async with asyncio.timeout(min(remaining, LOOK_SECONDS)):
                    await self._look_now.wait()

    async def commit(self, received: Sequence[Received]) -> None:
        """See `Consumer.commit`. Raises `NotAssignedError`, `BusUnavailableError`."""
        offsets: dict[Partition, int] = {}
        for message in received:
            partition = (self._topic_ids[message.topic], message.bucket)
            offsets[partition] = max(offsets.get(partition, 0), message.offset + 1)
        if not offsets:
            return
        try:
            with bus_faults():
                await self._membership.commit(offsets)
        except NotAssignedError:
            self._beat_now.set()
            raise
        if any(holding.draining_since and holding.idle for holding in self._membership.holdings.values()):
            self._beat_now.set()

    async def rewind(self) -> None:
        """See `Consumer.rewind`."""
        for holding in self._membership.holdings.values():
            holding.position = holding.committed

    async def _read(self, max_messages: int) -> list[Received]:
        if self._membership.lapsed():
            self._membership.holdings.clear()
            self._beat_now.set()
        holdings = self._membership.holdings
        wanted = {each: holdings[each] for each in self._in_turn() if not holdings[each].draining_since}
        if not wanted:
            return []
        positions = {partition: holding.position for partition, holding in wanted.items()}
        with bus_faults():
            found = await read(self._pool, positions, self._topic_names, max_messages)
        received: list[Received] = []
        for partition, message in found:
            holding = wanted[partition]
            # A beat during the read may have begun to drain the partition or have lost it: leave it to the next holder.
            if holdings.get(partition) is holding and not holding.draining_since:
                holding.position = message.offset + 1
                received.append(message)
                self._last_read = partition
        return received

    def _in_turn(self) -> list[Partition]:
        """Return the held partitions, beginning behind the one read last, so that a full one does not starve others."""
        partitions = sorted(self._membership.holdings)
        start = bisect_right(partitions, self._last_read)
        return partitions[start:] + partitions[:start]

    async def _keep_beating(self) -> None:
        while True:
            wait_seconds = self._beat_seconds
            self._beat_now.clear()
            try:
                with bus_faults():
                    if await self._membership.beat():
                        self._look_now.set()
            except BusError as error:
                log.warning("group %s: the lease was not renewed: %s", self._group, error)
                wait_seconds = min(wait_seconds, _RETRY_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await self._beat_now.wait()

    def _raise_if_keeper_ended(self) -> None:
        if self._keeper is not None and self._keeper.done():
            self._keeper.result()
