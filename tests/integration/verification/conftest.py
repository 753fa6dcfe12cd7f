"""Fixtures of verification's suite: one migrated database, emptied before each test."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.integration.verification.desk import BUILDERS, HRSS, Desk, open_desk
from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit.migrations import upgrade

_TABLES = (
    "outbox", "relay_lease", "inbox", "parked", "admin_log", "decision", "item", "officer_grant", "authority"
)  # fmt: skip
# A few rows are gone sooner by DELETE than a table is by TRUNCATE.
_EMPTY = "".join(f"DELETE FROM {table};" for table in _TABLES) + "UPDATE feed_head SET position = 0"  # noqa: S608


@pytest.fixture(scope="session")
def verification_database(make_database: DatabaseFactory) -> Provisioned:
    """Give a database that is migrated once."""
    database = make_database("verification")
    upgrade("xueshi_verification", database.owner_dsn)
    return database


@pytest.fixture
async def empty_desk(verification_database: Provisioned) -> AsyncIterator[Desk]:
    """Give a service without authorities."""
    owner = await asyncpg.connect(verification_database.owner_dsn)
    await owner.execute(_EMPTY)
    await owner.close()
    desk = open_desk(verification_database.app_dsn)
    yield desk
    await desk.http.aclose()
    await desk.db.close()


@pytest.fixture
async def desk(empty_desk: Desk) -> Desk:
    """Give a service with Luojiang's HRSS (`hrss`) and building authority (`builders`), a reviewer at each."""
    await empty_desk.authority("hrss", HRSS)
    await empty_desk.authority("builders", BUILDERS)
    await empty_desk.grant("hrss", "lin")
    await empty_desk.grant("builders", "wu")
    return empty_desk
