"""The limit on records per minute: over all instances, with a Retry-After that is true."""

import asyncio
from collections import Counter
from datetime import timedelta

from tests.integration.gateway.stand import Stand, record, statuses


async def test_records_are_counted_by_the_minute(stand: Stand) -> None:
    sender = await stand.platform(records_per_minute=5)
    assert (await sender.send([record(f"a{n}") for n in range(3)])).status_code == 200
    over = await sender.send([record(f"b{n}") for n in range(3)])
    assert (over.status_code, over.json()["code"]) == (429, "RATE_EXCEEDED")
    assert over.headers["retry-after"] == "60"
    assert over.json()["records_per_minute"] == 5
    assert (await sender.send([record(f"c{n}") for n in range(2)])).status_code == 200
    assert await stand.rows("SELECT FROM hour_record WHERE record_id LIKE 'b%'") == []
    stand.clock.set(stand.clock.now() + timedelta(seconds=59))
    last = await sender.send([record("d")])
    assert (last.status_code, last.headers["retry-after"]) == (429, "1")
    stand.clock.set(stand.clock.now() + timedelta(seconds=1))
    assert statuses(await sender.send([record("d")])) == ["accepted"]


async def test_a_used_up_minute_is_said_before_the_body_is_read(stand: Stand) -> None:
    sender = await stand.platform(records_per_minute=1)
    await sender.send([record()], delivery="d1")
    assert (await sender.send_raw(b"{")).status_code == 429
    assert (await sender.send([record("other")], delivery="d1")).status_code == 429
    forged = await sender.send_raw(b"{", headers={"webhook-signature": "v1," + "A" * 43 + "="})
    assert forged.status_code == 401


async def test_platforms_do_not_share_a_limit(stand: Stand) -> None:
    one, two = await stand.platform("one", 1), await stand.platform("two", 1)
    assert (await one.send([record()])).status_code == 200
    assert (await two.send([record()])).status_code == 200


async def test_concurrent_deliveries_never_pass_the_limit(stand: Stand) -> None:
    sender = await stand.platform(records_per_minute=25)
    answers = await asyncio.gather(
        *(sender.send([record(f"r{n}-{i}") for i in range(5)], delivery=f"d{n}") for n in range(12))
    )
    assert Counter(answer.status_code for answer in answers) == {200: 5, 429: 7}


async def test_an_administrator_changes_the_limit(stand: Stand) -> None:
    sender = await stand.platform(records_per_minute=1)
    assert (await sender.send([record("a"), record("b", 2)])).status_code == 429
    changed = await stand.admin("PUT", "/v1/platforms/mooc/limit", {"records_per_minute": 2})
    assert changed.json()["records_per_minute"] == 2
    assert (await sender.send([record("a"), record("b", 2)])).status_code == 200
    assert (await stand.admin("PUT", "/v1/platforms/mooc/limit", {"records_per_minute": None})).status_code == 200
    assert (await sender.send([record("c")])).status_code == 200
