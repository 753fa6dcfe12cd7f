"""What is the embedded adapter's own: rights, leases, upkeep."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import asyncpg
import pytest
from asyncpg.pool import PoolConnectionProxy
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.bus.reading import gather, numbered, values
from tests.contract.bus.rigs import BUCKETS, EmbeddedRig, make_topic
from tests.support.databases import DatabaseFactory
from xueshi_kit.bus import BucketsMismatchError, Bus, BusError, Message, Topic
from xueshi_kit.bus.embedded import EmbeddedBus, install
from xueshi_kit.bus.embedded.groups import Membership
from xueshi_kit.bus.embedded.shares import Holding, fair_share, plan_shares
from xueshi_kit.bus.embedded.upkeep import STEP_MESSAGES


@pytest.fixture
async def bus(embedded_rig: EmbeddedRig) -> AsyncIterator[Bus]:
    """Give an open embedded bus."""
    opened = await embedded_rig.open()
    yield opened
    await opened.close()


@pytest.fixture
async def topic(bus: Bus) -> str:
    """Give a topic of this test alone."""
    return await make_topic(bus, f"test.{secrets.token_hex(4)}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE messages SET value = NULL",
        "UPDATE topics SET compacted = true",
        "DELETE FROM topics",
        "DELETE FROM partition_heads",
        "DELETE FROM group_partitions",
        "TRUNCATE messages",
        "UPDATE bus_layout SET buckets = 1",
        "DROP TABLE messages",
        "CREATE TABLE mine (id integer)",
    ],
)
async def test_runtime_role_cannot(embedded_rig: EmbeddedRig, statement: str) -> None:
    connection = await asyncpg.connect(embedded_rig.url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_install_can_be_done_again_with_the_same_buckets_only(make_database: DatabaseFactory) -> None:
    database = make_database("bus")
    await asyncio.gather(install(database.owner_dsn, 4), install(database.owner_dsn, 4))
    await install(database.owner_dsn, 4)
    with pytest.raises(BucketsMismatchError):
        await install(database.owner_dsn, 5)
    with pytest.raises(BusError, match="nobody"):
        await install(database.owner_dsn, 4, app_role="nobody")
    with pytest.raises(BucketsMismatchError):
        await EmbeddedBus.open(database.app_dsn, 5)


async def test_publishers_of_the_same_buckets_do_not_block_each_other_for_ever(
    embedded_rig: EmbeddedRig,
    bus: Bus,
    topic: str,
) -> None:
    """Batches name the buckets in opposite orders: locks taken in that order would end in a deadlock."""
    other = await embedded_rig.open()
    forward = [Message(topic, bucket, "k", b"1") for bucket in range(BUCKETS)] * 5
    async with asyncio.TaskGroup() as tasks:
        for _ in range(30):
            tasks.create_task(bus.publish(forward))
            tasks.create_task(other.publish(forward[::-1]))
    await other.close()
    assert set((await bus.lag("nobody", [topic])).values()) == {30 * 5 * 2}


async def test_busy_partition_is_handed_over_after_its_commit(embedded_rig: EmbeddedRig, bus: Bus, topic: str) -> None:
    """A join takes nothing away in the middle of a batch: no message is read twice."""
    await bus.publish([Message(topic, bucket, "k", str(bucket).encode()) for bucket in range(BUCKETS)])
    other = await embedded_rig.open()
    async with bus.consume("handover", [topic]) as first:
        received = await gather(first, BUCKETS, commit=False)
        async with other.consume("handover", [topic]) as second:
            await asyncio.sleep(0.3)
            assert await second.poll(10, 0.1) == []
            await first.commit(received)
            await bus.publish([Message(topic, bucket, "k", str(4 + bucket).encode()) for bucket in range(BUCKETS)])
            found = [await gather(first, 2), await gather(second, 2)]
    await other.close()
    assert sorted(values(found[0] + found[1])) == ["4", "5", "6", "7"]


async def test_stuck_member_gives_its_surplus_back_after_a_lease(
    embedded_rig: EmbeddedRig,
    bus: Bus,
    topic: str,
) -> None:
    await bus.publish([Message(topic, bucket, "k", b"1") for bucket in range(BUCKETS)])
    other = await embedded_rig.open()
    async with bus.consume("stuck", [topic]) as first:
        await gather(first, BUCKETS, commit=False)
        async with other.consume("stuck", [topic]) as second:
            assert len(await gather(second, BUCKETS // 2)) == BUCKETS // 2
    await other.close()


async def test_member_frozen_in_a_beat_holds_nobody_up(
    embedded_rig: EmbeddedRig,
    bus: Bus,
    topic: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its transaction holds the lock of the group: the server ends it, and the others go on."""
    read_group = Membership._read_group
    in_the_beat, thawed = asyncio.Event(), asyncio.Event()
    freezes = False

    async def freeze_once(membership: Membership, connection: PoolConnectionProxy) -> object:
        nonlocal freezes
        if freezes:
            freezes = False
            in_the_beat.set()
            await thawed.wait()
        return await read_group(membership, connection)

    monkeypatch.setattr(Membership, "_read_group", freeze_once)
    other = await embedded_rig.open()
    await bus.publish(numbered(topic, 8))
    async with bus.consume(f"{topic}.group", [topic]) as frozen:
        await gather(frozen, 8, commit=False)
        freezes = True
        await in_the_beat.wait()
        async with other.consume(f"{topic}.group", [topic]) as healthy:
            received = await gather(healthy, 8)
            thawed.set()
        assert sorted(values(received)) == sorted(map(str, range(8)))
        await bus.publish(numbered(topic, 16, 8))
        assert len(await gather(frozen, 8)) == 8
    await other.close()


