"""Compaction and trimming, in small transactions that publishers and readers do not notice."""

import asyncpg

STEP_MESSAGES = 1000
"""What one transaction looks at, at most."""

TOMBSTONE_DAYS = 1
"""How long a reader that lags may still learn that a key was removed."""

_TRIM = """
WITH oldest AS (
    SELECT log_offset FROM messages WHERE topic_id = $1 AND bucket = $2 ORDER BY log_offset LIMIT $4
)
DELETE FROM messages USING oldest
WHERE messages.topic_id = $1 AND messages.bucket = $2 AND messages.log_offset = oldest.log_offset
  AND messages.published_at < clock_timestamp() - make_interval(days => $3)
"""

# SKIP LOCKED: where another process is at this partition already, there is nothing to do here.
_CLEAN_OFFSET = "SELECT clean_offset FROM compaction WHERE topic_id = $1 AND bucket = $2 FOR UPDATE SKIP LOCKED"

_COMPACT = """
WITH step AS MATERIALIZED (
    SELECT key, log_offset FROM messages
    WHERE topic_id = $1 AND bucket = $2 AND log_offset >= $3 ORDER BY log_offset LIMIT $4
), newest AS (
    SELECT key, max(log_offset) AS log_offset FROM step GROUP BY key
), removed AS (
    DELETE FROM messages USING newest
    WHERE messages.compacted AND messages.topic_id = $1 AND messages.bucket = $2
      AND messages.key = newest.key AND messages.log_offset < newest.log_offset
)
SELECT max(log_offset) + 1 AS clean_offset FROM step
"""

# Only within the clean part: there a tombstone has no earlier message of its key left that would come back to life.
_BURY = """
WITH old AS (
    SELECT log_offset FROM messages
    WHERE compacted AND value IS NULL AND topic_id = $1 AND bucket = $2 AND log_offset < $3
      AND published_at < clock_timestamp() - make_interval(days => $4)
    ORDER BY log_offset LIMIT $5
)
DELETE FROM messages USING old
WHERE messages.topic_id = $1 AND messages.bucket = $2 AND messages.log_offset = old.log_offset
"""


async def tend(pool: asyncpg.Pool) -> None:
    """Bring every partition up to date: compact the compacted topics, trim the others by their retention."""
    partitions = await pool.fetch(
        """
        SELECT topic_id, bucket, compacted, retention_days
        FROM topics JOIN partition_heads USING (topic_id) ORDER BY topic_id, bucket
        """,
    )
    for row in partitions:
        if row["compacted"]:
            await _compact(pool, row["topic_id"], row["bucket"])
        else:
            await _trim(pool, row["topic_id"], row["bucket"], row["retention_days"])


async def _trim(pool: asyncpg.Pool, topic_id: int, bucket: int, retention_days: int) -> None:
    while True:
        status = await pool.execute(_TRIM, topic_id, bucket, retention_days, STEP_MESSAGES)
        if _removed(status) < STEP_MESSAGES:
            return


async def _compact(pool: asyncpg.Pool, topic_id: int, bucket: int) -> None:
    await pool.execute(
        "INSERT INTO compaction (topic_id, bucket) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        topic_id,
        bucket,
    )
    while await _compact_step(pool, topic_id, bucket):
        pass


async def _compact_step(pool: asyncpg.Pool, topic_id: int, bucket: int) -> bool:
    """Clean the next step of the dirty part; tell whether there may be more to do."""
    async with pool.acquire() as connection, connection.transaction():
        clean_offset = await connection.fetchval(_CLEAN_OFFSET, topic_id, bucket)
        if clean_offset is None:
            return False
        next_offset = await connection.fetchval(_COMPACT, topic_id, bucket, clean_offset, STEP_MESSAGES)
        if next_offset is not None:
            await connection.execute(
                "UPDATE compaction SET clean_offset = $3 WHERE topic_id = $1 AND bucket = $2",
                topic_id,
                bucket,
                next_offset,
            )
        status = await connection.execute(
            _BURY,
            topic_id,
            bucket,
            next_offset or clean_offset,
            TOMBSTONE_DAYS,
            STEP_MESSAGES,
        )
    return next_offset is not None or _removed(status) == STEP_MESSAGES


def _removed(status: str) -> int:
    """Return the count of a command tag such as `DELETE 12`."""
    return int(status.rpartition(" ")[2])
