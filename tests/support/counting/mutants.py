"""The plumbing with one rule left out each: the tests of the tests."""

import uuid
from collections.abc import Sequence

import asyncpg

from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_kit.bus import Consumer
from xueshi_kit.db import Transaction
from xueshi_kit.inbox import POLL_MESSAGES, POLL_SECONDS, Worker
from xueshi_kit.outbox import Relay


class WorkerWithoutInbox(Worker[HourRecordsAccepted]):
    """Takes every event for a new one."""

    async def _remember(self, tx: Transaction, event_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        assert tx
        return set(event_ids)


class WorkerThatCommitsFirst(Worker[HourRecordsAccepted]):
    """Commits the offsets before the effects."""

    async def _consume(self, consumer: Consumer) -> None:
        while True:
            if received := await consumer.poll(POLL_MESSAGES, POLL_SECONDS):
                await consumer.commit(received)
                await self._apply(received)


class RelayWithCursor(Relay):
    """Reads what stands behind the highest id that it has published, instead of the published flag."""

    _cursor = 0

    async def _unpublished(self) -> list[asyncpg.Record]:
        async with self._db.transaction() as tx:
            rows = await tx.sql.fetch("SELECT * FROM outbox WHERE id > $1 ORDER BY id", self._cursor)
        self._cursor = max((row["id"] for row in rows), default=self._cursor)
        return list(rows)
