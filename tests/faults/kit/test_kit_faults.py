"""Processes, databases and buses that die or go away under a running pipeline."""

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.contract.bus.rigs import Rig
from tests.support.counting.service import BUCKETS, Counting, check_once_and_in_order, new_keys, running, until
from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.errors import RuntimeFailure
from xueshi_cli.runtime.postgres import EmbeddedPostgres
from xueshi_kit import inbox, migrations, outbox
from xueshi_kit.bus.embedded import EmbeddedBus, install
from xueshi_kit.db import is_transient


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon."""
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(inbox, "BUS_RETRY_SECONDS", 0.1)
    monkeypatch.setattr(inbox, "BACK_OFF_SECONDS", (0.05,))


@asynccontextmanager
async def member(counting: Counting, rig: Rig) -> AsyncIterator[Process]:
    """Run a consumer in a process of its own until it stands before the commit of its offsets."""
    arguments = [rig.kind, rig.url, str(rig.lease_seconds), counting.app_dsn, counting.bus.prefix]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.counting.member", *arguments, stdout=PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"reached\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_consumer_killed_between_effect_and_offset_has_one_effect(
    counting_on_each_bus: Counting, rig: Rig
) -> None:
    counting = counting_on_each_bus
    await counting.count(*new_keys(5))
    await counting.relay().relay_once()
    async with member(counting, rig) as process:
        assert await counting.effects()
        assert await counting.lag()
        process.kill()
    async with running(counting.worker().run):
        await counting.settle()
    await counting.check()


async def keep_counting(counting: Counting, keys: list[bytes], stop: asyncio.Event) -> None:
    """Count until told to stop; a database that is away is waited for."""
    while not stop.is_set():
        try:
            await counting.count(*keys, pause_seconds=0.005)
        except Exception as error:
            if not is_transient(error):
                raise
            await asyncio.sleep(0.02)


@asynccontextmanager
async def under_load(counting: Counting) -> AsyncIterator[None]:
    """Write, relay and consume beside the block, then go on for a moment, drain and check."""
    keys = new_keys(8)
    stop = asyncio.Event()
    async with running(counting.relay().run, counting.worker().run, counting.worker().run):
        writers = [asyncio.create_task(keep_counting(counting, keys[each : each + 4], stop)) for each in (0, 2, 4)]
        await until(lambda: has_effects(counting, 20))
        yield
        await until(lambda: has_effects(counting, 20))
        stop.set()
        await asyncio.gather(*writers)
        await counting.settle()
    await counting.check()


async def has_effects(counting: Counting, more: int) -> bool:
    """Tell whether there are this many effects beyond those of the first look."""
    try:
        (row,) = await counting.fetch("SELECT count(*) AS found FROM effect")
    except Exception as error:
        if not is_transient(error):
            raise
        return False
    return bool(row["found"] >= more)


async def test_while_the_bus_is_away_writers_go_on_and_everything_arrives_later(
    counting_on_each_bus: Counting, rig: Rig
) -> None:
    counting = counting_on_each_bus
    async with under_load(counting):
        before = sum(map(len, (await counting.counted()).values()))
        async with rig.outage():
            await asyncio.sleep(0.3)
        assert sum(map(len, (await counting.counted()).values())) > before


@pytest.fixture
def own_postgres() -> Iterator[EmbeddedPostgres]:
    """Give a durable server of this test's own, to be restarted and killed."""
    with tempfile.TemporaryDirectory(prefix="xueshi-faults-") as folder:
        server = EmbeddedPostgres(Path(folder))
        yield server


async def starts(server: EmbeddedPostgres) -> bool:
    """Start the server, unless a backend of the killed one is still at work."""
    try:
        await server.start()
    except RuntimeFailure:
        return False
    return True


async def test_a_restart_and_a_crash_of_the_database_lose_nothing(own_postgres: EmbeddedPostgres) -> None:
    make_database = DatabaseFactory(await own_postgres.start())
    try:
        database, log = make_database("counting"), make_database("bus")
        await asyncio.to_thread(migrations.upgrade, "tests.support.counting", database.owner_dsn)
        await install(log.owner_dsn, BUCKETS)
        bus = await EmbeddedBus.open(log.app_dsn, BUCKETS, lease_seconds=1.0)
        counting = await Counting.open(database, bus)
        async with under_load(counting):
            await own_postgres.restart()
            await own_postgres.kill()
            await until(lambda: starts(own_postgres))
        assert await counting.parked() == []
        check_once_and_in_order(await counting.counted(), await counting.effects())
        await counting.close()
        await bus.close()
    finally:
        await own_postgres.stop()
