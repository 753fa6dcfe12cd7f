"""Fixtures of the suites that drive the counting service; their `conftest.py` import them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.contract.bus.rigs import EmbeddedRig, KafkaRig, Rig
from tests.support.counting.service import BUCKETS, Counting
from tests.support.databases import DatabaseFactory
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


@pytest.fixture
async def counting(make_database: DatabaseFactory, embedded_rig: EmbeddedRig) -> AsyncIterator[Counting]:
    """Give the counting service on the embedded bus."""
    bus = await embedded_rig.open()
    service = await Counting.open(make_database, bus)
    yield service
    await service.close()
    await bus.close()


@pytest.fixture
async def counting_on_each_bus(make_database: DatabaseFactory, rig: Rig) -> AsyncIterator[Counting]:
    """Give the counting service on each bus in turn."""
    bus = await rig.open()
    service = await Counting.open(make_database, bus)
    yield service
    await service.close()
    await bus.close()
