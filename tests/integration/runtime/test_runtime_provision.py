"""Provisioning: each service reaches its own database alone, and its runtime role changes no table."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.errors import ProvisionError
from xueshi_cli.runtime.passwords import Passwords
from xueshi_cli.runtime.provision import Provisioned, provision, with_database


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def migrate(database: Provisioned) -> None:
    async with connected(database.owner_dsn) as owner:
        await owner.execute("CREATE TABLE ledger (id bigserial PRIMARY KEY, hours int)")
        await owner.execute(f"REVOKE UPDATE, DELETE ON ledger FROM {database.name}_app")
        await owner.execute("CREATE TABLE claims (id int PRIMARY KEY)")


def into(dsn: str, database: str) -> str:
    return urlsplit(dsn)._replace(path=f"/{database}").geturl()


async def test_no_role_of_a_service_reaches_another_services_database(make_database: DatabaseFactory) -> None:
    registry, verification = make_database("registry"), make_database("verification")
    for dsn in (registry.app_dsn, registry.owner_dsn):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
            await asyncpg.connect(into(dsn, verification.name))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (i int)",
        "CREATE TEMPORARY TABLE mine (i int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE EXTENSION pg_trgm",
        "ALTER TABLE claims ADD COLUMN more int",
        "DROP TABLE claims",
        "TRUNCATE claims",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "UPDATE ledger SET hours = 0",
        "DELETE FROM ledger",
    ],
)
async def test_the_runtime_role_may_not(make_database: DatabaseFactory, statement: str) -> None:
    database = make_database("registry")
    await migrate(database)
    async with connected(database.app_dsn) as app:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(statement)


async def test_the_runtime_role_works_in_the_tables_that_the_owner_makes(make_database: DatabaseFactory) -> None:
    database = make_database("registry")
    await migrate(database)
    async with connected(database.app_dsn) as app:
        await app.execute("INSERT INTO ledger (hours) VALUES (300)")  # takes the sequence's next number
        await app.execute("INSERT INTO claims VALUES (1)")
        await app.execute("UPDATE claims SET id = 2")
        await app.execute("DELETE FROM claims")
        assert await app.fetchval("SELECT hours FROM ledger") == 300


async def test_text_is_ordered_by_code_point(make_database: DatabaseFactory) -> None:
    async with connected(make_database("registry").app_dsn) as app:
        rows = await app.fetch("SELECT t FROM unnest(ARRAY['b', 'B', 'a', '中']) AS t ORDER BY t")
        assert [row["t"] for row in rows] == ["B", "a", "b", "中"]
        assert await app.fetchval("SELECT upper('é')") == "É"


async def test_it_can_be_repeated_and_run_twice_at_once(postgres: str, tmp_path: Path) -> None:
    passwords = Passwords(tmp_path / "passwords.json")
    names = ["twice_a", "twice_b"]
    try:
        first, second = await asyncio.gather(
            provision(postgres, names, passwords), provision(postgres, names, passwords)
        )
        assert first == second == await provision(postgres, names, Passwords(tmp_path / "passwords.json"))
        for database in first.values():
            async with connected(database.app_dsn) as app:
                assert await app.fetchval("SELECT current_user") == f"{database.name}_app"
    finally:
        await _drop(postgres, names)


async def test_an_administrator_who_is_no_superuser_is_enough(postgres: str) -> None:
    class Fixed:
        def of(self, role: str) -> str:
            return f"password-of-{role}"

    async with connected(postgres) as superuser:
        await superuser.execute("CREATE ROLE managed LOGIN PASSWORD 'managed' CREATEDB CREATEROLE")
    try:
        managed = with_database(postgres, "managed", "managed", "postgres")
        database = (await provision(managed, ["managed_service"], Fixed()))["managed_service"]
        assert await provision(managed, ["managed_service"], Fixed()) == {"managed_service": database}
        await migrate(database)
    finally:
        await _drop(postgres, ["managed_service"])
        async with connected(postgres) as superuser:
            await superuser.execute("DROP ROLE managed")


async def test_no_password_reaches_the_server_in_plain_text(postgres: str, make_database: DatabaseFactory) -> None:
    database = make_database("registry")
    async with connected(postgres) as superuser:
        stored = await superuser.fetchval(
            "SELECT rolpassword FROM pg_authid WHERE rolname = $1", f"{database.name}_app"
        )
    assert stored.startswith("SCRAM-SHA-256$4096:")


@pytest.mark.parametrize("name", ["", "Registry", "1st", "a-b", "a b", 'a"; DROP', "a" * 56])
async def test_odd_names_are_refused(postgres: str, tmp_path: Path, name: str) -> None:
    with pytest.raises(ProvisionError, match="no database name"):
        await provision(postgres, [name], Passwords(tmp_path / "passwords.json"))


async def _drop(dsn: str, names: list[str]) -> None:
    async with connected(dsn) as admin:
        for name in names:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await admin.execute(f"DROP ROLE IF EXISTS {name}_app, {name}_owner")
