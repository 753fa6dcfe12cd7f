"""What was sent and what was answered: the truth that everything in the product is compared with.

Nothing here comes from the product's tables: a version stands here because a receipt said `accepted`.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

RecordKey = tuple[str, str]
"""Platform and record id."""

HELD_NAME_DISPUTED = "NAME_UNCONFIRMED"
HELD_NAME_OTHER = "NAME_MISMATCH"
HELD_EMPLOYER = "EMPLOYER_UNKNOWN"


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the load. `claimed` ones are registered; `busy` ones share days, so that the cap decides."""

    key: UUID
    number: str
    name: str
    employer: str
    claimed: bool
    busy: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One accepted version of a record, as it was sent. Hours are hundredths, by day in order."""

    platform: str
    record_id: str
    number: int
    person: UUID
    name: str
    kind: str
    form: str
    days: tuple[tuple[date, int], ...]
    is_void: bool = False

    @property
    def record(self) -> RecordKey:
        """The record that it is a version of."""
        return self.platform, self.record_id


@dataclass(slots=True)
class Story:
    """Everything that was said and answered, gathered as it happens.

    `entered` are the employers that the registry was given. `acknowledged` are decisions that an officer was told are
    done: (platform, record id, version, outcome). `surprises` are answers that nobody should get.
    """

    people: dict[UUID, Person] = field(default_factory=dict)
    records: dict[RecordKey, list[Version]] = field(default_factory=dict)
    receipts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)
    acknowledged: set[tuple[str, str, int, str]] = field(default_factory=set)
    surprises: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, by: int = 1) -> None:
        """Count something for the report."""
        self.counts[what] = self.counts.get(what, 0) + by

    def accept(self, version: Version) -> None:
        """Note that a receipt has accepted a version."""
        self.records.setdefault(version.record, []).append(version)

    def versions(self) -> Iterable[Version]:
        """Return every accepted version."""
        return (version for versions in self.records.values() for version in versions)

    def holds(self) -> "Holds":
        """Return what holds records back, as things stand now."""
        names: dict[UUID, set[str]] = {}
        for version in self.versions():
            if not version.is_void:
                names.setdefault(version.person, set()).add(version.name)
        return Holds(
            claimed={key: person.name for key, person in self.people.items() if person.claimed},
            disputed={key for key, found in names.items() if len(found) > 1 and not self.people[key].claimed},
            waiting={
                key for key, person in self.people.items() if not person.claimed and person.employer not in self.entered
            },
        )


@dataclass(frozen=True, slots=True)
class Holds:
    """Whose records are held: the claimed people's names, the people of two names, those of an unknown employer."""

    claimed: dict[UUID, str]
    disputed: set[UUID]
    waiting: set[UUID]

    def code(self, version: Version) -> str:
        """Return why a version is held, empty if it is not."""
        if version.person in self.disputed:
            return HELD_NAME_DISPUTED
        if self.claimed.get(version.person, version.name) != version.name:
            return HELD_NAME_OTHER
        return HELD_EMPLOYER if version.person in self.waiting else ""
