"""Membership of a consumer group: heartbeats, leases of partitions, commits fenced by them.

A lease is a row that names a member, and a member lives as long as it renews `expires_at` by the database's clock.
Each member puts its own share right at every beat, under a lock of the group, so nobody has to be elected.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from xueshi_kit.bus import NotAssignedError
from xueshi_kit.bus.embedded.log import Partition
from xueshi_kit.bus.embedded.shares import Holding, plan_shares

log = logging.getLogger(__name__)

_LOCK_GROUP = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"

_RENEW = """
UPDATE group_members SET expires_at = clock_timestamp() + make_interval(secs => $3)
WHERE group_name = $1 AND member_id = $2 AND expires_at > clock_timestamp()
RETURNING true
"""

_JOIN = """
INSERT INTO group_members (group_name, member_id, topic_ids, expires_at)
VALUES ($1, $2, $4, clock_timestamp() + make_interval(secs => $3))
"""

_ADD_PARTITIONS = """
INSERT INTO group_partitions (group_name, topic_id, bucket)
SELECT $1, topic_id, bucket FROM partition_heads WHERE topic_id = ANY($2::integer[])
ORDER BY topic_id, bucket
ON CONFLICT DO NOTHING
"""

_EXPIRE = "DELETE FROM group_members WHERE group_name = $1 AND expires_at <= clock_timestamp()"

_FREE_ORPHANS = """
UPDATE group_partitions AS held SET member_id = NULL
FROM (
    SELECT topic_id, bucket
    FROM group_partitions AS orphan
    WHERE group_name = $1 AND member_id IS NOT NULL
      AND NOT EXISTS (
          SELECT FROM group_members AS member
          WHERE member.group_name = $1 AND member.member_id = orphan.member_id
      )
    ORDER BY topic_id, bucket
    FOR UPDATE
) AS orphans
WHERE held.group_name = $1 AND held.topic_id = orphans.topic_id AND held.bucket = orphans.bucket
"""

_MEMBERS = "SELECT member_id, topic_ids FROM group_members WHERE group_name = $1"

_PARTITIONS = """
SELECT topic_id, bucket, member_id, next_offset FROM group_partitions
WHERE group_name = $1 AND topic_id = ANY($2::integer[])
"""

_CHANGE_HOLDER = """
UPDATE group_partitions AS held SET member_id = $5
FROM unnest($3::integer[], $4::integer[]) AS changed (topic_id, bucket)
WHERE held.group_name = $1 AND held.topic_id = changed.topic_id AND held.bucket = changed.bucket
  AND held.member_id IS NOT DISTINCT FROM $2
