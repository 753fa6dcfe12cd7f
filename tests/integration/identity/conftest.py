"""An identity service on a real database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from tests.integration.identity.site import BUCKETS, ISSUER, START, Deployment, Site, administrator
from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.provision import Provisioned
from xueshi_identity.app import SECRETS_PURPOSE, build
from xueshi_identity.settings import Settings
from xueshi_kit.bus.embedded.schema import install
from xueshi_kit.clock import FixedClock
from xueshi_kit.keyring import KeyKind, KeyRing
from xueshi_kit.migrations import upgrade


@pytest.fixture(scope="session")
def identity_bus(make_database: DatabaseFactory) -> str:
    """Give the URL of an embedded bus."""
    database = make_database("identitybus")
    asyncio.run(install(database.owner_dsn, BUCKETS))
    return database.app_dsn


@pytest.fixture(scope="session")
def identity_database(make_database: DatabaseFactory) -> Provisioned:
    """Give a migrated database."""
    database = make_database("identity")
    upgrade("xueshi_identity", database.owner_dsn)
    return database


@pytest.fixture
async def deployment(identity_database: Provisioned, identity_bus: str, tmp_path: Path) -> Deployment:
    """Give an empty deployment that declares one administrator."""
    database = identity_database
    owner = await asyncpg.connect(database.owner_dsn)
    await owner.execute("TRUNCATE client, client_change, signing_key, spent_assertion")
    await owner.close()
    KeyRing.generate({SECRETS_PURPOSE: KeyKind.SEAL_AES}).write(tmp_path / "keys.json")
    settings = Settings(
        database_url=SecretStr(database.app_dsn),
        bus_url=SecretStr(identity_bus),
        buckets=BUCKETS,
        keys_file=tmp_path / "keys.json",
        issuer=ISSUER,
        clients_file=tmp_path / "clients.json",
    )
    made = Deployment(database, settings, tmp_path / "clients.json")
    made.declare([administrator()])
    return made


@pytest.fixture
async def site(deployment: Deployment) -> AsyncIterator[Site]:
    """Give a running identity service."""
    clock = FixedClock(START)
    service = await build(deployment.settings, clock)
    yield Site(service, clock)
    await service.parts.close()
