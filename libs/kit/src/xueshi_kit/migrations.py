"""Alembic for every service: one way to find, run and check its migrations."""

import asyncio
import importlib
from pathlib import Path

from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

LOCK_TIMEOUT = "3s"
"""A migration that cannot have its lock gives up rather than queueing every request behind it."""


def migrations_folder(package: str) -> Path:
    """Return where a service's migrations are: inside the installed package, or beside `src` in a checkout."""
    inside = Path(str(importlib.import_module(package).__file__)).parent
    for candidate in (inside / "migrations", inside.parent.parent / "migrations"):
        if candidate.is_dir():
            return candidate
    message = f"{package} has no migrations"
    raise FileNotFoundError(message)


def config_for(package: str, owner_url: str) -> Config:
    """Return alembic's configuration for a service; `owner_url` is `postgresql://…` of the owner role."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder(package)))
    config.attributes["url"] = owner_url
    return config


def upgrade(package: str, owner_url: str) -> None:
    """Bring a service's database to the newest version."""
    command.upgrade(config_for(package, owner_url), "head")


def check(package: str, owner_url: str) -> None:
    """Raise when the tables in the code differ from what the migrations make."""
    command.check(config_for(package, owner_url))


def execute(statements: str) -> None:
    """Run SQL statements, each ending with a semicolon at a line's end, inside a migration."""
    for statement in filter(str.strip, statements.split(";\n")):
        op.execute(text(statement))


def create_plumbing() -> None:
    """Make the tables of `xueshi_kit.tables` in their first form, inside a service's first migration."""
    execute(_PLUMBING)


def append_only(*tables: str) -> None:
    """Take UPDATE, DELETE and TRUNCATE of these tables from the service's runtime role, inside a migration."""
    revoke("UPDATE, DELETE, TRUNCATE", *tables)


def revoke(rights: str, *tables: str) -> None:
    """Take rights of these tables from the service's runtime role, `<database>_app`, inside a migration.

    The role must be there: rights that were never taken would be missed by nobody.
    """
    op.execute(text(_revoke_statement(rights, *tables)))


def _revoke_statement(rights: str, *tables: str) -> str:
    # The names are written in this code's own migrations.
    return (
        "DO $$ DECLARE app text := current_database() || '_app'; BEGIN"  # noqa: S608
        " IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN"
        " RAISE EXCEPTION 'the runtime role % is missing: make the roles before the tables', app; END IF;"
        f" EXECUTE format('REVOKE {rights} ON {', '.join(tables)} FROM %I', app); END $$"
    )


_PLUMBING = """
CREATE TABLE outbox (
    id bigserial CONSTRAINT outbox_pkey PRIMARY KEY,
    bucket smallint NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    payload bytea,
    traceparent text NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    published_at timestamptz
);
CREATE INDEX outbox_unpublished_idx ON outbox (bucket, id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_idx ON outbox (published_at) WHERE published_at IS NOT NULL;
CREATE TABLE relay_lease (
    bucket smallint CONSTRAINT relay_lease_pkey PRIMARY KEY,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE inbox (
    consumer text,
    event_id uuid,
    handled_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_handled_at_idx ON inbox USING brin (handled_at);
CREATE TABLE parked (
    id bigserial CONSTRAINT parked_pkey PRIMARY KEY,
    consumer text NOT NULL,
    key text NOT NULL,
    event_id uuid NOT NULL,
    payload bytea NOT NULL,
    traceparent text NOT NULL DEFAULT '',
    error text NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    parked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX parked_consumer_key_idx ON parked (consumer, key, id);
"""


def run(metadata: MetaData) -> None:
    """Be a service's `env.py`: apply the migrations, all in one transaction."""
    asyncio.run(_run(metadata, str(context.config.attributes["url"])))


async def _run(metadata: MetaData, owner_url: str) -> None:
    engine = create_async_engine(
        make_url(owner_url).set(drivername="postgresql+asyncpg"),
        poolclass=pool.NullPool,
        connect_args={"server_settings": {"lock_timeout": LOCK_TIMEOUT}},
    )
    async with engine.begin() as connection:
        await connection.run_sync(_migrate, metadata)
    await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
        if connection.scalar(text("SELECT to_regclass('alembic_version')")):
            connection.execute(text(_revoke_statement("INSERT, UPDATE, DELETE, TRUNCATE", "alembic_version")))
