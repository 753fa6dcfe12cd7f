"""A bus that is opened when it is first used: an API that only writes its outbox starts and serves without a broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from xueshi_kit.bus import Bus, Consumer, Message, Topic


class DeferredBus:
    """Opens the real bus at the first call; a call while it cannot be opened raises `BusUnavailableError`."""

    def __init__(self, open_it: Callable[[], Awaitable[Bus]]) -> None:
        """`open_it` opens the real bus; it is called again after it has failed."""
        self._open_it = open_it
        self._opening = asyncio.Lock()
        self._bus: Bus | None = None

    async def _opened(self) -> Bus:
        async with self._opening:
            if self._bus is None:
                self._bus = await self._open_it()
            return self._bus

    async def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """See `Bus.ensure_topics`."""
        await (await self._opened()).ensure_topics(topics)

    async def publish(self, messages: Sequence[Message]) -> None:
        """See `Bus.publish`."""
        await (await self._opened()).publish(messages)

    def consume(self, group: str, topics: Sequence[str]) -> AbstractAsyncContextManager[Consumer]:
        """See `Bus.consume`."""
        return self._consume(group, topics)

    @asynccontextmanager
    async def _consume(self, group: str, topics: Sequence[str]) -> AsyncIterator[Consumer]:
        async with (await self._opened()).consume(group, topics) as consumer:
            yield consumer

    async def lag(self, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """See `Bus.lag`."""
        return await (await self._opened()).lag(group, topics)

    async def tend(self) -> None:
        """See `Bus.tend`."""
        await (await self._opened()).tend()

    async def close(self) -> None:
        """Close the real bus where it was opened."""
        if self._bus is not None:
            await self._bus.close()
