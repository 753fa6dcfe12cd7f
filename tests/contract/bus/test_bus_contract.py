"""What the pipeline relies on, shown on both adapters."""

import asyncio
import logging
import secrets
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from tests.contract.bus.reading import PATIENCE_SECONDS, gather, numbered, read_until, values
from tests.contract.bus.rigs import BUCKETS, Rig, make_topic
from xueshi_kit.bus import (
    MAX_VALUE_BYTES,
    BucketsMismatchError,
    Bus,
    Message,
    MessageTooLargeError,
    NotAssignedError,
    Received,
    Topic,
    UnknownTopicError,
)


async def test_message_arrives_as_it_was_sent(bus: Bus, topic: str, group: str) -> None:
    other = await make_topic(bus, f"{topic}.other")
    sent = [
        Message(topic, 0, "人员-1", b"\x00\xff", {"ce_type": "学时.v1", "empty": ""}),
        Message(topic, 0, "k", b""),
        Message(topic, 3, "k", None, {"traceparent": "00-1"}),
        Message(other, 3, "k", b"x" * 100_000),
    ]
    before = datetime.now(UTC)
    await bus.publish(sent)
    await bus.publish([])
    async with bus.consume(group, [topic, other]) as consumer:
        received = await gather(consumer, len(sent))
    as_sent = [Message(each.topic, each.bucket, each.key, each.value, dict(each.headers)) for each in received]
    as_sent.sort(key=lambda each: (each.topic, each.bucket))
    assert as_sent == sent
    assert all(abs((each.published_at - before).total_seconds()) < 10 for each in received)


async def test_order_of_a_key_holds_with_concurrent_publishers(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    """Eight publishers on two connections, all buckets in each batch, while a reader follows."""
    publishers, rounds, keys = 8, 15, 6
    second_bus = await rig.open()

    async def publish(publisher: int) -> None:
        own = bus if publisher % 2 else second_bus
        for turn in range(rounds):
            numbers = range(turn * keys, (turn + 1) * keys)
            await own.publish(
                [Message(topic, n % keys % BUCKETS, f"{publisher}/{n % keys}", str(n).encode()) for n in numbers],
            )

    async with bus.consume(group, [topic]) as consumer:
        reading = asyncio.create_task(gather(consumer, publishers * rounds * keys))
        await asyncio.gather(*(publish(publisher) for publisher in range(publishers)))
        received = await reading
    await second_bus.close()

    by_key: defaultdict[str, list[int]] = defaultdict(list)
    offsets: defaultdict[int, list[int]] = defaultdict(list)
    for message in received:
        by_key[message.key].append(int(message.value or b""))
        offsets[message.bucket].append(message.offset)
    assert len(by_key) == publishers * keys
    for key, numbers in by_key.items():
        assert numbers == list(range(int(key.rpartition("/")[2]), rounds * keys, keys))
    assert all(each == sorted(set(each)) for each in offsets.values())


async def test_large_batch_arrives_whole_and_in_order(bus: Bus, topic: str, group: str) -> None:
    """24 MiB in one call: more than one request of either adapter carries."""
    filler = secrets.token_bytes(60_000)
    await bus.publish([Message(topic, n % BUCKETS, "k", n.to_bytes(2, "big") + filler) for n in range(400)])
    async with bus.consume(group, [topic]) as consumer:
        received = await gather(consumer, 400, at_once=500)
    assert len(received) == 400
    for bucket in range(BUCKETS):
        numbers = [int.from_bytes((each.value or b"")[:2], "big") for each in received if each.bucket == bucket]
        assert numbers == list(range(bucket, 400, BUCKETS))


async def test_largest_value_passes_and_a_larger_one_refuses_the_batch(bus: Bus, topic: str, group: str) -> None:
    largest = secrets.token_bytes(MAX_VALUE_BYTES)
    with pytest.raises(MessageTooLargeError, match=str(MAX_VALUE_BYTES)):
        await bus.publish([Message(topic, 0, "small", b"1"), Message(topic, 1, "large", largest + b"1")])
    assert await bus.lag(group, [topic]) == {}
    await bus.publish([Message(topic, 0, "k" * 200, largest, {"h": "v" * 2000})])
    async with bus.consume(group, [topic]) as consumer:
        assert [each.value for each in await gather(consumer, 1)] == [largest]


async def test_topic_with_other_buckets_is_refused(rig: Rig, topic: str) -> None:
    async def use_other_buckets() -> None:
        bus = await rig.open(BUCKETS + 1)
        try:
            await bus.ensure_topics([Topic(topic)])
        finally:
            await bus.close()

    with pytest.raises(BucketsMismatchError):
        await use_other_buckets()


async def test_unknown_topic_and_bucket_are_refused(bus: Bus, topic: str, group: str) -> None:
    with pytest.raises(UnknownTopicError, match="nowhere"):
        await bus.publish([Message(topic, 0, "k", b"1"), Message("nowhere", 0, "k", b"1")])
    with pytest.raises(UnknownTopicError):
        async with bus.consume(group, ["nowhere"]):
            pass
    with pytest.raises(ValueError, match=f"bucket {BUCKETS}"):
        await bus.publish([Message(topic, 0, "k", b"1"), Message(topic, BUCKETS, "k", b"1")])
    assert await bus.lag(group, [topic]) == {}
    await bus.ensure_topics([Topic(topic)])


async def test_group_goes_on_after_its_committed_offsets(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 40))
    async with bus.consume(group, [topic]) as consumer:
        received = await gather(consumer, 40, commit=False)
        await consumer.commit([each for each in received if int(each.value or b"") < 20])
    again = await rig.open()
    async with again.consume(group, [topic]) as consumer:
        rest = await gather(consumer, 20)
        assert await consumer.poll(10, 0.3) == []
    await again.close()
    assert sorted(map(int, values(rest))) == list(range(20, 40))


