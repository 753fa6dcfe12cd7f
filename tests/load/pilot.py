"""Rows for the limit of the chain: accepted on the chain's own server, in a database beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import asyncpg

from tests.load.accepts import PEOPLE
from tests.load.deliveries import BATCH, PATH, Course, learners
from tests.load.gateways import make_door
from tests.load.limit import Batch, CopyLimit
from tests.load.site import Chain
from xueshi_cli.runtime.passwords import Passwords

DATABASE = "pilot"
BATCHES = 12
"""Batches of 500 in a copy."""


class Pilot:
    """Encoded rows, and tables into which a part of them is copied each time."""

    def __init__(self, limit: CopyLimit, batches: list[Batch], times: int) -> None:
        """Use each batch once, in `times` equal parts."""
        self._limit = limit
        self._parts = [batches[len(batches) * n // times : len(batches) * (n + 1) // times] for n in range(times)]

    @classmethod
    @asynccontextmanager
    async def accepted(cls, chain: Chain, folder: Path, *, copies: int) -> AsyncIterator[Self]:
        """Have a gateway in this process accept what so many copies need, before the first of them."""
        passwords = Passwords(chain.site.folder.root / "postgres" / "passwords.json")
        deliveries = Course(learners(PEOPLE)).deliveries((copies + 1) * BATCHES, BATCH)
        async with make_door(chain.site.admin_dsn, passwords, folder, DATABASE) as (door, stand):
            owner = await asyncpg.connect(door.database.owner_dsn)
            try:
                limit = CopyLimit(owner)
                mark = await limit.mark()
                for each in deliveries:
                    answer = await stand.http.post(PATH, content=each.body, headers=each.headers(door.key))
                    answer.raise_for_status()
                batches = await limit.capture(mark, len(deliveries))
                await limit.copy(batches[:BATCHES], BATCHES * BATCH)  # to warm up
                yield cls(limit, batches[BATCHES:], copies)
            finally:
                await owner.close()

    async def copy(self) -> float:
        """Copy the next part; return records a second, all rows of the deliveries counted."""
        part = self._parts.pop(0)
        return (await self._limit.copy(part, len(part) * BATCH)).all_rows
