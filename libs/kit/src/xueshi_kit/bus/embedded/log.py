"""The log itself: appends batches, reads many partitions at once."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from xueshi_kit.bus import Message, Received, Topic, UnknownTopicError

Partition = tuple[int, int]
"""(topic id, bucket)"""

CHUNK_BYTES = 8 * 1024 * 1024
"""What one append statement carries at most (one message is always taken): it bounds memory on both sides."""

READ_BYTES = 16 * 1024 * 1024
"""Values that one read returns at most (one message is always returned)."""

# The heads are locked in sorted order, so that publishers never wait for each other in a circle. The lock is held to
# the end of this one-statement transaction: offsets become visible in their order, and a reader never skips one.
_APPEND = """
WITH locked AS MATERIALIZED (
    SELECT head.topic_id, head.bucket, head.next_offset, added.messages, topics.compacted
    FROM unnest($1::integer[], $2::integer[], $3::integer[]) AS added (topic_id, bucket, messages)
    JOIN partition_heads AS head USING (topic_id, bucket)
    JOIN topics USING (topic_id)
    ORDER BY head.topic_id, head.bucket
    FOR UPDATE OF head
), moved AS (
    UPDATE partition_heads AS head
    SET next_offset = locked.next_offset + locked.messages
    FROM locked
    WHERE head.topic_id = locked.topic_id AND head.bucket = locked.bucket
), appended AS (
    INSERT INTO messages (topic_id, bucket, log_offset, published_at, compacted, key, headers, value)
    SELECT locked.topic_id, locked.bucket, locked.next_offset + new.rank, clock_timestamp(), locked.compacted,
           new.key, new.headers, new.value
    FROM unnest($4::integer[], $5::integer[], $6::integer[], $7::text[], $8::json[], $9::bytea[])
         AS new (topic_id, bucket, rank, key, headers, value)
    JOIN locked USING (topic_id, bucket)
)
SELECT pg_notify('bus_messages', topic_id::text)
FROM (SELECT DISTINCT topic_id FROM locked) AS topic_ids
"""

# The lateral reference leaves the executor one way: partition after partition, each in offset order, up to the limit.
# Sizes are summed before a value is fetched from its side table, so what is beyond the byte limit costs nothing.
_READ = """
SELECT topic_id, bucket, log_offset, published_at, key, headers, value
FROM (
    SELECT found.*, sum(bytes) OVER (ORDER BY turn, log_offset ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before
    FROM (
        SELECT wanted.turn, wanted.topic_id, wanted.bucket, message.*,
               coalesce(octet_length(message.value), 0) AS bytes
        FROM unnest($1::integer[], $2::integer[], $3::bigint[]) WITH ORDINALITY
             AS wanted (topic_id, bucket, from_offset, turn)
        CROSS JOIN LATERAL (
            SELECT log_offset, published_at, key, headers, value
            FROM messages
            WHERE messages.topic_id = wanted.topic_id
              AND messages.bucket = wanted.bucket
              AND messages.log_offset >= wanted.from_offset
            ORDER BY log_offset
            LIMIT $4
        ) AS message
        LIMIT $4
    ) AS found
) AS sized
WHERE bytes_before < $5
ORDER BY turn, log_offset
"""

_LAG = """
SELECT topics.name, head.bucket, head.next_offset - first.log_offset AS messages
FROM topics
JOIN partition_heads AS head USING (topic_id)
LEFT JOIN group_partitions AS held
       ON held.group_name = $1 AND held.topic_id = head.topic_id AND held.bucket = head.bucket
CROSS JOIN LATERAL (
    SELECT log_offset
    FROM messages
    WHERE messages.topic_id = head.topic_id
      AND messages.bucket = head.bucket
      AND messages.log_offset >= coalesce(held.next_offset, 0)
    ORDER BY log_offset
    LIMIT 1
) AS first
WHERE topics.name = ANY($2::text[]) AND head.next_offset > coalesce(held.next_offset, 0)
"""


@dataclass(frozen=True, slots=True)
class TopicIds:
    """Names and numbers of the topics that are known to this process; topics are never renamed or removed."""

    by_name: Mapping[str, int]

    def name_of(self) -> dict[int, str]:
        """Return the names by number."""
        return {topic_id: name for name, topic_id in self.by_name.items()}

    def require(self, names: Sequence[str]) -> list[int]:
        """Return the numbers of these topics; `UnknownTopicError` names the first that is missing."""
        for name in names:
            if name not in self.by_name:
                raise UnknownTopicError(name)
        return [self.by_name[name] for name in names]


async def load_topic_ids(pool: asyncpg.Pool) -> TopicIds:
    """Read all topics."""
    rows = await pool.fetch("SELECT name, topic_id FROM topics")
    return TopicIds({row["name"]: row["topic_id"] for row in rows})


async def create_topics(pool: asyncpg.Pool, topics: Sequence[Topic], buckets: int) -> None:
    """Record the topics that are missing, with a head for each bucket."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.executemany(
            "INSERT INTO topics (name, compacted, retention_days) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            sorted((topic.name, topic.compacted, topic.retention_days) for topic in topics),
        )
        await connection.execute(
            """
            INSERT INTO partition_heads (topic_id, bucket)
            SELECT topic_id, bucket FROM topics CROSS JOIN generate_series(0, $2::integer - 1) AS bucket
            WHERE name = ANY($1::text[])
            ORDER BY topic_id, bucket
            ON CONFLICT DO NOTHING
            """,
            [topic.name for topic in topics],
            buckets,
        )