async def test_rewind_repeats_what_is_not_committed(bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 40))
    async with bus.consume(group, [topic]) as consumer:
        first = await gather(consumer, 40, commit=False)
        await consumer.rewind()
        second = await gather(consumer, 40, commit=False)
        assert sorted(values(second)) == sorted(values(first))
        await consumer.commit([each for each in second if each.bucket != 2])
        await consumer.rewind()
        third = await gather(consumer, 10)
        assert [each.offset for each in third] == list(range(10))
        assert {each.bucket for each in third} == {2}
        assert await consumer.poll(10, 0.3) == []


async def test_two_groups_are_independent(bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 20))
    async with bus.consume(f"{group}.one", [topic]) as one, bus.consume(f"{group}.two", [topic]) as two:
        assert len(await gather(one, 20)) == 20
        assert sum((await bus.lag(f"{group}.two", [topic])).values()) == 20
        assert await bus.lag(f"{group}.one", [topic]) == {}
        assert len(await gather(two, 20)) == 20
    assert await bus.lag(f"{group}.two", [topic]) == {}


async def test_lag_counts_what_is_not_committed(bus: Bus, topic: str, group: str) -> None:
    assert await bus.lag(group, [topic]) == {}
    await bus.publish([Message(topic, 0, "k", b"1")] * 3 + [Message(topic, 2, "k", b"1")] * 2)
    assert await bus.lag(group, [topic]) == {(topic, 0): 3, (topic, 2): 2}
    async with bus.consume(group, [topic]) as consumer:
        received = await gather(consumer, 5, commit=False)
        assert await bus.lag(group, [topic]) == {(topic, 0): 3, (topic, 2): 2}
        await consumer.commit([next(each for each in received if each.bucket == 0)])
        assert await bus.lag(group, [topic]) == {(topic, 0): 2, (topic, 2): 2}


