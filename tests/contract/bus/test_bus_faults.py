"""What becomes of the work when a member dies or freezes, or the server is away: the same on both adapters."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack

import pytest

from tests.contract.bus.reading import PATIENCE_SECONDS, Member, gather, member_process, numbered, values
from tests.contract.bus.rigs import Rig, make_topic
from xueshi_kit.bus import Bus, BusUnavailableError, Consumer, Message, NotAssignedError


async def test_killed_and_frozen_members_lose_their_partitions(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    """Two cases, side by side because each waits for a lease to run out."""
    other = await make_topic(bus, f"{topic}.other")
    await asyncio.gather(
        _killed_member_s_messages_come_again(rig, bus, topic, f"{group}.killed"),
        _frozen_member_s_commit_is_refused(rig, bus, other, f"{group}.frozen"),
    )


async def test_outage_is_told_and_the_same_consumer_goes_on(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 4))
    async with bus.consume(group, [topic]) as consumer, AsyncExitStack() as leaver_s_stay:
        await gather(consumer, 4)
        await leaver_s_stay.enter_async_context(bus.consume(f"{group}.leaver", [topic]))
        async with rig.outage():
            await asyncio.gather(_expect_poll_to_fail(consumer), _expect_publish_to_fail(bus, topic))
            await leaver_s_stay.aclose()
        deadline = time.monotonic() + PATIENCE_SECONDS
        found: set[str] = set()
        published = False
        while not {"4", "5", "6", "7"} <= found:
            assert time.monotonic() < deadline, f"only {found} came after the outage"
            try:
                if not published:
                    await bus.publish(numbered(topic, 8, 4))
                    published = True
                received = await consumer.poll(100, 0.5)
                await consumer.commit(received)
            except (BusUnavailableError, NotAssignedError):
                await asyncio.sleep(0.1)
                continue
            found |= set(values(received))


async def _killed_member_s_messages_come_again(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 8))
    async with member_process(rig, group, topic) as member:
        committed = await _poll_all(member, 8)
        assert await member.ask("commit") == "done"
        await bus.publish(numbered(topic, 16, 8))
        uncommitted = await _poll_all(member, 8)
        member.process.kill()
        await member.process.wait()
        killed_at = time.monotonic()
        async with bus.consume(group, [topic]) as consumer:
            received = await gather(consumer, 8)
    assert time.monotonic() - killed_at < 2 * rig.lease_seconds + 2
    assert sorted(committed) == sorted(map(str, range(8)))
    assert sorted(values(received)) == sorted(uncommitted) == sorted(map(str, range(8, 16)))


async def _frozen_member_s_commit_is_refused(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 8))
    async with member_process(rig, group, topic) as member:
        assert sorted(await _poll_all(member, 8)) == sorted(map(str, range(8)))
        member.process.send_signal(signal.SIGSTOP)
        async with bus.consume(group, [topic]) as consumer:
            received = await gather(consumer, 8, commit=False)
            member.tell("commit")
            member.process.send_signal(signal.SIGCONT)
            assert await member.answer() == "NotAssignedError"
            assert sum((await bus.lag(group, [topic])).values()) == 8
            assert sorted(values(received)) == sorted(map(str, range(8)))


async def _poll_all(member: Member, count: int) -> list[str]:
    found: list[str] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found) < count:
        assert time.monotonic() < deadline
        answer = await member.ask("poll")
        assert isinstance(answer, list)
        found += answer
    return found


async def _expect_publish_to_fail(bus: Bus, topic: str) -> None:
    with pytest.raises(BusUnavailableError):
        await bus.publish([Message(topic, 0, "k", b"not in the outage")])


async def _expect_poll_to_fail(consumer: Consumer) -> None:
    async def poll_for_ever() -> None:
        while True:
            assert await consumer.poll(10, 0.5) == []

    with pytest.raises(BusUnavailableError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await poll_for_ever()
