"""Fixtures of verification's suite: one migrated database and one service for all tests, emptied before each."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from tests.integration.verification.desk import BUILDERS, HRSS, START, Desk, open_desk
from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit.migrations import upgrade

_TABLES = ("outbox", "inbox", "parked", "admin_log", "decision", "item", "officer_grant", "authority")
# A few rows are gone sooner by DELETE than a table is by TRUNCATE. The service keeps routers by revision, so the
# revision rises where authorities go.
_EMPTY = "".join(f"DELETE FROM {table};" for table in _TABLES) + "UPDATE feed_head SET position = position + 1"  # noqa: S608


@pytest.fixture(scope="session")
def verification_database(make_database: DatabaseFactory) -> Provisioned:
    """Give a database that is migrated once."""
    database = make_database("verification")
    upgrade("xueshi_verification", database.owner_dsn)
    return database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def owner(verification_database: Provisioned) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection of the database's owner."""
    connection = await asyncpg.connect(verification_database.owner_dsn)
    yield connection
    await connection.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def one_desk(verification_database: Provisioned) -> AsyncIterator[Desk]:
    """Give the service."""
    desk = open_desk(verification_database.app_dsn)
    yield desk
    await desk.http.aclose()
    await desk.db.close()


@pytest_asyncio.fixture(loop_scope="session")
async def empty_desk(one_desk: Desk, owner: asyncpg.Connection) -> Desk:
    """Give the service without authorities."""
    await owner.execute(_EMPTY)
    one_desk.clock.set(START)
    await one_desk.told()
    return one_desk


@pytest_asyncio.fixture(loop_scope="session")
async def desk(empty_desk: Desk) -> Desk:
    """Give the service with Luojiang's HRSS (`hrss`) and building authority (`builders`), a reviewer at each."""
    await empty_desk.authority("hrss", HRSS)
    await empty_desk.authority("builders", BUILDERS)
    await empty_desk.grant("hrss", "lin")
    await empty_desk.grant("builders", "wu")
    return empty_desk
