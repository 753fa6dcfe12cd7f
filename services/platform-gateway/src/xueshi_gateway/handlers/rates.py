"""The limit on a platform's records per minute, over all instances: an overload is said early."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from xueshi_gateway.domain.errors import RateExceededError
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.store import rates as store
from xueshi_kit.clock import Clock
from xueshi_kit.db import Connection, Database, is_transient

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

    async def count(
        self, sql: Connection, deliveries: Sequence[tuple[PlatformId, int | None, int]]
    ) -> list[RateExceededError | None]:
        """Count deliveries, each given as (platform, its own limit, records); return for each why it is refused.

        On a connection without a transaction, so that deliveries of one platform do not wait for each other's
        commits; the table is unlogged, so that counting does not wait for the disk.
        """
        now = self._clock.now()
        sums: dict[PlatformId, tuple[int, int]] = {}
        for platform, own_limit, records in deliveries:
            _, before = sums.get(platform, (0, 0))
            sums[platform] = own_limit or self._limit, before + records
        minute = _minute(now)
        counted = await self._add(sql, minute, sums)
        return [
            None
            if platform in counted or (len(deliveries) > 1 and await self._fits(sql, minute, platform, own, records))
            else _exceeded(own or self._limit, now)
            for platform, own, records in deliveries
        ]

    async def _fits(
        self, sql: Connection, minute: datetime, platform: PlatformId, own_limit: int | None, records: int
    ) -> bool:
        """Count one delivery of several that together were too many."""
        return platform in await self._add(sql, minute, {platform: (own_limit or self._limit, records)})

    async def _add(
        self, sql: Connection, minute: datetime, sums: Mapping[PlatformId, tuple[int, int]]
    ) -> Collection[PlatformId]:
        """Add (limit, records) to the platforms' counts of the minute; return those whose limit holds them."""
        possible = {platform: each for platform, each in sums.items() if each[1] <= each[0]}
        if not possible:
            return ()
        counted = await store.count_records(sql, minute, possible)
        self._seen.update((platform, (minute, records)) for platform, records in counted.items())
        return counted

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
