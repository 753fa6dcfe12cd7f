"""Outside clients of the embedded bus: a role of their own that sees the topics it is given, and nothing else.

Such a role reads the view `outside_messages` (and `outside_partitions`, to know how far the log goes), keeps its own
offsets, and publishes by the function `outside_publish`, which lets it set no headers. It has no right to any table.
"""

from collections.abc import Collection

import asyncpg

from xueshi_kit.bus import MAX_VALUE_BYTES, BusError
from xueshi_kit.bus.embedded.faults import bus_faults

_MAX_KEY_BYTES = 1024

# `session_user` is who logged in: neither a view's nor a function's rights change it, nor does SET ROLE.
_OBJECTS = f"""
CREATE TABLE IF NOT EXISTS outside_rights (
    role_name text NOT NULL,
    topic text NOT NULL,
    may_read boolean NOT NULL,
    may_write boolean NOT NULL,
    PRIMARY KEY (role_name, topic)
);

CREATE OR REPLACE VIEW outside_messages WITH (security_barrier) AS
SELECT topics.name AS topic, message.bucket, message.log_offset, message.published_at, message.key, message.headers,
       message.value
FROM outside_rights AS given
JOIN topics ON topics.name = given.topic
JOIN messages AS message USING (topic_id)
WHERE given.role_name = session_user AND given.may_read;

CREATE OR REPLACE VIEW outside_partitions WITH (security_barrier) AS
SELECT topics.name AS topic, head.bucket, head.next_offset
FROM outside_rights AS given
JOIN topics ON topics.name = given.topic
JOIN partition_heads AS head USING (topic_id)
WHERE given.role_name = session_user AND given.may_read;

CREATE OR REPLACE FUNCTION outside_publish(to_topic text, to_bucket integer, message_key text, message_value bytea)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    target integer;
    given_offset bigint;
BEGIN
    SELECT topic_id INTO target FROM outside_rights AS given JOIN topics ON topics.name = given.topic
    WHERE given.role_name = session_user AND given.topic = to_topic AND given.may_write;
    IF target IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'this role may not publish there';
    END IF;
    IF message_key IS NULL OR octet_length(message_key) > {_MAX_KEY_BYTES}
       OR message_value IS NULL OR octet_length(message_value) > {MAX_VALUE_BYTES} THEN
        RAISE program_limit_exceeded USING MESSAGE = 'the key or the value is missing or too large';
    END IF;
    UPDATE partition_heads SET next_offset = next_offset + 1 WHERE topic_id = target AND bucket = to_bucket
    RETURNING next_offset - 1 INTO given_offset;
    IF given_offset IS NULL THEN
        RAISE invalid_parameter_value USING MESSAGE = 'there is no such bucket';
    END IF;
    INSERT INTO messages (topic_id, bucket, log_offset, published_at, compacted, key, headers, value)
    SELECT target, to_bucket, given_offset, clock_timestamp(), topics.compacted, message_key, '{{}}', message_value
    FROM topics WHERE topics.topic_id = target;
    PERFORM pg_notify('bus_messages', target::text);
    RETURN given_offset;
END
$$;

REVOKE ALL ON FUNCTION outside_publish FROM PUBLIC;
DO $$
DECLARE
    app text := current_database() || '_app';
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        EXECUTE format('REVOKE ALL ON outside_rights, outside_messages, outside_partitions FROM %I', app);
    END IF;
END $$;
"""  # noqa: S608 - composed of this module's constants

_GRANTS = """
GRANT CONNECT ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT ON outside_messages, outside_partitions TO {role};
GRANT EXECUTE ON FUNCTION outside_publish TO {role};
"""

_NAMES = """
SELECT quote_ident(rolname) AS role, quote_ident(current_database()) AS database FROM pg_roles WHERE rolname = $1
"""


async def admit_outside(owner_dsn: str, role: str, *, reads: Collection[str], writes: Collection[str]) -> None:
    """Let `role`, which must be there, read and write these topics and no others; what it had before is replaced.

    The topics need not be made yet. Call it as the bus's owner, after `install`. Raises `BusError`, or
    `BusUnavailableError` where the database does not answer.
    """
    with bus_faults():
        connection = await asyncpg.connect(owner_dsn)
        try:
            async with connection.transaction():
                names = await connection.fetchrow(_NAMES, role)
                if names is None:
                    text = f"the role {role} is missing"
                    raise BusError(text)
                await connection.execute(_OBJECTS)
                await connection.execute(_GRANTS.format(**names))
                await connection.execute("DELETE FROM outside_rights WHERE role_name = $1", role)
                await connection.executemany(
                    "INSERT INTO outside_rights (role_name, topic, may_read, may_write) VALUES ($1, $2, $3, $4)",
                    [(role, topic, topic in reads, topic in writes) for topic in sorted({*reads, *writes})],
                )
        finally:
            await connection.close()
