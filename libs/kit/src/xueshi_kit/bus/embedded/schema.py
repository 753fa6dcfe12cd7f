"""Tables of the embedded bus, made by the owner of its database; the runtime role reads, appends and commits only."""

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from xueshi_kit.bus import BucketsMismatchError, BusError
from xueshi_kit.bus.embedded.faults import bus_faults

_TABLES = """
CREATE TABLE IF NOT EXISTS bus_layout (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    buckets integer NOT NULL CHECK (buckets > 0)
);

CREATE TABLE IF NOT EXISTS topics (
    topic_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    compacted boolean NOT NULL,
    retention_days integer NOT NULL CHECK (retention_days > 0)
);

-- The row lock of a head orders the publishers of a partition: whoever holds it gives the offsets and commits first.
CREATE TABLE IF NOT EXISTS partition_heads (
    topic_id integer NOT NULL REFERENCES topics,
    bucket integer NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic_id, bucket)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS messages (
    topic_id integer NOT NULL,
    bucket integer NOT NULL,
    log_offset bigint NOT NULL,
    published_at timestamptz NOT NULL,
    compacted boolean NOT NULL,
    key text NOT NULL,
    headers json NOT NULL,
    value bytea STORAGE EXTERNAL,
    PRIMARY KEY (topic_id, bucket, log_offset)
);

CREATE INDEX IF NOT EXISTS messages_of_key ON messages (topic_id, bucket, key, log_offset) WHERE compacted;
CREATE INDEX IF NOT EXISTS messages_tombstones ON messages (topic_id, bucket, log_offset)
    WHERE compacted AND value IS NULL;

-- All before clean_offset is compacted: no two messages of one key stand there.
CREATE TABLE IF NOT EXISTS compaction (
    topic_id integer NOT NULL,
    bucket integer NOT NULL,
    clean_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic_id, bucket)
);

CREATE TABLE IF NOT EXISTS group_members (
    group_name text NOT NULL,
    member_id uuid NOT NULL,
    topic_ids integer[] NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (group_name, member_id)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS group_partitions (
    group_name text NOT NULL,
    topic_id integer NOT NULL,
    bucket integer NOT NULL,
    member_id uuid,
    next_offset bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (group_name, topic_id, bucket)
) WITH (fillfactor = 50);
"""

_GRANTS = """
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT ON bus_layout TO {role};
GRANT SELECT, INSERT ON topics TO {role};
GRANT SELECT, INSERT, UPDATE ON partition_heads, compaction, group_partitions TO {role};
GRANT SELECT, INSERT, DELETE ON messages TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON group_members TO {role};
"""

_CONNECT_SECONDS = 10.0
_INSTALL_LOCK = 0x78756573
"""Two installations at once wait for each other: CREATE IF NOT EXISTS alone may collide."""


async def install(owner_dsn: str, buckets: int, app_role: str | None = None) -> None:
    """Make the tables and record the number of buckets; doing it again changes nothing.

    `app_role` is the runtime role, `<database>_app` unless named; it must be there. Raises `BucketsMismatchError`
    where the log was made for another number of buckets, `BusUnavailableError` where the database does not answer.
    """
    with bus_faults():
        connection = await asyncpg.connect(owner_dsn, timeout=_CONNECT_SECONDS)
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _INSTALL_LOCK)
                await connection.execute(_TABLES)
                await _grant(connection, app_role)
                await connection.execute(
                    "INSERT INTO bus_layout (buckets) VALUES ($1) ON CONFLICT DO NOTHING",
                    buckets,
                )
                await check_layout(connection, buckets)
        finally:
            await connection.close()


async def check_layout(connection: asyncpg.Connection | PoolConnectionProxy, buckets: int) -> None:
    """Raise `BucketsMismatchError` unless the log was made for this number of buckets."""
    recorded = await connection.fetchval("SELECT buckets FROM bus_layout")
    if recorded != buckets:
        text = f"the log has {recorded} buckets, {buckets} were asked for"
        raise BucketsMismatchError(text)


async def _grant(connection: asyncpg.Connection, app_role: str | None) -> None:
    role = app_role or f"{await connection.fetchval('SELECT current_database()')}_app"
    quoted = await connection.fetchval("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname = $1", role)
    if quoted is None:
        text = f"the runtime role {role} is missing"
        raise BusError(text)
    await connection.execute(_GRANTS.format(role=quoted))
