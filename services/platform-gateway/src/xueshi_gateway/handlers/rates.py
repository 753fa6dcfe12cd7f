"""The limit on a platform's records per minute, over all instances: an overload is said early."""

import asyncio
from datetime import datetime, timedelta

import structlog

from xueshi_gateway.domain.errors import RateExceededError
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.store import rates as store
from xueshi_kit.clock import Clock
from xueshi_kit.db import Database, is_transient

log = structlog.get_logger()

MINUTE = timedelta(minutes=1)
KEEP_COUNTS = timedelta(minutes=10)


class Meter:
    """Counts the records of deliveries that came through the door, whatever becomes of them."""

    def __init__(self, db: Database, clock: Clock, limit: int) -> None:
        """`limit` records per minute for a platform that has no limit of its own."""
        self._db = db
        self._clock = clock
        self._limit = limit
        self._seen: dict[PlatformId, tuple[datetime, int]] = {}

    def check(self, platform: PlatformId, own_limit: int | None) -> None:
        """Raise `RateExceededError` where the minute is known to be used up, before a body is even decoded."""
        now = self._clock.now()
        limit = own_limit or self._limit
        minute, records = self._seen.get(platform, (now, 0))
        if minute == _minute(now) and records >= limit:
            raise _exceeded(limit, now)

    async def count(self, platform: PlatformId, own_limit: int | None, records: int) -> None:
        """Count a delivery's records. Raises `RateExceededError`, nothing counted, where they pass the limit.

        In a transaction of its own, so that deliveries of one platform do not wait for each other's commits; the
        table is unlogged, so this commit does not wait for the disk.
        """
        now = self._clock.now()
        minute = _minute(now)
        limit = own_limit or self._limit
        if records <= limit:
            async with self._db.transaction() as tx:
                counted = await store.count_records(tx, platform, minute, records, limit)
            if counted is not None:
                self._seen[platform] = (minute, counted)
                return
        raise _exceeded(limit, now)

    async def tidy(self) -> None:
        """Delete the counts of minutes that are over, each minute until cancelled."""
        while True:
            try:
                async with self._db.transaction() as tx:
                    await store.forget_minutes(tx, self._clock.now() - KEEP_COUNTS)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("rates.tidy_waits", error=type(error).__name__)
            await asyncio.sleep(MINUTE.total_seconds())


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _exceeded(limit: int, now: datetime) -> RateExceededError:
    return RateExceededError(limit, int(MINUTE.total_seconds()) - now.second)
