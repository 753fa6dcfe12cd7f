"""The day's cap and the ledger under parallel writers."""

import asyncio
import random

import pytest

from tests.support.databases import DatabaseFactory
from tests.support.histories import FIRST, Writer
from tests.support.recompute import assert_ledger_is_its_recomputation
from tests.support.registry import Harness


async def test_fifty_platforms_never_exceed_a_day_of_one_person(make_database: DatabaseFactory) -> None:
    platforms = [f"p{n}" for n in range(50)]
    registry = await Harness.open(make_database, platforms)
    await asyncio.gather(
        *(registry.enter(registry.record("r", days=[(FIRST, 800)]), platform=platform) for platform in platforms)
    )
    (row,) = await registry.fetch("SELECT sum(centihours)::int AS hours FROM ledger WHERE account = 'registered'")
    assert row["hours"] == 800
    assert await registry.fetch("SELECT count(*) AS n FROM record") == [(50,)]
    await assert_ledger_is_its_recomputation(registry)
    await registry.db.close()


@pytest.mark.parametrize("seed", range(4))
async def test_random_histories_with_parallel_writers_equal_their_recomputation(
    make_database: DatabaseFactory, seed: int
) -> None:
    registry = await Harness.open(make_database)
    writers = [Writer(registry, f"p{n % 2 + 1}", f"w{n}", random.Random(seed * 10 + n)) for n in range(4)]
    await asyncio.gather(*(writer.run(steps=25) for writer in writers))
    await assert_ledger_is_its_recomputation(registry)
    positions = [change.position for change in await registry.changes()]
    assert positions == list(range(1, len(positions) + 1))
    await registry.db.close()
