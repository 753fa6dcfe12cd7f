"""Interleavings that break a pipeline without the plumbing's rules, each built by hand and checked at its end.

A scene passes on the real relay and worker; `mutants` shows that it fails where a rule is left out.
"""

import asyncio
from collections.abc import Sequence

from tests.support.counting.service import Counting, CountingWorker, new_keys, running, until
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_kit.bus import NotAssignedError
from xueshi_kit.db import Transaction
from xueshi_kit.outbox import Relay


async def commit_out_of_id_order(counting: Counting, kind: type[Relay]) -> None:
    """Let a transaction that took its outbox ids first commit after the relay has published later ids."""
    early, late = new_keys(2)
    relay = counting.relay(kind)
    async with counting.db.transaction() as tx:
        await counting.count_in(tx, early)
        await counting.count(late)
        await relay.relay_once()
    await relay.relay_once()
    await _consume_what_was_published(counting)
    await counting.check()


async def lose_the_commit_of_offsets(counting: Counting, kind: type[CountingWorker]) -> None:
    """Let the offsets' commit fail after the effects are there, as a crash or a rebalance does."""
    await counting.count(*new_keys(3))
    await counting.relay().relay_once()
    failures = iter([True])

    async def fail_once() -> None:
        if next(failures, False):
            raise NotAssignedError

    counting.bus.before_commit = fail_once
    async with running(counting.worker(kind).run):
        await until(counting.is_settled, seconds=5)
    await counting.check()


async def die_within_the_handling(counting: Counting, kind: type[CountingWorker]) -> None:
    """Let a consumer die while it handles its batch, before its transaction commits; another goes on."""
    await counting.count(*new_keys(3))
    await counting.relay().relay_once()
    reached = asyncio.Event()

    class Dying(Counting):
        async def handle(self, tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
            await super().handle(tx, events)
            reached.set()
            await asyncio.Event().wait()

    dying = counting.beside(Dying)
    async with running(dying.worker(kind).run):
        await reached.wait()
    async with running(counting.worker().run):
        await until(counting.is_settled, seconds=5)
    await counting.check()


async def _consume_what_was_published(counting: Counting) -> None:
    async def is_consumed() -> bool:
        return not await counting.lag()

    async with running(counting.worker().run):
        await until(is_consumed, seconds=5)
