"""Certificates on a real database and the embedded bus."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.integration.certificates.office import BUCKETS, CLOCK, PUBLIC_URL, Office
from tests.support.databases import DatabaseFactory
from xueshi_certificates.app import build
from xueshi_certificates.settings import Settings
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit.bus.embedded.schema import install
from xueshi_kit.keyring import KeyKind, KeyRing
from xueshi_kit.migrations import upgrade


@pytest.fixture(scope="session")
def certificates_bus(make_database: DatabaseFactory) -> str:
    """Give the URL of an embedded bus."""
    database = make_database("certificatesbus")
    asyncio.run(install(database.owner_dsn, BUCKETS))
    return database.app_dsn


@pytest.fixture(scope="module")
def certificates_database(make_database: DatabaseFactory) -> Provisioned:
    """Give a migrated database for the tests of one file; each test has people of its own."""
    database = make_database("certificates")
    upgrade("xueshi_certificates", database.owner_dsn)
    return database


@pytest.fixture
async def office(certificates_database: Provisioned, certificates_bus: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Give the wired service, with a key file of its own."""
    keys = KeyRing.generate({"identity": KeyKind.SEAL_AES})
    keys.write(tmp_path / "keys.json")
    settings = Settings(
        database_url=SecretStr(certificates_database.app_dsn),
        bus_url=SecretStr(certificates_bus),
        buckets=BUCKETS,
        keys_file=tmp_path / "keys.json",
        public_url=PUBLIC_URL,
    )
    service = await build(settings, CLOCK)
    yield Office(service, keys.sealer("identity"), certificates_database)
    await service.parts.close()
