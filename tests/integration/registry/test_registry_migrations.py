"""The registry's migrations make what its code says, and its runtime role cannot rewrite history."""

import asyncio

import asyncpg
import pytest

from tests.support.databases import DatabaseFactory
from xueshi_kit import migrations


async def test_migrations_match_the_tables(make_database: DatabaseFactory) -> None:
    database = make_database("registry")
    await asyncio.to_thread(migrations.upgrade, "xueshi_registry", database.owner_dsn)
    await asyncio.to_thread(migrations.check, "xueshi_registry", database.owner_dsn)


@pytest.mark.parametrize("table", ["ledger", "audit"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id"])
async def test_history_cannot_be_rewritten(make_database: DatabaseFactory, table: str, statement: str) -> None:
    database = make_database("registry")
    await asyncio.to_thread(migrations.upgrade, "xueshi_registry", database.owner_dsn)
    connection = await asyncpg.connect(database.app_dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement.format(table))
    finally:
        await connection.close()