async def test_full_partition_does_not_starve_the_others(bus: Bus, topic: str) -> None:
    await bus.publish([Message(topic, 0, "k", b"1")] * 1000 + [Message(topic, 3, "k", b"2")])
    async with bus.consume("fair", [topic]) as consumer:
        first_two = await consumer.poll(50, 1.0) + await consumer.poll(50, 1.0)
    assert {each.bucket for each in first_two} == {0, 3}


async def test_poll_is_limited_in_bytes(bus: Bus, topic: str) -> None:
    value = bytes(1024 * 1024)
    await bus.publish([Message(topic, number % BUCKETS, "k", value) for number in range(24)])
    async with bus.consume("bytes", [topic]) as consumer:
        first = await consumer.poll(1000, 1.0)
        rest = await gather(consumer, 24 - len(first))
    assert len(first) == 16
    assert len(rest) == 8


async def test_tombstones_are_buried_after_a_day(embedded_rig: EmbeddedRig, bus: Bus, topic: str) -> None:
    """And only then; what they removed stays removed."""
    compacted = await make_topic(bus, f"{topic}.compacted", compacted=True)
    await bus.publish([Message(compacted, 0, "gone", b"1"), Message(compacted, 0, "kept", b"1")])
    await bus.publish([Message(compacted, 0, "gone", None)])
    await bus.tend()
    assert await _keys(bus, compacted, 2) == ["kept", "gone"]
    await _age_by_a_day(embedded_rig, compacted)
    await bus.tend()
    assert await _keys(bus, compacted, 1) == ["kept"]
    assert await bus.lag("new", [compacted]) == {(compacted, 0): 2}


async def test_old_tombstone_outlives_what_it_removes(embedded_rig: EmbeddedRig, bus: Bus, topic: str) -> None:
    """Both are old when they are first looked at, and stand beyond the first step."""
    compacted = await make_topic(bus, f"{topic}.compacted", compacted=True)
    await bus.publish([Message(compacted, 0, "filler", b"1")] * STEP_MESSAGES)
    await bus.publish([Message(compacted, 0, "gone", b"1"), Message(compacted, 0, "gone", None)])
    await _age_by_a_day(embedded_rig, compacted)
    await bus.tend()
    assert await _keys(bus, compacted, 1) == ["filler"]


