"""The database's rules: what passes by itself, what the pool does after a restart, what the runtime role may do."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tests.support.counting.service import METADATA, Counting, PoisonError, until
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit import migrations
from xueshi_kit.db import Database, is_transient


def wrapped(error: Exception) -> Exception:
    """Wrap an error as SQLAlchemy and handlers do."""
    outer = RuntimeError("handling failed")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.ConnectionDoesNotExistError("x"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.DeadlockDetectedError("x"),
        asyncpg.LockNotAvailableError("x"),
        asyncpg.ReadOnlySQLTransactionError("x"),
        asyncpg.InvalidCachedStatementError("x"),
        asyncpg.DiskFullError("x"),
        PoolTimeoutError("x"),
        ConnectionRefusedError("x"),
        TimeoutError("x"),
    ],
)
def test_faults_that_pass(error: Exception) -> None:
    assert is_transient(error)
    assert is_transient(wrapped(error))


@pytest.mark.parametrize(
    "error", [asyncpg.UniqueViolationError("x"), asyncpg.CheckViolationError("x"), ValueError("x"), PoisonError("x")]
)
def test_faults_that_stay(error: Exception) -> None:
    assert not is_transient(error)


@pytest.mark.parametrize("value", [2**40, "not a number", "\ud800"])
async def test_a_value_that_the_driver_cannot_send_stays(counting: Counting, value: object) -> None:
    """Waiting for it would block everybody behind it for ever."""
    kind = "text" if value == "\ud800" else "int"
    with pytest.raises(asyncpg.DataError) as caught:
        await counting.fetch(f"SELECT $1::{kind}", value)
    assert not is_transient(caught.value)


async def test_both_ways_of_asking_share_one_transaction(counting: Counting) -> None:
    class Undone(Exception):  # noqa: N818 - no error
        pass

    async def write_and_give_up() -> None:
        async with counting.db.transaction() as tx:
            await tx.execute(text("INSERT INTO counter VALUES ('a', 1)"))
            assert await tx.sql.fetchval("SELECT seq FROM counter") == 1
            raise Undone

    with pytest.raises(Undone):
        await write_and_give_up()
    assert await counting.fetch("SELECT FROM counter") == []


async def test_connections_that_the_server_closed_are_replaced_unnoticed(counting: Counting, postgres: str) -> None:
    async with counting.db.session() as session:
        idle = session.sql
    admin = await asyncpg.connect(postgres)
    await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'counting'")
    await admin.close()

    async def has_heard() -> bool:
        return idle.is_closed()

    await until(has_heard)
    await counting.fetch("SELECT 1")


async def test_a_pool_that_is_exhausted_is_a_matter_of_time(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Database(counting.app_dsn, application="small", pool_size=1)
    monkeypatch.setattr(small._engine.sync_engine.pool, "_timeout", 0.05)
    with pytest.raises(PoolTimeoutError) as caught:
        async with small.transaction(), small.transaction():
            pass
    assert is_transient(caught.value)
    await small.close()


async def test_the_runtime_role_has_no_ddl_and_changes_no_append_only_row(counting: Counting) -> None:
    for statement in (
        "CREATE TABLE another (id int)",
        "ALTER TABLE counter ADD COLUMN more int",
        "UPDATE effect SET seq = 0",
        "DELETE FROM effect",
        "TRUNCATE effect",
        "DROP TABLE counter",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await counting.fetch(statement)


def test_the_plumbing_of_the_code_is_that_of_the_migrations(counting_database: Provisioned) -> None:
    assert {"outbox", "inbox", "parked", "relay_lease"} < METADATA.tables.keys()
    migrations.check("tests.support.counting", counting_database.owner_dsn)


def test_a_migration_that_cannot_have_its_lock_gives_up(counting_database: Provisioned) -> None:
    assert migrations.LOCK_TIMEOUT == "3s"
    with pytest.raises(FileNotFoundError, match="xueshi_kit has no migrations"):
        migrations.config_for("xueshi_kit", counting_database.owner_dsn)
