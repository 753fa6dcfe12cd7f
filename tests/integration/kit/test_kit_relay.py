"""The relay's lease: what a relay that was frozen beyond it does, and what its successor makes of it."""

import asyncio
from contextlib import nullcontext
from typing import Any

import asyncpg
import pytest

from tests.support.counting.bus import nothing
from tests.support.counting.service import Counting, event_of, new_keys, running, until
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_kit import outbox
from xueshi_kit.bus import BusUnavailableError, MessageTooLargeError
from xueshi_kit.outbox import OutboxEvent, Relay

SHORT_LEASE_SECONDS = 0.3


async def refuse() -> None:
    raise BusUnavailableError


class FrozenAfterReading(Relay):
    """Reads a batch and then stands still for longer than its lease, once."""

    frozen: asyncio.Event
    go_on: asyncio.Event

    async def _unpublished(self) -> list[asyncpg.Record]:
        rows = await super()._unpublished()
        self.frozen.set()
        await self.go_on.wait()
        return rows


async def numbers(counting: Counting) -> list[int]:
    """Return what went out, in order."""
    return [HourRecordsAccepted.FromString(each.value or b"").records[0].version for each in counting.bus.published]


async def take_over(counting: Counting, relay: Relay) -> None:
    """Publish with `relay` once the other's lease has run out."""

    async def is_done() -> bool:
        await relay.relay_once()
        return await counting.is_published()

    await until(is_done)


async def test_a_relay_frozen_between_reading_and_publishing_publishes_nothing(counting: Counting) -> None:
    (key,) = new_keys(1)
    await counting.count(key)
    frozen: Any = counting.relay(FrozenAfterReading, lease_seconds=SHORT_LEASE_SECONDS)
    frozen.frozen, frozen.go_on = asyncio.Event(), asyncio.Event()
    stale = asyncio.create_task(frozen.relay_once())
    await frozen.frozen.wait()
    await counting.count(key)
    await take_over(counting, counting.relay())
    frozen.go_on.set()
    assert await stale == 0
    assert await numbers(counting) == [1, 2]


@pytest.mark.parametrize("fails", [False, True])
async def test_the_last_message_of_a_key_is_its_newest_although_a_frozen_relay_publishes_late(
    counting: Counting, *, fails: bool
) -> None:
    """A compacted topic keeps the last message alone, so the late one must not stay the last."""
    (key,) = new_keys(1)
    await counting.count(key)
    frozen, go_on = asyncio.Event(), asyncio.Event()

    async def freeze_once() -> None:
        if not frozen.is_set():
            frozen.set()
            await go_on.wait()

    counting.bus.before_publish = freeze_once
    late = counting.relay(lease_seconds=SHORT_LEASE_SECONDS)
    stale = asyncio.create_task(late.relay_once())
    await frozen.wait()
    await counting.count(key)
    successor = counting.relay()
    await take_over(counting, successor)
    if fails:
        counting.bus.after_publish = refuse
    go_on.set()
    with pytest.raises(BusUnavailableError) if fails else nullcontext():
        await stale
    counting.bus.after_publish = nothing
    assert await numbers(counting) == [1, 2, 1]
    assert await late.relay_once() == 0
    await take_over(counting, successor)
    assert (await numbers(counting))[-1] == 2
    async with running(counting.worker().run):
        await counting.settle()
    await counting.check()


async def test_two_relays_share_no_bucket(counting: Counting) -> None:
    keys = new_keys(8)
    await counting.count(*keys)
    first, second = counting.relay(), counting.relay()
    assert await first.relay_once() > 0
    await counting.count(*keys)
    assert await second.relay_once() == 0
    assert await first.relay_once() > 0


async def test_what_the_bus_refuses_for_a_time_goes_out_later(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0.01)
    refusals = iter([refuse, refuse])

    async def refuse_twice() -> None:
        await next(refusals, nothing)()

    counting.bus.before_publish = refuse_twice
    await counting.count(*new_keys(4))
    async with running(counting.relay().run, counting.worker().run):
        await counting.settle()
    await counting.check()


async def test_an_event_that_no_bus_takes_is_refused_with_its_transaction(counting: Counting) -> None:
    (key,) = new_keys(1)
    huge = event_of([(key, 1)])
    huge.platform = "x" * 1024 * 1024
    with pytest.raises(MessageTooLargeError):
        await counting.append(OutboxEvent("key", key, huge))
    assert await counting.is_published()


async def test_rows_published_long_ago_are_swept(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "KEEP_PUBLISHED_SECONDS", 0)
    monkeypatch.setattr(outbox, "SWEEP_ROWS", 2)
    for _ in range(5):
        await counting.count(*new_keys(1))
    relay = counting.relay()
    assert await relay.relay_once() == 5
    for _ in range(3):
        await relay._tend()
    assert await counting.fetch("SELECT FROM outbox") == []


async def test_the_inbox_forgets_what_no_topic_keeps_any_more(counting: Counting) -> None:
    relay = counting.relay()
    await counting.fetch(
        "INSERT INTO inbox (consumer, event_id, handled_at) VALUES"
        " ('c', gen_random_uuid(), now() - interval '46 days'), ('c', gen_random_uuid(), now() - interval '44 days')"
    )
    await relay._tend()
    (row,) = await counting.fetch("SELECT count(*) AS n FROM inbox WHERE consumer = 'c'")
    assert row["n"] == 1


async def test_a_wake_up_during_a_look_is_not_lost(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "IDLE_SECONDS", 60.0)
    relay = counting.relay(lease_seconds=120)
    looked = asyncio.Event()
    look = relay._unpublished

    async def look_then_count() -> list[asyncpg.Record]:
        rows = await look()
        if not looked.is_set():
            looked.set()
            await counting.count(*new_keys(1))
            relay.wake()
        return rows

    monkeypatch.setattr(relay, "_unpublished", look_then_count)
    async with running(relay.run, counting.worker().run):
        await counting.settle()
    await counting.check()
