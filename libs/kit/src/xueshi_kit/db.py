"""PostgreSQL: one pool, one transaction object that serves both set-based SQL and SQLAlchemy statements.

The engine runs in AUTOCOMMIT and the driver's own transaction frames the work, so that COPY and arrays through
asyncpg and queries composed with SQLAlchemy share one transaction without an extra round trip.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import asyncpg
from sqlalchemy import CursorResult, Executable, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

TRANSIENT: tuple[type[BaseException], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.InsufficientResourcesError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,  # the old primary after a failover
    asyncpg.InvalidCachedStatementError,  # the first use of a statement after a migration
    PoolTimeoutError,
    OSError,
    TimeoutError,
)
"""Faults that pass by themselves: the same work may be tried again."""


def is_transient(error: BaseException) -> bool:
    """Tell whether trying the same work again may succeed; SQLAlchemy's wrapping is looked through."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, TRANSIENT):
            return True
        seen = getattr(seen, "orig", None) or seen.__cause__
    return False


Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""The driver's connection."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open transaction. `sql` is the driver's connection; `execute` takes a SQLAlchemy statement."""

    sql: Connection
    _connection: AsyncConnection

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a composed statement inside this transaction."""
        return await self._connection.execute(statement, parameters)


@dataclass(frozen=True, slots=True)
class Session:
    """One borrowed connection. What is run on `sql` commits by itself, unless a transaction is open."""

    sql: Connection
    _connection: AsyncConnection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction that commits at the end of the block and rolls back when the block raises."""
        async with self.sql.transaction():
            yield Transaction(self.sql, self._connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """Open a transaction that reads the state of one moment throughout and can write nothing."""
        async with self.sql.transaction(isolation="repeatable_read", readonly=True):
            yield Transaction(self.sql, self._connection)


class Database:
    """A pool of connections to one service's own database, under its runtime role."""

    def __init__(self, url: str, *, application: str, pool_size: int = 8) -> None:
        """Open no connection yet. `url` is `postgresql://…`; `application` shows in pg_stat_activity."""
        self._engine: AsyncEngine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=False,
            connect_args={
                "timeout": 10,
                "server_settings": {
                    "application_name": application,
                    "statement_timeout": "30000",
                    "lock_timeout": "10000",
                    "idle_in_transaction_session_timeout": "60000",
                    "timezone": "UTC",
                    "jit": "off",
                },
            },
        )
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Lend a connection."""
        async with self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver = cast("Connection", raw.driver_connection)
            try:
                yield Session(driver, connection)
            except BaseException:
                # A connection whose server went away must not return to the pool.
                if driver.is_closed():
                    await connection.invalidate()
                raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction on a connection of its own, as `Session.transaction` does."""
        async with self.session() as session, session.transaction() as tx:
            yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """Open a reading transaction on a connection of its own, as `Session.snapshot` does."""
        async with self.session() as session, session.snapshot() as tx:
            yield tx

    async def ping(self) -> None:
        """Raise when the database does not answer within two seconds."""
        async with asyncio.timeout(2), self.transaction() as tx:
            await tx.sql.fetchval("SELECT 1")

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - SQLAlchemy's adapter
    """Have the pool connect anew where the server closed an idle connection, as its restart does."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
