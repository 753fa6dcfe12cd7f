"""The services' applications, each built once for a session on databases of its own."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.contract.openapi import callers
from tests.contract.openapi.apps import Issuer, Rig
from tests.support.databases import DatabaseFactory
from xueshi_cli.openapi import open_service
from xueshi_cli.site.layout import BUCKETS, SERVICES
from xueshi_kit.bus.embedded.schema import install
from xueshi_kit.migrations import upgrade

Rigs = Callable[[str], Rig]


@pytest.fixture(scope="session")
def openapi_bus(make_database: DatabaseFactory) -> str:
    """Give the URL of an embedded bus."""
    database = make_database("openapibus")
    asyncio.run(install(database.owner_dsn, BUCKETS))
    return database.app_dsn


@pytest.fixture(scope="session")
def rigs(make_database: DatabaseFactory, openapi_bus: str, tmp_path_factory: pytest.TempPathFactory) -> Rigs:
    """Give each service by its name; it is migrated when first asked for."""
    issuer = Issuer()
    made: dict[str, Rig] = {}
    specs = {spec.name: spec for spec in SERVICES}

    def rig(name: str) -> Rig:
        if name not in made:
            spec = specs[name]
            database = make_database(spec.database)
            upgrade(spec.package, database.owner_dsn)
            folder: Path = tmp_path_factory.mktemp(name)
            opened = partial(open_service, spec, database, openapi_bus, folder)
            headers: Callable[[str, str], Mapping[str, str]] = partial(callers.HEADERS[name], issuer)
            made[name] = Rig(name, opened, issuer, headers, callers.PREPARE.get(name), callers.PARAMETERS.get(name, {}))
        return made[name]

    return rig