async def test_upkeep_beside_writers_and_another_upkeep_loses_no_last_message(
    embedded_rig: EmbeddedRig,
    bus: Bus,
    topic: str,
) -> None:
    compacted = await make_topic(bus, f"{topic}.compacted", compacted=True)
    other = await embedded_rig.open()
    writing = True

    async def tend(own: Bus) -> None:
        while writing:
            await own.tend()

    tending = asyncio.gather(tend(bus), tend(other))
    for number in range(60):
        await bus.publish([Message(compacted, 1, f"k{key}", str(number).encode()) for key in range(20)])
    writing = False
    await tending
    await bus.tend()
    await other.close()
    async with bus.consume("after", [compacted]) as consumer:
        assert values(await gather(consumer, 20)) == ["59"] * 20
        assert await consumer.poll(10, 0.3) == []


async def test_retention_is_the_topic_s_own(embedded_rig: EmbeddedRig, bus: Bus, topic: str) -> None:
    """More than one step of trimming; a topic with a longer retention keeps messages of the same age."""
    longer = f"{topic}.longer"
    await bus.ensure_topics([Topic(longer, retention_days=90)])
    await bus.publish([Message(name, 0, "k", b"") for name in (topic, longer) for _ in range(2500)])
    for name in (topic, longer):
        await embedded_rig.trim(bus, name, 0, 2400)
    assert await bus.lag("new", [topic, longer]) == {(topic, 0): 100, (longer, 0): 2500}


@given(partitions=st.integers(0, 200), members=st.integers(1, 50))
def test_shares_add_up_and_differ_by_one(partitions: int, members: int) -> None:
    shares = [fair_share(partitions, members, rank) for rank in range(members)]
    assert sum(shares) == partitions
    assert max(shares) - min(shares) <= 1


@given(
    buckets=st.integers(1, 20),
    subscriptions=st.lists(st.sets(st.integers(1, 4), min_size=1), min_size=1, max_size=6),
    data=st.data(),
)
def test_members_that_follow_their_plans_end_balanced(
    buckets: int,
    subscriptions: Sequence[set[int]],
    data: st.DataObject,
) -> None:
    """From any distribution: two rounds, each member in turn, and every partition has a holder and no plan is left."""
    members = {UUID(int=number): sorted(topics) for number, topics in enumerate(subscriptions)}
    topics = sorted(set().union(*subscriptions))
    holders: dict[tuple[int, int], UUID | None] = {
        (topic, bucket): data.draw(st.sampled_from([None, *(m for m, own in members.items() if topic in own)]))
        for topic in topics
        for bucket in range(buckets)
    }
    for _ in range(2):
        for member in members:
            shares = plan_shares(member, members, holders, {})
            assert all(holders[partition] == member for partition in shares.surplus)
            assert all(holders[partition] is None for partition in shares.claims)
            holders |= dict.fromkeys(shares.surplus) | dict.fromkeys(shares.claims, member)
    assert None not in holders.values()
    for member in members:
        left = plan_shares(member, members, holders, {})
        assert not left.surplus
        assert not left.claims


def test_idle_partitions_are_given_back_first() -> None:
    me, other = UUID(int=0), UUID(int=1)
    holders: dict[tuple[int, int], UUID | None] = {(2, bucket): me for bucket in range(4)}
    held = {(2, bucket): Holding(position=5, committed=5 if bucket > 1 else 0) for bucket in range(4)}
    assert plan_shares(me, {me: [2], other: [2]}, holders, held).surplus == [(2, 2), (2, 3)]


async def _age_by_a_day(rig: EmbeddedRig, topic: str) -> None:
    await rig.as_owner(
        """
        UPDATE messages SET published_at = published_at - interval '25 hours'
        WHERE topic_id = (SELECT topic_id FROM topics WHERE name = $1)
        """,
        topic,
    )


async def _keys(bus: Bus, topic: str, count: int) -> list[str]:
    async with bus.consume(f"keys.{secrets.token_hex(4)}", [topic]) as consumer:
        return [each.key for each in await gather(consumer, count)]
