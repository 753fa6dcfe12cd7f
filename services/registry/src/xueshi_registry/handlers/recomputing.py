"""Everybody computed anew, a part of the people at a time; what is found is given on every few people.

Nothing is written, and all of a part is seen in one moment, so the service may go on beside it.
"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import NamedTuple

from xueshi_kit.db import Database
from xueshi_registry.domain.previewing import Draft, Flip, preview
from xueshi_registry.domain.recomputing import Difference, recompute
from xueshi_registry.domain.versions import Versions
from xueshi_registry.store import sweep
from xueshi_registry.store.sweep import Part
from xueshi_rulebook import read_canonical

PEOPLE_AT_ONCE = 200


class Outlook(NamedTuple):
    """What is known beforehand: how many people there are, and the kept versions of the rulebook by hash.

    `pending` requests to judge anew are still to be worked off: what they change is yet to come.
    """

    people: int
    versions: dict[str, str]
    pending: int


async def look(database_url: str) -> Outlook:
    """Return what is known beforehand."""
    db = _open(database_url)
    try:
        async with sweep.one_moment(db) as tx:
            return Outlook(await sweep.count_people(tx), await sweep.versions(tx), await sweep.count_pending(tx))
    finally:
        await db.close()


@dataclass(slots=True)
class Recomputed:
    """What was found of some people. `different` counts people, records and transcripts."""

    people: int = 0
    records: int = 0
    entries: int = 0
    transcripts: int = 0
    different: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How much was read."""
        return self.entries


async def recompute_part(database_url: str, part: Part) -> AsyncIterator[Recomputed]:
    """Recompute the people of a part; yield what is found. Raises RulebookDataError for a version it cannot read."""
    db = _open(database_url)
    try:
        async with sweep.one_moment(db) as tx:
            versions, found = Versions(await sweep.versions(tx)), Recomputed()
            async for account in sweep.accounts(tx, part):
                differences = recompute(account, versions)
                found.people += 1
                found.records += len(account.records)
                found.entries += len(account.entries)
                found.transcripts += len(account.transcripts)
                if differences:
                    found.differences += differences
                    found.different["people"] += 1
                    found.different["records"] += len({each.about for each in differences if each.about})
                    found.different["transcripts"] += len({each.period for each in differences if not each.about})
                if found.people == PEOPLE_AT_ONCE:
                    yield found
                    found = Recomputed()
            yield found
    finally:
        await db.close()


@dataclass(slots=True)
class Previewed:
    """What a draft would do to some people: see `domain.previewing.Effect`. `flipped` counts people."""

    people: int = 0
    records: int = 0
    periods: int = 0
    recredited: int = 0
    flipped: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    flips: list[Flip] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How much was read."""
        return self.records


async def preview_part(database_url: str, canonical: str, part: Part) -> AsyncIterator[Previewed]:
    """Try a draft on the people of a part; yield what it would change. Raises RulebookDataError."""
    db = _open(database_url)
    try:
        async with sweep.one_moment(db) as tx:
            versions = Versions(await sweep.versions(tx))
            draft, found = Draft(read_canonical(canonical), versions, await sweep.platforms(tx)), Previewed()
            async for person in sweep.prospects(tx, part):
                effect = preview(person, draft)
                found.people += 1
                found.records += len(person.live)
                found.periods += effect.periods
                found.recredited += effect.recredited
                found.flipped += bool(effect.flips)
                found.outcomes += effect.outcomes
                found.flips += effect.flips
                if found.people == PEOPLE_AT_ONCE:
                    yield found
                    found = Previewed()
            yield found
    finally:
        await db.close()


def _open(database_url: str) -> Database:
    return Database(database_url, application="xueshi-registry-recompute", pool_size=1)