RETURNING held.topic_id, held.bucket, held.next_offset
"""

_NOTIFY = "SELECT pg_notify('bus_groups', $1)"

_LEAVE = "DELETE FROM group_members WHERE group_name = $1 AND member_id = $2"

# A commit counts only while the member lives and the row names it: a frozen member finds itself expired or replaced.
_COMMIT = """
WITH mine AS MATERIALIZED (
    SELECT held.topic_id, held.bucket, done.next_offset
    FROM unnest($3::integer[], $4::integer[], $5::bigint[]) AS done (topic_id, bucket, next_offset)
    JOIN group_partitions AS held USING (topic_id, bucket)
    WHERE held.group_name = $1 AND held.member_id = $2
      AND EXISTS (
          SELECT FROM group_members AS member
          WHERE member.group_name = $1 AND member.member_id = $2 AND member.expires_at > clock_timestamp()
      )
    ORDER BY held.topic_id, held.bucket
    FOR UPDATE OF held
)
UPDATE group_partitions AS held SET next_offset = greatest(held.next_offset, mine.next_offset)
FROM mine
WHERE held.group_name = $1 AND held.topic_id = mine.topic_id AND held.bucket = mine.bucket
RETURNING held.topic_id, held.bucket
"""


class Membership:
    """One process's part in one group. `holdings` changes only in `beat` and by what the consumer delivers."""

    def __init__(self, pool: asyncpg.Pool, group: str, topic_ids: Sequence[int], lease_seconds: float) -> None:
        """Prepare; the first `beat` joins."""
        self.holdings: dict[Partition, Holding] = {}
        self._pool = pool
        self._group = group
        self._topic_ids = list(topic_ids)
        self._lease_seconds = lease_seconds
        self._member_id = uuid4()
        self._renewed_at = float("-inf")

    def lapsed(self) -> bool:
        """Tell that the lease may have run out, by the process's own monotonic clock (a frozen process wakes up so)."""
        return time.monotonic() - self._renewed_at > self._lease_seconds

    async def beat(self) -> bool:
        """Renew the lease (or join anew), then give back what is too much and take what is free and ours.

        Returns whether partitions were taken. Everything happens in one transaction; `holdings` follows its commit.
        """
        started_at = time.monotonic()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK_GROUP, self._group)
            await self._renew_or_join(connection)
            await connection.execute(_EXPIRE, self._group)
            await connection.execute(_FREE_ORPHANS, self._group)
            members, committed, holders = await self._read_group(connection)
            self._adopt(committed, holders)
            shares = plan_shares(self._member_id, members, holders, self.holdings)
            released = self._drain(shares.surplus)
            await self._release(connection, released)
            taken = await self._change_holder(connection, shares.claims, None, self._member_id)
        self._renewed_at = started_at
        for partition in released:
            # A lease that lapsed meanwhile has emptied the holdings already.
            self.holdings.pop(partition, None)
        for partition, next_offset in taken.items():
            self.holdings[partition] = Holding(position=next_offset, committed=next_offset)
        return bool(taken)

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Record the next offsets to read. Raises `NotAssignedError` after committing what is still held."""
        held = {partition: offset for partition, offset in offsets.items() if self._delivered(partition, offset)}
        rows = await self._pool.fetch(
            _COMMIT,
            self._group,
            self._member_id,
            [topic_id for topic_id, _ in held],
            [bucket for _, bucket in held],
            list(held.values()),
        )
        for row in rows:
            partition = (row["topic_id"], row["bucket"])
            if holding := self.holdings.get(partition):
                holding.committed = max(holding.committed, held[partition])
        if len(rows) < len(offsets):
            text = f"group {self._group}: {len(offsets) - len(rows)} of {len(offsets)} partitions have moved"
            raise NotAssignedError(text)

    async def leave(self) -> None:
        """Give everything back at once."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_LOCK_GROUP, self._group)
            await connection.execute(_LEAVE, self._group, self._member_id)
            await connection.execute(_FREE_ORPHANS, self._group)
            await connection.execute(_NOTIFY, self._group)
        self.holdings.clear()

    def _delivered(self, partition: Partition, next_offset: int) -> bool:
        """Tell that this offset was delivered under the present lease, not under an earlier one."""
        holding = self.holdings.get(partition)
        return holding is not None and next_offset <= max(holding.position, holding.committed)

    async def _renew_or_join(self, connection: PoolConnectionProxy) -> None:
        if await connection.fetchval(_RENEW, self._group, self._member_id, self._lease_seconds):
            return
        if self.holdings:
            log.warning("group %s: the lease ran out, %d partitions are lost", self._group, len(self.holdings))
        self.holdings.clear()
        self._member_id = uuid4()
        await connection.execute(_JOIN, self._group, self._member_id, self._lease_seconds, self._topic_ids)
        await connection.execute(_ADD_PARTITIONS, self._group, self._topic_ids)
        await connection.execute(_NOTIFY, self._group)

    async def _read_group(
        self,
        connection: PoolConnectionProxy,
    ) -> tuple[dict[UUID, list[int]], dict[Partition, int], dict[Partition, UUID | None]]:
        members = {row["member_id"]: row["topic_ids"] for row in await connection.fetch(_MEMBERS, self._group)}
        rows = await connection.fetch(_PARTITIONS, self._group, self._topic_ids)
        committed = {(row["topic_id"], row["bucket"]): row["next_offset"] for row in rows}
        holders = {(row["topic_id"], row["bucket"]): row["member_id"] for row in rows}
        return members, committed, holders

    def _adopt(self, committed: Mapping[Partition, int], holders: Mapping[Partition, UUID | None]) -> None:
        """Take over what the tables give us and we do not know of: a beat whose commit was not acknowledged."""
        for partition, holder in holders.items():
            if holder == self._member_id and partition not in self.holdings:
                self.holdings[partition] = Holding(position=committed[partition], committed=committed[partition])
            elif holder != self._member_id:
                self.holdings.pop(partition, None)

    def _drain(self, surplus: Sequence[Partition]) -> list[Partition]:
        """Stop reading the surplus; return what can go now: what is idle, or has been busy for a whole lease."""
        now = time.monotonic()
        released: list[Partition] = []
        for partition, holding in self.holdings.items():
            if partition not in surplus:
                holding.draining_since = None
                continue
            holding.draining_since = holding.draining_since or now
            if holding.idle or now - holding.draining_since > self._lease_seconds:
                released.append(partition)
        return released

    async def _release(self, connection: PoolConnectionProxy, partitions: Sequence[Partition]) -> None:
        if partitions:
            await self._change_holder(connection, partitions, self._member_id, None)
            await connection.execute(_NOTIFY, self._group)

    async def _change_holder(
        self,
        connection: PoolConnectionProxy,
        partitions: Sequence[Partition],
        before: UUID | None,
        after: UUID | None,
    ) -> dict[Partition, int]:
        if not partitions:
            return {}
        rows = await connection.fetch(
            _CHANGE_HOLDER,
            self._group,
            before,
            [topic_id for topic_id, _ in partitions],
            [bucket for _, bucket in partitions],
            after,
        )
        return {(row["topic_id"], row["bucket"]): row["next_offset"] for row in rows}
