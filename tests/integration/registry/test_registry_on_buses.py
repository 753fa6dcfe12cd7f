"""Random histories through a real bus, with everything that can happen to hours going on at once."""

import asyncio
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta

import pytest
from google.protobuf.message import Message as Event

from tests.contract.bus.rigs import Rig
from tests.support.counting.bus import PrivateBus
from tests.support.counting.fixtures import embedded_rig, rig  # noqa: F401 - fixtures
from tests.support.counting.service import BUCKETS
from tests.support.databases import DatabaseFactory
from tests.support.recompute import assert_ledger_is_its_recomputation
from tests.support.registry import EMPLOYER, SCOPES, Harness
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi.gateway.v1.platforms_pb2 import PlatformChanged
from xueshi.verification.v1.decisions_pb2 import Decision, HoursDecided
from xueshi_kit.bus import Message
from xueshi_kit.db import is_transient
from xueshi_kit.events import bucket_of, topic_of
from xueshi_kit.inbox import Worker
from xueshi_registry.consumer import subscriptions
from xueshi_registry.handlers.holds import release_forever

PEOPLE = ("359900199003070011", "35990019900307002X", "359900199003070038", "359900199003070046")
FIRST = date(2025, 6, 1)
EVENTS = (HourRecordsAccepted, HoursDecided, PlatformChanged)


@pytest.fixture
async def bus(rig: Rig) -> AsyncIterator[PrivateBus]:  # noqa: F811
    """Give topics of this test's own on each bus in turn."""
    private = PrivateBus(await rig.open(), f"registry-{uuid.uuid4().hex[:8]}")
    await private.ensure_topics([topic_of(each) for each in EVENTS])
    yield private
    await private.close()


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_happens_the_ledger_is_its_recomputation(
    make_database: DatabaseFactory, bus: PrivateBus, seed: int
) -> None:
    registry = await Harness.open(make_database)
    workers = [
        Worker(registry.db, bus, each, after_commit=lambda: None)
        for each in subscriptions(registry.registry)
        for _ in range(2)
    ]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    running.append(asyncio.create_task(release_forever(registry.db, registry.registry, lambda: None)))
    writers = [_Writer(registry, bus, f"p{n % 2 + 1}", f"w{n}", random.Random(seed * 10 + n)) for n in range(4)]
    await asyncio.gather(*(writer.run(steps=30) for writer in writers), _Office(registry, bus, seed).run(steps=12))
    await _settled(registry, bus, workers)
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert await registry.fetch("SELECT count(*) AS n FROM parked") == [(0,)]
    sent = {(writer.platform, record_id) for writer in writers for record_id in writer.sent}
    rows = await registry.fetch("SELECT DISTINCT platform, record_id FROM record")
    assert {(row["platform"], row["record_id"]) for row in rows} == sent
    await assert_ledger_is_its_recomputation(registry)
    await registry.db.close()


async def _settled(registry: Harness, bus: PrivateBus, workers: list[Worker]) -> None:  # type: ignore[type-arg]
    """Wait until every message is consumed and every release is worked off."""
    async with asyncio.timeout(90):
        while True:
            behind = 0
            for worker, event in zip(workers[::2], EVENTS, strict=True):
                behind += sum((await bus.lag(worker.consumer, [topic_of(event).name])).values())
            (releases,) = await registry.fetch("SELECT count(*) AS n FROM release")
            if behind + releases["n"] == 0:
                return
            await asyncio.sleep(0.1)


async def _say(bus: PrivateBus, key: bytes, event: Event) -> None:
    headers = {"ce_id": str(uuid.uuid4()), "ce_type": event.DESCRIPTOR.full_name}
    message = Message(
        topic_of(type(event)).name, bucket_of(key, BUCKETS), key.hex(), event.SerializeToString(), headers
    )
    await bus.publish([message])


