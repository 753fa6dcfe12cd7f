"""Random histories of a registry: what platforms, authorities and administrators do, in no order."""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from tests.support.registry import Harness
from xueshi_kit.db import is_transient

PEOPLE = ("359900199003070011", "35990019900307002X", "359900199003070038")
FIRST = date(2025, 6, 1)


class Writer:
    """Sends records, corrections and voids of its own ids, decides on them, and registers people now and then."""

    def __init__(self, registry: Harness, platform: str, prefix: str, chance: random.Random) -> None:
        """Write to `registry`; `prefix` begins the ids."""
        self.registry = registry
        self._platform = platform
        self._prefix = prefix
        self._chance = chance
        self._versions: dict[str, tuple[int, str]] = {}
        self._sent = 0

    async def run(self, steps: int) -> None:
        """Do so many things."""
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
        record = self.registry.record(
            record_id,
            person,
            name=name,
            days=self._days(),
            subject_kind=self._chance.choice(["public", "professional"]),
        )
        await self.registry.enter(record, platform=self._platform)

    async def _correct(self) -> None:
        if self._versions:
            record_id, (version, person) = self._chance.choice(sorted(self._versions.items()))
            self._versions[record_id] = (version + 1, person)
            record = self.registry.record(record_id, person, days=self._days(), change="corrected", version=version + 1)
            await self.registry.enter(record, platform=self._platform)

    async def _void(self) -> None:
        if self._versions:
            record_id, (version, person) = self._chance.choice(sorted(self._versions.items()))
            del self._versions[record_id]
            record = self.registry.record(record_id, person, change="voided", version=version + 1)
            await self.registry.enter(record, platform=self._platform)

    async def _decide(self) -> None:
        if self._versions:
            record_id, (version, person) = self._chance.choice(sorted(self._versions.items()))
            outcome = self._chance.choices(["queued", "stamped", "returned", "revoked"], [2, 6, 1, 1])[0]
            await self.registry.decide(outcome, record_id, version=version, platform=self._platform, person=person)

    async def _register(self) -> None:
        await self.registry.register(self._chance.choice(PEOPLE))

    def _days(self) -> list[tuple[date, int]]:
        first = self._chance.randrange(5)
        return [
            (FIRST + timedelta(days=first + n), self._chance.randrange(50, 900, 50))
            for n in range(self._chance.randrange(1, 4))
        ]


async def _again(act: Callable[[], Awaitable[None]]) -> None:
    """Do as a consumer does: repeat what a passing fault, such as a deadlock, has undone."""
    while True:
        try:
            await act()
        except Exception as error:
            if not is_transient(error):
                raise
        else:
            return