async def test_members_share_join_and_leave_without_loss(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    """Messages flow all the time; each is read at least once, and while two members are settled exactly once."""
    found: dict[str, list[Received]] = {"first": [], "second": []}
    sent = 0
    stopped = False

    def seen() -> set[str]:
        return set(values(found["first"])) | set(values(found["second"]))

    async def publish_steadily() -> None:
        nonlocal sent
        while not stopped:
            await bus.publish(numbered(topic, sent + BUCKETS, sent))
            sent += BUCKETS
            await asyncio.sleep(0.02)

    second_bus = await rig.open()
    async with bus.consume(group, [topic]) as first:
        publishing = asyncio.create_task(publish_steadily())
        await read_until(first, found["first"], lambda: len(seen()) >= 40)
        async with second_bus.consume(group, [topic]) as second:
            mark = {name: len(each) for name, each in found.items()}

            def both_have_halves() -> bool:
                buckets = [{each.bucket for each in found[name][mark[name] :][-8:]} for name in found]
                return sorted(map(len, buckets)) == [2, 2] and not buckets[0] & buckets[1]

            await asyncio.gather(
                read_until(first, found["first"], both_have_halves),
                read_until(second, found["second"], both_have_halves),
            )
            mark = {name: len(each) for name, each in found.items()}
            settled = sent
            enough = lambda: len({value for value in seen() if int(value) >= settled}) >= 80  # noqa: E731
            await asyncio.gather(
                read_until(first, found["first"], enough),
                read_until(second, found["second"], enough),
            )
            between = [int(value) for name in found for value in values(found[name][mark[name] :])]
            assert len(between) == len(set(between))
        left = sent
        await read_until(first, found["first"], lambda: {str(left + n) for n in range(BUCKETS)} <= seen())
        stopped = True
        await publishing
        await read_until(first, found["first"], lambda: len(seen()) == sent)
    await second_bus.close()
    assert seen() == {str(number) for number in range(sent)}
    assert await bus.lag(group, [topic]) == {}


async def test_commit_of_what_was_not_delivered_is_refused(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    await bus.publish(numbered(topic, 8))
    second_bus = await rig.open()
    async with AsyncExitStack() as first_stay:
        first = await first_stay.enter_async_context(bus.consume(group, [topic]))
        received = await gather(first, 8, commit=False)
        await first_stay.aclose()
        async with second_bus.consume(group, [topic]) as second:
            with pytest.raises(NotAssignedError):
                await second.commit(received)
            assert len(await gather(second, 8)) == 8
            await second.commit([])
    await second_bus.close()


async def test_compaction_keeps_the_last_of_each_key(rig: Rig, bus: Bus, compacted_topic: str) -> None:
    for number in range(5):
        await bus.publish([Message(compacted_topic, 0, key, f"{key}{number}".encode()) for key in "abc"])
    await bus.publish([Message(compacted_topic, 0, "c", None), Message(compacted_topic, 0, "d", b"d0")])
    await rig.compact(bus, compacted_topic)
    kept = [("a", b"a4"), ("b", b"b4"), ("c", None), ("d", b"d0")]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        async with bus.consume(f"group.{secrets.token_hex(4)}", [compacted_topic]) as consumer:
            received = [each for each in await gather(consumer, len(kept)) if each.key in "abcd"]
        if len(received) == len(kept):
            break
        assert time.monotonic() < deadline, "it was not compacted"
        await asyncio.sleep(0.5)
    assert [(each.key, each.value) for each in received] == kept


async def test_reader_behind_the_trimmed_part_goes_on(rig: Rig, bus: Bus, topic: str, group: str) -> None:
    await bus.publish([Message(topic, 0, "k", str(number).encode()) for number in range(20)])
    async with bus.consume(group, [topic]) as consumer:
        first = await gather(consumer, 2, at_once=2)
        assert values(first) == ["0", "1"]
    await rig.trim(bus, topic, 0, 15)
    assert await bus.lag(group, [topic]) == {(topic, 0): 5}
    async with bus.consume(group, [topic]) as consumer:
        assert values(await gather(consumer, 5)) == ["15", "16", "17", "18", "19"]
    assert await bus.lag(group, [topic]) == {}


async def test_message_arrives_at_once(bus: Bus, topic: str, group: str) -> None:
    """Waiting readers are woken, they do not sleep through."""
    async with bus.consume(group, [topic]) as consumer:
        await consumer.poll(1, 0.5)
        waits = []
        for number in range(20):
            waiting = asyncio.create_task(consumer.poll(10, 5.0))
            await asyncio.sleep(0.02)
            sent_at = time.perf_counter()
            await bus.publish([Message(topic, number % BUCKETS, "k", b"1")])
            assert len(await waiting) == 1
            waits.append(time.perf_counter() - sent_at)
    assert sorted(waits)[len(waits) // 2] < 0.1


async def test_keys_and_payloads_stay_out_of_logs_and_errors(
    rig: Rig,
    topic: str,
    group: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "aiokafka")  # as the adapter holds it; see test_bus_kafka
    canary = f"canary{secrets.token_hex(8)}"
    bus = await rig.open()
    message = Message(topic, 0, canary, canary.encode(), {"name": canary})
    await bus.publish([message])
    errors: list[Exception] = []
    for bad in (
        Message(topic, 0, canary, canary.encode() + bytes(MAX_VALUE_BYTES)),
        Message(topic, 99, canary, canary.encode()),
        Message(f"{topic}.none", 0, canary, canary.encode()),
    ):
        try:
            await bus.publish([message, bad])
        except Exception as error:  # noqa: BLE001 - whatever comes may not name the message
            errors.append(error)
    async with bus.consume(group, [topic]) as consumer:
        await gather(consumer, 1)
    await bus.close()
    assert len(errors) == 3
    assert canary not in caplog.text + "".join(map(repr, errors))
