"""Taking deliveries together: what waits at one moment is one transaction.

A transaction costs the same for one record as for a hundred, so many small deliveries at once share one. A delivery
that comes alone waits for nobody. What waits is bounded: beyond that the gateway says so at once.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from xueshi_gateway.domain.errors import GatewayError, OverloadedError
from xueshi_gateway.handlers.deliveries import Delivery, Inlet, accept
from xueshi_gateway.handlers.rates import Meter
from xueshi_gateway.store.deliveries import Place
from xueshi_kit.db import Database, Session, is_transient

log = structlog.get_logger()

TOGETHER_RECORDS = 1000
"""Records of one transaction, unless one delivery has more."""
WAITING_RECORDS = 10_000
"""What may wait, some 30 MiB. At a hundredth of the speed that is measured, this is a minute's work."""
RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class _Waiting:
    delivery: Delivery
    limit: int | None
    receipt: asyncio.Future[bytes] = field(default_factory=asyncio.Future)

    def settle(self, outcome: bytes | Exception) -> None:
        """Answer who waits, if anybody still does."""
        if self.receipt.done():
            return
        if isinstance(outcome, bytes):
            self.receipt.set_result(outcome)
        else:
            self.receipt.set_exception(outcome)


class Intake:
    """The queue between requests and transactions."""

    def __init__(self, db: Database, inlet: Inlet, meter: Meter) -> None:
        """`meter` counts records before they are accepted."""
        self._db = db
        self._inlet = inlet
        self._meter = meter
        self._queue: deque[_Waiting] = deque()
        self._waiting_records = 0
        self._at_work: asyncio.Task[None] | None = None

    def check_room(self) -> None:
        """Raise `OverloadedError` where more waits than is soon done."""
        if self._waiting_records >= WAITING_RECORDS:
            raise OverloadedError(RETRY_AFTER_SECONDS)

    async def take(self, delivery: Delivery, limit: int | None) -> bytes:
        """Return the receipt of a delivery; on disk when it returns. `limit` is the platform's own, per minute.

        Raises `RateExceededError`, `DeliveryConflictError` or `ContendedError`.
        """
        waiting = _Waiting(delivery, limit)
        self._queue.append(waiting)
        self._waiting_records += len(delivery.candidates)
        if self._at_work is None or self._at_work.done():
            self._at_work = asyncio.create_task(self._work())
        return await waiting.receipt

    async def _work(self) -> None:
        """Make one transaction after the other while anything waits: two at once would only be smaller."""
        while batch := self._next_batch():
            try:
                await self._accept(batch)
            except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it is
                for each in batch:
                    each.settle(error)

    def _next_batch(self) -> list[_Waiting]:
        """Take from the queue's head what fits into one transaction.

        Ends before a second delivery of one id, which is a repeat of the first.
        """
        batch: list[_Waiting] = []
        places: set[Place] = set()
        records = 0
        while self._queue:
            first = self._queue[0].delivery
            records += len(first.candidates)
            if batch and (records > TOGETHER_RECORDS or first.place in places):
                break
            places.add(first.place)
            batch.append(self._queue.popleft())
            self._waiting_records -= len(first.candidates)
        return batch

    async def _accept(self, batch: Sequence[_Waiting]) -> None:
        async with self._db.session() as session:
            if taken := await self._count(session, batch):
                await self._enter(session, taken)

    async def _count(self, session: Session, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Return whom the platforms' limits admit; tell the others."""
        records = [(each.delivery.platform, each.limit, len(each.delivery.candidates)) for each in batch]
        counted = await self._meter.count(session.sql, records)
        taken = []
        for waiting, refusal in zip(batch, counted, strict=True):
            if refusal is None:
                taken.append(waiting)
            else:
                waiting.settle(refusal)
        return taken

    async def _enter(self, session: Session, taken: Sequence[_Waiting]) -> None:
        try:
            receipts = await accept(session, self._inlet, [each.delivery for each in taken])
        except Exception as error:
            if len(taken) == 1 or isinstance(error, GatewayError) or is_transient(error):
                raise
            log.warning("intake.apart", error=type(error).__name__, deliveries=len(taken))
            await self._enter_apart(session, taken)
        else:
            for waiting, receipt in zip(taken, receipts, strict=True):
                waiting.settle(receipt)

    async def _enter_apart(self, session: Session, batch: Sequence[_Waiting]) -> None:
        """Enter each by itself, so that one that fails takes no other with it."""
        for each in batch:
            try:
                (receipt,) = await accept(session, self._inlet, [each.delivery])
            except Exception as error:  # noqa: BLE001 - as above
                each.settle(error)
            else:
                each.settle(receipt)
