"""Poison: one person's events are parked, visibly and in order, and replayed; everybody else's go on."""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg
import pytest

from tests.support.counting.service import (
    TOPIC,
    Counting,
    PoisonError,
    bucket,
    event_of,
    new_keys,
    running,
    until,
)
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_kit import inbox
from xueshi_kit.bus import Message
from xueshi_kit.db import Transaction
from xueshi_kit.outbox import OutboxEvent

SLICE = 500


def keys_of_one_bucket(count: int) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count:
        found += [key for key in new_keys(count) if bucket(key) == 0]
    return found[:count]


async def deliver(counting: Counting, *slices: Sequence[tuple[bytes, int]]) -> None:
    """Publish these slices of bucket 0 and let a worker have them."""
    await counting.append(*(OutboxEvent("slice", each[0][0], event_of(each)) for each in slices))
    async with running(counting.relay().run, counting.worker().run):
        await counting.settle()


def message(value: bytes, **headers: str) -> Message:
    given = {"ce_id": str(uuid.uuid4()), "ce_type": HourRecordsAccepted.DESCRIPTOR.full_name, **headers}
    return Message(TOPIC, 0, "key", value, {name: text for name, text in given.items() if text})


async def consume(counting: Counting) -> None:
    async with running(counting.worker().run):
        await counting.settle()


async def test_one_poison_record_in_a_slice_of_500_blocks_one_person(counting: Counting) -> None:
    keys = keys_of_one_bucket(SLICE)
    counting.poison = {keys[250]}
    blocked = keys[250].hex()
    await deliver(counting, [(key, 1) for key in keys])
    assert await counting.effects() == {key.hex(): [1] for key in keys if key != keys[250]}
    assert len(counting.batches) < 25
    assert await counting.parked() == [(blocked, "PoisonError")]
    (row,) = await counting.fetch("SELECT payload FROM parked")
    assert HourRecordsAccepted.FromString(row["payload"]) == event_of([(keys[250], 1)])

    await deliver(counting, [(keys[250], 2), (keys[0], 2)], [(keys[250], 3)])
    assert await counting.parked() == [(blocked, "PoisonError"), (blocked, "Blocked"), (blocked, "Blocked")]
    assert (await counting.effects())[keys[0].hex()] == [1, 2]

    counting.poison.clear()
    assert await counting.worker().replay(blocked) == 3
    await deliver(counting, [(keys[250], 4)])
    assert (await counting.effects())[blocked] == [1, 2, 3, 4]
    assert await counting.parked() == []


async def test_a_poison_slice_among_good_ones_costs_them_nothing(counting: Counting) -> None:
    good, poison = keys_of_one_bucket(2)
    counting.poison = {poison}
    await deliver(counting, [(good, 1)], [(poison, 1), (good, 2)], [(good, 3)], [(poison, 2)])
    assert await counting.effects() == {good.hex(): [1, 2, 3]}
    assert await counting.parked() == [(poison.hex(), "PoisonError"), (poison.hex(), "Blocked")]


async def test_a_replay_that_fails_again_keeps_everything_and_counts_the_attempt(counting: Counting) -> None:
    (key,) = keys_of_one_bucket(1)
    counting.poison = {key}
    await deliver(counting, [(key, 1)], [(key, 2)])
    with pytest.raises(PoisonError):
        await counting.worker().replay(key.hex())
    attempts = await counting.fetch("SELECT attempts FROM parked ORDER BY id")
    assert [row["attempts"] for row in attempts] == [2, 1]
    assert await counting.effects() == {}


