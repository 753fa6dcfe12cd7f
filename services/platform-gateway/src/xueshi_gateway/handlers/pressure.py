"""How much waits behind the gateway: an overload is said early instead of growing without bound."""

import asyncio

import structlog

from xueshi_gateway.domain.errors import OverloadedError
from xueshi_kit.bus import Bus, BusUnavailableError, UnknownTopicError
from xueshi_kit.db import Database, is_transient

log = structlog.get_logger()

LOOK_SECONDS = 1.0
RETRY_AFTER_SECONDS = 30


class Pressure:
    """Watches what is accepted and not yet published, and what is published and not yet taken by the next service."""

    def __init__(self, db: Database, bus: Bus, *, consumer: str, topic: str, limit: int) -> None:
        """`consumer` is the group that takes `topic`; `limit` counts events in each of the two places."""
        self._db = db
        self._bus = bus
        self._consumer = consumer
        self._topic = topic
        self._limit = limit
        self._is_over = False

    def check(self) -> None:
        """Raise `OverloadedError` while too much waits."""
        if self._is_over:
            raise OverloadedError(RETRY_AFTER_SECONDS)

    async def ready(self) -> None:
        """Raise `OverloadedError` while too much waits: no new deliveries should be led here."""
        self.check()

    async def watch(self) -> None:
        """Look every second until cancelled. While it cannot look, what it saw last holds."""
        while True:
            try:
                is_over = await self.is_over()
            except Exception as error:
                if not is_transient(error):
                    raise
            else:
                if is_over != self._is_over:
                    log.warning("pressure.changed", is_over=is_over)
                self._is_over = is_over
            await asyncio.sleep(LOOK_SECONDS)

    async def is_over(self) -> bool:
        """Tell whether more waits, in either place, than the limit allows."""
        return await self._unpublished() > self._limit or await self._untaken() > self._limit

    async def _unpublished(self) -> int:
        async with self._db.session() as session:
            waiting: int = await session.sql.fetchval(
                "SELECT count(*) FROM (SELECT FROM outbox WHERE published_at IS NULL LIMIT $1) AS waiting",
                self._limit + 1,
            )
        return waiting

    async def _untaken(self) -> int:
        try:
            lag = await self._bus.lag(self._consumer, [self._topic])
        except (BusUnavailableError, UnknownTopicError):
            return 0  # away, or not set up yet: what cannot be published meanwhile shows in the outbox
        return sum(lag.values())