async def append(pool: asyncpg.Pool, messages: Sequence[Message], topic_ids: TopicIds) -> None:
    """Append in order; each chunk is on disk before the next is sent, so a break leaves a prefix in each partition."""
    for chunk in _chunks(messages):
        await pool.execute(_APPEND, *_columns(chunk, topic_ids))


async def read(
    pool: asyncpg.Pool,
    positions: Mapping[Partition, int],
    topic_names: Mapping[int, str],
    max_messages: int,
) -> list[tuple[Partition, Received]]:
    """Return the messages at and after these positions, whole partitions first, in the order of `positions`."""
    rows = await pool.fetch(
        _READ,
        [topic_id for topic_id, _ in positions],
        [bucket for _, bucket in positions],
        list(positions.values()),
        max_messages,
        READ_BYTES,
    )
    return [((row["topic_id"], row["bucket"]), _received(row, topic_names)) for row in rows]


async def lag(pool: asyncpg.Pool, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
    """Return the distance from the group's committed offset (or the log's beginning) to the head, where not zero."""
    rows = await pool.fetch(_LAG, group, list(topics))
    return {(row["name"], row["bucket"]): row["messages"] for row in rows}


def _chunks(messages: Sequence[Message]) -> Iterator[list[Message]]:
    chunk: list[Message] = []
    chunk_bytes = 0
    for message in messages:
        value_bytes = len(message.value or b"")
        if chunk and chunk_bytes + value_bytes > CHUNK_BYTES:
            yield chunk
            chunk, chunk_bytes = [], 0
        chunk.append(message)
        chunk_bytes += value_bytes
    if chunk:
        yield chunk


def _columns(messages: Sequence[Message], topic_ids: TopicIds) -> list[list[Any]]:
    """Return the nine arrays of `_APPEND`: the partitions with their counts, then the messages with their ranks."""
    counts: Counter[Partition] = Counter()
    rows: list[tuple[int, int, int, str, str, bytes | None]] = []
    for message in messages:
        partition = (topic_ids.by_name[message.topic], message.bucket)
        rows.append((*partition, counts[partition], message.key, json.dumps(dict(message.headers)), message.value))
        counts[partition] += 1
    heads = [[topic_id for topic_id, _ in counts], [bucket for _, bucket in counts], list(counts.values())]
    return heads + [list(column) for column in zip(*rows, strict=True)]


def _received(row: asyncpg.Record, topic_names: Mapping[int, str]) -> Received:
    return Received(
        topic=topic_names[row["topic_id"]],
        bucket=row["bucket"],
        offset=row["log_offset"],
        key=row["key"],
        value=row["value"],
        headers=json.loads(row["headers"]),
        published_at=row["published_at"],
    )
