"""Hears the database's notifications, a hint that saves a consumer the wait for its next look."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import asyncpg

from xueshi_kit.bus import BusUnavailableError
from xueshi_kit.bus.embedded.faults import bus_faults

log = logging.getLogger(__name__)

Ring = Callable[[str, str], None]
"""Called with the channel (`bus_messages`, `bus_groups`) and the payload (a topic id, a group's name)."""

_CHANNELS = ("bus_messages", "bus_groups")
_CONNECT_SECONDS = 10.0
_RECONNECT_SECONDS = 1.0


class Doorbell:
    """One listening connection for a process. While it is broken nothing rings; the consumers look by themselves."""

    def __init__(self, dsn: str) -> None:
        """Prepare; `start` connects in the background."""
        self._dsn = dsn
        self._rings: set[Ring] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, ring: Ring) -> None:
        """Call `ring` at each notification; the first one starts to listen."""
        self._rings.add(ring)
        if self._task is None:
            self._task = asyncio.create_task(self._listen_for_ever())

    def remove(self, ring: Ring) -> None:
        """Stop calling `ring`."""
        self._rings.discard(ring)

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                with bus_faults():
                    await self._listen()
            except BusUnavailableError as error:
                log.info("notifications are interrupted: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen(self) -> None:
        """Listen until the connection ends."""
        ended = asyncio.Event()
        connection = await asyncpg.connect(self._dsn, timeout=_CONNECT_SECONDS)
        try:
            connection.add_termination_listener(lambda _connection: ended.set())
            for channel in _CHANNELS:
                await connection.add_listener(channel, self._heard)
            await ended.wait()
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        for ring in tuple(self._rings):
            ring(channel, str(payload))