class _Writer:
    """A platform's records, corrections, voids and the decisions on them, each record's in order."""

    def __init__(self, registry: Harness, bus: PrivateBus, platform: str, prefix: str, chance: random.Random) -> None:
        self.platform = platform
        self.sent: set[str] = set()
        self._registry = registry
        self._bus = bus
        self._prefix = prefix
        self._chance = chance
        self._live: dict[str, tuple[int, str]] = {}

    async def run(self, steps: int) -> None:
        for _ in range(steps):
            choice = self._chance.choices(["completed", "corrected", "voided", "decide"], [8, 3, 1, 6])[0]
            if choice == "completed" or not self._live:
                record_id = f"{self._prefix}-{len(self.sent)}"
                self.sent.add(record_id)
                self._live[record_id] = (1, self._chance.choice(PEOPLE))
                await self._send(record_id, "completed")
                continue
            record_id, (version, person) = self._chance.choice(sorted(self._live.items()))
            if choice == "decide":
                await self._decide(record_id, version, person)
                continue
            self._live[record_id] = (version + 1, person)
            await self._send(record_id, choice)
            if choice == "voided":
                del self._live[record_id]

    async def _send(self, record_id: str, change: str) -> None:
        version, person = self._live[record_id]
        record = self._registry.record(
            record_id,
            person,
            name=self._chance.choices(["陈晓", "陈小"], [30, 1])[0],
            days=self._days(),
            change=change,
            version=version,
            subject_kind=self._chance.choice(["public", "professional"]),
            employer=self._chance.choices([EMPLOYER, ""], [9, 1])[0],
        )
        event = HourRecordsAccepted(platform=self.platform, delivery="d", records=[record])
        await _say(self._bus, record.person_key, event)

    async def _decide(self, record_id: str, version: int, person: str) -> None:
        outcome = self._chance.choices(["queued", "stamped", "returned", "revoked"], [2, 6, 1, 1])[0]
        key = self._registry.key(person).bytes
        decision = Decision(
            platform=self.platform, record_id=record_id, version=version, person_key=key, outcome=outcome
        )
        await _say(self._bus, key, HoursDecided(decisions=[decision]))

    def _days(self) -> list[tuple[date, int]]:
        first = self._chance.randrange(5)
        return [
            (FIRST + timedelta(days=first + n), self._chance.randrange(50, 900, 50))
            for n in range(self._chance.randrange(1, 4))
        ]


class _Office:
    """People registered, employers moved, scopes withdrawn and confirmed, exceptions from the cap."""

    def __init__(self, registry: Harness, bus: PrivateBus, seed: int) -> None:
        self._registry = registry
        self._bus = bus
        self._chance = random.Random(seed)
        self._revision = 1

    async def run(self, steps: int) -> None:
        for _ in range(steps):
            act = self._chance.choice([self._register, self._move, self._scope, self._exempt])
            await _again(act)
            await asyncio.sleep(self._chance.random() * 0.1)

    async def _register(self) -> None:
        await self._registry.register(self._chance.choice(PEOPLE))

    async def _move(self) -> None:
        await self._registry.employer(EMPLOYER, self._chance.choice(["440100", "350504", "350504"]))

    async def _scope(self) -> None:
        self._revision += 1
        changed = PlatformChanged(
            platform=self._chance.choice(["p1", "p2"]),
            status="active",
            base_level="province",
            base_region="350000",
            revision=self._revision,
        )
        for kind, industry, major in self._chance.choice([SCOPES, SCOPES, SCOPES[:1]]):
            changed.scopes.add(subject_kind=kind, industry=industry, major=major)
        await _say(self._bus, changed.platform.encode(), changed)

    async def _exempt(self) -> None:
        rows = await self._registry.fetch(
            "SELECT platform, record_id FROM record WHERE version = 1 AND place IS NOT NULL ORDER BY id LIMIT 5"
        )
        if rows:
            chosen = self._chance.choice(rows)
            await self._registry.exempt(chosen["record_id"], chosen["platform"])


async def _again(act: Callable[[], Awaitable[None]]) -> None:
    """Repeat what a passing fault, such as a deadlock, has undone."""
    while True:
        try:
            await act()
        except Exception as error:
            if not is_transient(error):
                raise
        else:
            return
