"""The day's cap and the ledger under parallel writers."""

import asyncio
import random
from datetime import date, timedelta

import pytest

from tests.support.databases import DatabaseFactory
from tests.support.recompute import assert_ledger_is_its_recomputation
from tests.support.registry import Harness
from xueshi_kit.db import is_transient

PEOPLE = ("359900199003070011", "35990019900307002X", "359900199003070038")
FIRST = date(2025, 6, 1)


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
    writers = [_Writer(registry, f"p{n % 2 + 1}", f"w{n}", random.Random(seed * 10 + n)) for n in range(4)]
    await asyncio.gather(*(writer.run(steps=25) for writer in writers))
    await assert_ledger_is_its_recomputation(registry)
    positions = [change.position for change in await registry.changes()]
    assert positions == list(range(1, len(positions) + 1))
    await registry.db.close()


class _Writer:
    """Sends records, corrections and voids of its own ids, decides on them, and registers people now and then."""

    def __init__(self, registry: Harness, platform: str, prefix: str, chance: random.Random) -> None:
        self._registry = registry
        self._platform = platform
        self._prefix = prefix
        self._chance = chance
        self._versions: dict[str, tuple[int, str]] = {}
        self._sent = 0

    async def run(self, steps: int) -> None:
        for _ in range(steps):
            act = self._chance.choices(
                [self._complete, self._correct, self._void, self._decide, self._register], [8, 3, 2, 6, 1]
            )[0]
            await _again(act)

    async def _complete(self) -> None:
        self._sent += 1
        record_id = f"{self._prefix}-{self._sent}"
        person = self._chance.choice(PEOPLE)
        self._versions[record_id] = (1, person)
        name = self._chance.choices(["陈晓", "陈小"], [30, 1])[0]
        record = self._registry.record(
            record_id,
            person,
            name=name,
            days=self._days(),
            subject_kind=self._chance.choice(["public", "professional"]),
        )
        await self._registry.enter(record, platform=self._platform)

    async def _correct(self) -> None:
        if self._versions:
            record_id, (version, person) = self._chance.choice(sorted(self._versions.items()))
            self._versions[record_id] = (version + 1, person)
            record = self._registry.record(
                record_id, person, days=self._days(), change="corrected", version=version + 1
            )
            await self._registry.enter(record, platform=self._platform)

    async def _void(self) -> None:
        if self._versions:
            record_id, (version, person) = self._chance.choice(sorted(self._versions.items()))
            del self._versions[record_id]
            record = self._registry.record(record_id, person, change="voided", version=version + 1)
            await self._registry.enter(record, platform=self._platform)

    async def _decide(self) -> None:
        if self._versions:
            record_id, (version, person) = self._chance.choice(sorted(self._versions.items()))
            outcome = self._chance.choices(["queued", "stamped", "returned", "revoked"], [2, 6, 1, 1])[0]
            await self._registry.decide(outcome, record_id, version=version, platform=self._platform, person=person)

    async def _register(self) -> None:
        await self._registry.register(self._chance.choice(PEOPLE))

    def _days(self) -> list[tuple[date, int]]:
        first = self._chance.randrange(5)
        return [
            (FIRST + timedelta(days=first + n), self._chance.randrange(50, 900, 50))
            for n in range(self._chance.randrange(1, 4))
        ]


async def _again(act) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Do as a consumer does: repeat what a passing fault, such as a deadlock, has undone."""
    while True:
        try:
            await act()
        except Exception as error:
            if not is_transient(error):
                raise
        else:
            return