async def test_a_fault_that_passes_parks_nothing(counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "BACK_OFF_SECONDS", (0.01,))
    keys = keys_of_one_bucket(3)
    faults = iter([asyncpg.DeadlockDetectedError("x"), ConnectionResetError("x"), PoisonError("x"), TimeoutError("x")])

    class Shaken(Counting):
        async def handle(self, tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
            await super().handle(tx, events)
            if (fault := next(faults, None)) is not None:
                raise fault

    shaken = counting.beside(Shaken)
    await deliver(shaken, [(keys[0], 1), (keys[1], 1), (keys[2], 1)], [(keys[0], 2)])
    assert next(faults, None) is None
    assert await counting.effects() == {keys[0].hex(): [1, 2], keys[1].hex(): [1], keys[2].hex(): [1]}
    assert await counting.parked() == []


async def test_a_crash_while_a_slice_is_taken_apart_doubles_nothing(counting: Counting) -> None:
    """What was applied before the crash is undone with the parking: the redelivered slice starts from the beginning."""
    first, poison, last = sorted(keys_of_one_bucket(3))
    parts = 0
    reached = asyncio.Event()

    class Dying(Counting):
        async def handle(self, tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
            nonlocal parts
            parts += 1
            if parts == 7:  # batch, slice, its three keys, the first, the other two, the poison, the last
                reached.set()
                await asyncio.Event().wait()
            await super().handle(tx, events)

    dying = counting.beside(Dying)
    dying.poison = {poison}
    slices = [[(first, 1), (poison, 1), (last, 1)], [(first, 2)]]
    await counting.append(*(OutboxEvent("slice", first, event_of(each)) for each in slices))
    await counting.relay().relay_once()
    async with running(dying.worker().run):
        await reached.wait()
    counting.poison = {poison}
    await consume(counting)
    assert await counting.effects() == {first.hex(): [1, 2], last.hex(): [1]}
    assert await counting.parked() == [(poison.hex(), "PoisonError")]


@dataclass(slots=True)
class Slow(Counting):
    """Handles within the test's time: `reached` says that a handler runs, `go_on` lets it end."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
        """Wait, then handle."""
        self.reached.set()
        await self.go_on.wait()
        await Counting.handle(self, tx, events)


async def replay_patiently(counting: Counting, key: bytes) -> int:
    """Replay as an operator does who tries again: a disk that stands still for seconds holds the lock with a commit."""
    while True:
        with suppress(asyncpg.LockNotAvailableError):
            return await counting.worker().replay(key.hex())


async def is_waiting_for_a_lock(counting: Counting) -> bool:
    rows = await counting.fetch("SELECT FROM pg_locks WHERE NOT granted")
    return bool(rows)


async def test_an_event_that_comes_during_the_last_step_of_a_replay_waits_for_it(counting: Counting) -> None:
    (key,) = keys_of_one_bucket(1)
    counting.poison = {key}
    await deliver(counting, [(key, 1)])
    counting.poison.clear()
    slow = counting.beside(Slow)
    replay = asyncio.create_task(slow.worker().replay(key.hex()))
    await slow.reached.wait()
    await counting.append(OutboxEvent("slice", key, event_of([(key, 2)])))
    await counting.relay().relay_once()
    async with running(counting.worker().run):
        await until(lambda: is_waiting_for_a_lock(counting))
        slow.go_on.set()
        assert await replay == 1
        await counting.settle()
    assert await counting.effects() == {key.hex(): [1, 2]}
    assert await counting.parked() == []


async def test_an_event_that_is_being_parked_is_found_by_a_replay_that_starts_meanwhile(counting: Counting) -> None:
    key, other = keys_of_one_bucket(2)
    counting.poison = {key}
    await deliver(counting, [(key, 1)])
    counting.poison.clear()
    slow = counting.beside(Slow)
    await counting.append(OutboxEvent("slice", key, event_of([(key, 2), (other, 1)])))
    await counting.relay().relay_once()
    async with running(slow.worker().run):
        await slow.reached.wait()
        replay = asyncio.create_task(replay_patiently(counting, key))
        await until(lambda: is_waiting_for_a_lock(counting))
        slow.go_on.set()
        assert await replay == 2
        await counting.settle()
    assert await counting.effects() == {key.hex(): [1, 2], other.hex(): [1]}
    assert await counting.parked() == []


async def test_replays_beside_a_running_consumer_keep_the_order(counting: Counting) -> None:
    keys = keys_of_one_bucket(2)
    counting.poison = {keys[0]}
    async with running(counting.relay().run, counting.worker().run):
        await counting.count(*keys)
        await counting.settle()
        counting.poison.clear()
        for _ in range(15):
            await asyncio.gather(counting.count(*keys), counting.worker().replay(keys[0].hex()))
        await counting.settle()
        await counting.worker().replay(keys[0].hex())
    await counting.check()


async def test_what_cannot_be_decoded_is_parked_and_blocks_nobody(counting: Counting) -> None:
    (key,) = keys_of_one_bucket(1)
    good = event_of([(key, 1)]).SerializeToString()
    await counting.bus.publish(
        [message(b"\xff\xff"), message(good, ce_id="no uuid"), message(good), message(good, ce_type="another.Event")]
    )
    await consume(counting)
    assert await counting.effects() == {key.hex(): [1]}
    assert await counting.parked() == [("", "Undecodable"), ("", "Undecodable")]
    (first, second) = await counting.fetch("SELECT payload FROM parked ORDER BY id")
    assert (first["payload"], second["payload"]) == (b"\xff\xff", good)


async def test_the_same_event_twice_in_one_batch_has_one_effect(counting: Counting) -> None:
    (key,) = keys_of_one_bucket(1)
    twice = message(event_of([(key, 1)]).SerializeToString())
    await counting.bus.publish([twice, twice, message(event_of([(key, 2)]).SerializeToString())])
    await consume(counting)
    assert await counting.effects() == {key.hex(): [1, 2]}
    assert counting.batches == [2]


async def test_an_event_without_items_that_fails_is_parked_whole(counting: Counting) -> None:
    class Strict(Counting):
        async def handle(self, tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
            if not all(event.records for event in events):
                raise PoisonError
            await super().handle(tx, events)

    strict = counting.beside(Strict)
    await counting.bus.publish([message(HourRecordsAccepted(platform="p").SerializeToString())])
    await consume(strict)
    assert await counting.parked() == [("", "PoisonError")]
