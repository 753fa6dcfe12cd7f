"""Deliveries that wait together are one transaction, none takes another with it, and what waits is bounded."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import asyncpg
import httpx
import pytest

from tests.integration.gateway.stand import WAITING_EVENTS, Sender, Stand, record, statuses
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_gateway.domain.versions import Outcome
from xueshi_gateway.handlers import deliveries, intake, pressure
from xueshi_gateway.wire.receipts import Messages, encode_receipt
from xueshi_kit.events import topic_of


async def test_what_waits_at_one_moment_is_one_transaction(stand: Stand) -> None:
    sender = await stand.platform()
    answers = await asyncio.gather(*(sender.send([record(f"r{n}")], delivery=f"d{n}") for n in range(60)))
    assert [statuses(answer) for answer in answers] == [["accepted"]] * 60
    assert [answer.json()["delivery"] for answer in answers] == [f"d{n}" for n in range(60)]
    (row,) = await stand.rows("SELECT count(*) AS rows, count(DISTINCT xmin::text) AS transactions FROM hour_record")
    assert row["rows"] == 60
    assert row["transactions"] < 20


async def test_deliveries_that_wait_together_see_each_other(stand: Stand) -> None:
    sender = await stand.platform()
    async with nothing_is_entered(stand):
        waiting = [asyncio.create_task(sender.send([record("r")], delivery=f"d{n}")) for n in range(6)]
        other = asyncio.create_task(sender.send([record("r", hours="1", learned=[day("1")])], delivery="other"))
        again = asyncio.create_task(sender.send([record("r")], delivery="d5"))
        await asyncio.sleep(0.2)
    found = [statuses(await each)[0] for each in waiting]
    assert Counter(found) == {"accepted": 1, "duplicate": 5}
    assert statuses(await other) == ["CONFLICT"]
    assert (await again).content == (await waiting[5]).content


async def test_corrections_and_voids_of_several_platforms_wait_together(stand: Stand) -> None:
    senders = [await stand.platform(f"p{n}") for n in range(5)]
    for each in senders:
        await each.send([record("r")])
    async with nothing_is_entered(stand):
        tasks = []
        for sender in senders:
            tasks.append(asyncio.create_task(sender.send([record("r", person=2)], "corrected", "c")))
            tasks.append(asyncio.create_task(sender.send([{"record_id": "r", "reason": "误报"}], "voided", "v")))
        await asyncio.sleep(0.2)
    assert [statuses(await each) for each in tasks] == [["accepted"]] * 10
    rows = await stand.rows("SELECT platform, version, is_void FROM hour_record ORDER BY platform, version")
    assert [(row["version"], row["is_void"]) for row in rows] == [(1, False), (2, False), (3, True)] * 5


async def test_a_delivery_that_fails_takes_no_other_with_it(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_for_one(delivery: str, outcomes: Sequence[Outcome], messages: Messages) -> bytes:
        if delivery == "d3":
            raise ZeroDivisionError
        return encode_receipt(delivery, outcomes, messages)

    monkeypatch.setattr(deliveries, "encode_receipt", fail_for_one)
    sender = await stand.platform()
    answers = await asyncio.gather(*(sender.send([record(f"r{n}")], delivery=f"d{n}") for n in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 3 + [500] + [200] * 4
    rows = await stand.rows("SELECT record_id FROM hour_record ORDER BY record_id")
    assert [row["record_id"] for row in rows] == [f"r{n}" for n in range(8) if n != 3]
    monkeypatch.undo()
    assert statuses(await sender.send([record("r3")], delivery="d3")) == ["accepted"]


async def test_who_has_gone_is_not_waited_for(stand: Stand) -> None:
    sender = await stand.platform()
    async with nothing_is_entered(stand):
        gone = asyncio.create_task(sender.send([record("gone")], delivery="gone"))
        stays = asyncio.create_task(sender.send([record("stays")], delivery="stays"))
        await asyncio.sleep(0.2)
        gone.cancel()
    assert statuses(await stays) == ["accepted"]
    # The cancelled one was under way: the same delivery again gets its receipt, whichever came first.
    assert statuses(await sender.send([record("gone")], delivery="gone")) == ["accepted"]


async def test_what_waits_is_bounded(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "WAITING_RECORDS", 3)
    sender = await stand.platform()
    async with nothing_is_entered(stand):
        under_way = []
        for number in range(4):  # one is under way, three wait
            under_way.append(asyncio.create_task(sender.send([record(f"r{number}")], delivery=f"d{number}")))
            await asyncio.sleep(0.1)
        refused = await sender.send([record("r9")], delivery="d9")
        assert_overloaded(refused, intake.RETRY_AFTER_SECONDS)
    assert [statuses(await each) for each in under_way] == [["accepted"]] * 4
    assert statuses(await sender.send([record("r9")], delivery="d9")) == ["accepted"]


@pytest.mark.parametrize("where", ["unpublished", "published and not taken"])
async def test_an_overload_further_on_is_said_at_the_door(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(pressure, "LOOK_SECONDS", 0.02)
    await stand.service.parts.bus.ensure_topics([topic_of(each) for each in stand.service.published])
    sender = await stand.platform()
    (watch,) = stand.service.beside_api
    watching = asyncio.create_task(watch())
    try:
        accepted = await send_until_busy(sender, publish=where != "unpublished")
        assert accepted <= WAITING_EVENTS + 2
        assert (await stand.http.get("/readyz")).json()["failed"] == {"pipeline": "OverloadedError"}
        assert_overloaded(await sender.send([record("more")]), pressure.RETRY_AFTER_SECONDS)
        forged = await sender.send_raw(b"{", headers={"webhook-signature": "v1," + "A" * 43 + "="})
        assert forged.status_code == 401
        await take_all(stand)
        await until_ready(stand, 200)
        assert statuses(await sender.send([record("more")])) == ["accepted"]
    finally:
        watching.cancel()


async def test_two_instances_accept_each_record_once(stand: Stand, twin: Stand) -> None:
    sender = await stand.platform()
    both = [sender, sender.through(twin)]
    rows = [[record(f"r{n}") for n in range(40)], [record(f"r{n}") for n in reversed(range(40))]]
    answers = await asyncio.gather(
        *(both[n % 2].send(rows[n // 2 % 2], delivery=f"d{n}") for n in range(16)), return_exceptions=False
    )
    found = Counter(status for answer in answers for status in statuses(answer))
    assert found == {"accepted": 40, "duplicate": 600}


async def test_the_same_delivery_to_two_instances_has_one_effect(stand: Stand, twin: Stand) -> None:
    sender = await stand.platform()
    both: list[Sender] = [sender, sender.through(twin)]
    answers = await asyncio.gather(
        *(both[n % 2].send([record(f"r{n // 5}")], delivery=f"d{n // 5}") for n in range(100))
    )
    for start in range(0, 100, 5):
        assert len({answer.content for answer in answers[start : start + 5]}) == 1
        assert statuses(answers[start]) == ["accepted"]
    assert len(await stand.rows("SELECT FROM hour_record")) == len(await stand.items()) == 20


async def test_two_instances_count_one_limit(stand: Stand, twin: Stand) -> None:
    sender = await stand.platform(records_per_minute=25)
    both = [sender, sender.through(twin)]
    answers = await asyncio.gather(
        *(both[n % 2].send([record(f"r{n}-{i}") for i in range(5)], delivery=f"d{n}") for n in range(12))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 5, 429: 7}


@asynccontextmanager
async def nothing_is_entered(stand: Stand) -> AsyncIterator[None]:
    """Hold up every transaction that enters a delivery until the end of the block."""
    owner = await asyncpg.connect(stand.database.owner_dsn)
    try:
        async with owner.transaction():
            await owner.execute("LOCK TABLE delivery IN SHARE MODE")
            yield
    finally:
        await owner.close()


def day(hours: str) -> dict[str, str]:
    """Return one learned day."""
    return {"on": "2025-06-01", "hours": hours}


def assert_overloaded(answer: httpx.Response, retry_after_seconds: int) -> None:
    """Check that an answer says that too much waits, in both languages, and when to come again."""
    assert (answer.status_code, answer.json()["code"]) == (429, "OVERLOADED")
    assert answer.headers["retry-after"] == str(retry_after_seconds)
    assert "系统正忙" in answer.text
    assert "busy" in answer.text


async def until_ready(stand: Stand, status: int) -> None:
    """Wait until the readiness says so."""
    async with asyncio.timeout(10):
        while (await stand.http.get("/readyz")).status_code != status:  # noqa: ASYNC110 - polled as by an orchestrator
            await asyncio.sleep(0.02)


async def send_until_busy(sender: Sender, *, publish: bool) -> int:
    """Send one record after the other until one is not taken; return how many were."""
    number = 0
    while (await sender.send([record(f"r{number}")], delivery=f"d{number}")).status_code == HTTPStatus.OK:
        number += 1
        while publish and await sender.stand.service.relay.relay_once():
            pass
        await asyncio.sleep(0.1)  # the gateway looks a few times in between
    return number


async def take_all(stand: Stand) -> None:
    """Publish and take what waits, as relay and registry would."""
    while await stand.service.relay.relay_once():
        pass
    async with stand.service.parts.bus.consume(
        "registry.hour-records", [topic_of(HourRecordsAccepted).name]
    ) as consumer:
        while received := await consumer.poll(100, 0.2):
            await consumer.commit(received)
