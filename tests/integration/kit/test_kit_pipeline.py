"""Writers → outbox → relay → bus → consumer: nothing lost, nothing doubled, nothing of a key out of order."""

import asyncio
import random

from tests.support.counting.service import Counting, new_keys, running, until

WRITERS = 24
ROUNDS = 20


async def write(counting: Counting, keys: list[bytes], seed: int) -> None:
    """Count random keys, now and then two at once, holding their locks for an uneven time."""
    choose = random.Random(seed)
    for _ in range(ROUNDS):
        some = choose.sample(keys, choose.choice((1, 1, 2)))
        await counting.count(*some, pause_seconds=choose.choice((0.0, 0.0, 0.01)))


async def test_concurrent_writers_lose_double_and_disorder_nothing(counting_on_each_bus: Counting) -> None:
    counting = counting_on_each_bus
    keys = new_keys(12)
    relays = [counting.relay(), counting.relay()]
    workers = [counting.worker(), counting.worker()]
    async with running(*(each.run for each in relays), *(each.run for each in workers)):
        await asyncio.gather(*(write(counting, keys, seed) for seed in range(WRITERS)))
        await counting.settle()
    await counting.check()


async def test_a_relay_that_ends_hands_over_at_once(counting: Counting) -> None:
    (key,) = new_keys(1)
    async with running(counting.relay(lease_seconds=60).run):
        await counting.count(key)
        await until(counting.is_published)
    async with running(counting.relay(lease_seconds=60).run, counting.worker().run):
        await counting.count(key)
        await counting.settle()
    await counting.check()


async def test_a_backlog_goes_out_in_bounded_batches(counting: Counting) -> None:
    keys = new_keys(8)
    for _ in range(150):
        await counting.count(*keys)
    relay = counting.relay()
    moved = []
    while batch := await relay.relay_once():
        moved.append(batch)
    assert len(moved) > 1
    assert max(moved) <= 400
    async with running(counting.worker().run):
        await counting.settle()
    await counting.check()
