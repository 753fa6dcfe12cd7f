"""The two rigs, a topic for each test, and readers that gather until enough has come."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest

from tests.contract.bus.rigs import BUCKETS, EmbeddedRig, KafkaRig, Rig, make_topic
from tests.support.databases import DatabaseFactory
from xueshi_kit.bus import Bus
from xueshi_kit.bus.embedded import install


@pytest.fixture(scope="session")
def embedded_rig(make_database: DatabaseFactory, postgres: str) -> EmbeddedRig:
    """Give the embedded adapter on a fresh database."""
    database = make_database("bus")
    asyncio.run(install(database.owner_dsn, BUCKETS))
    return EmbeddedRig(database.app_dsn, database.owner_dsn, postgres, database.name)


@pytest.fixture(params=["embedded", "kafka"])
def rig(request: pytest.FixtureRequest) -> Rig:
    """Give each adapter in turn."""
    if request.param == "kafka":
        return KafkaRig(request.getfixturevalue("kafka_server"), pytest.skip)
    embedded: EmbeddedRig = request.getfixturevalue("embedded_rig")
    return embedded


@pytest.fixture
async def bus(rig: Rig) -> AsyncIterator[Bus]:
    """Give an open bus."""
    opened = await rig.open()
    yield opened
    await opened.close()


@pytest.fixture
async def topic(bus: Bus) -> str:
    """Give a topic of this test alone."""
    return await make_topic(bus, f"test.{secrets.token_hex(4)}")


@pytest.fixture
async def compacted_topic(bus: Bus) -> str:
    """Give a compacted topic of this test alone."""
    return await make_topic(bus, f"test.compacted.{secrets.token_hex(4)}", compacted=True)


@pytest.fixture
def group() -> str:
    """Give the name of a consumer group of this test alone."""
    return f"test.group.{secrets.token_hex(4)}"
