"""Fixtures of the suites that drive the counting service; their `conftest.py` import them."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from tests.contract.bus.rigs import EmbeddedRig, KafkaRig, Rig
from tests.support.counting.service import BUCKETS, Counting
from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit import migrations
from xueshi_kit.bus.embedded import install


@pytest.fixture(scope="session")
def embedded_rig(make_database: DatabaseFactory, postgres: str) -> EmbeddedRig:
    """Give the embedded bus on a database of its own."""
    database = make_database("bus")
    asyncio.run(install(database.owner_dsn, BUCKETS))
    return EmbeddedRig(database.app_dsn, database.owner_dsn, postgres, database.name)


@pytest.fixture(params=["embedded", "kafka"])
def rig(request: pytest.FixtureRequest) -> Rig:
    """Give each bus in turn."""
    if request.param == "kafka":
        return KafkaRig(request.getfixturevalue("kafka_server"), pytest.skip)
    embedded: EmbeddedRig = request.getfixturevalue("embedded_rig")
    return embedded


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[list[EventDict]]:
    """Give what is logged, rather than print it with every frame's variables."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture(scope="session")
def counting_database(make_database: DatabaseFactory) -> Provisioned:
    """Give the counting service's database, migrated."""
    database = make_database("counting")
    migrations.upgrade("tests.support.counting", database.owner_dsn)
    return database


@pytest.fixture
async def counting(counting_database: Provisioned, embedded_rig: EmbeddedRig) -> AsyncIterator[Counting]:
    """Give the counting service on the embedded bus."""
    bus = await embedded_rig.open()
    service = await Counting.open(counting_database, bus)
    yield service
    await service.close()
    await bus.close()


@pytest.fixture
async def counting_on_each_bus(counting_database: Provisioned, rig: Rig) -> AsyncIterator[Counting]:
    """Give the counting service on each bus in turn."""
    bus = await rig.open()
    service = await Counting.open(counting_database, bus)
    yield service
    await service.close()
    await bus.close()
