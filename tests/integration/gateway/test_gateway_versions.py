"""Repeats, corrections, voids: by delivery and by record, also when they cross."""

import asyncio
from collections import Counter

import pytest

from tests.integration.gateway.stand import BUCKETS, Sender, Stand, id_number, record, results, statuses
from xueshi_kit.events import bucket_of


async def test_the_same_delivery_again_gets_the_same_bytes(stand: Stand) -> None:
    sender = await stand.platform()
    first = await sender.send([record(), record("bad", 2, hours="9")], delivery="d1")
    again = await sender.send([record(), record("bad", 2, hours="9")], delivery="d1")
    assert again.status_code == 200
    assert again.content == first.content
    assert len(await stand.items()) == 1


async def test_the_same_delivery_id_with_other_bytes_is_refused(stand: Stand) -> None:
    sender = await stand.platform()
    await sender.send([record()], delivery="d1")
    answer = await sender.send([record("other")], delivery="d1")
    assert (answer.status_code, answer.json()["code"]) == (409, "DELIVERY_CONFLICT")
    assert len(await stand.items()) == 1


async def test_what_is_no_delivery_does_not_take_its_id(stand: Stand) -> None:
    sender = await stand.platform()
    assert (await sender.send([], delivery="d1")).status_code == 422
    assert (await sender.send([record()], delivery="d1")).status_code == 200


async def test_delivery_ids_belong_to_their_platform(stand: Stand) -> None:
    one, two = await stand.platform("one"), await stand.platform("two")
    assert statuses(await one.send([record()], delivery="d1")) == ["accepted"]
    assert statuses(
        await two.send([record(hours="4", learned=[{"on": "2025-06-01", "hours": "4"}])], delivery="d1")
    ) == ["accepted"]


async def test_the_same_content_again_is_a_duplicate(stand: Stand) -> None:
    sender = await stand.platform()
    assert statuses(await sender.send([record(), record()])) == ["accepted", "duplicate"]
    same_but_written_otherwise = record(
        hours="4.50",
        learned=[{"hours": "1.50", "on": "2025-06-02"}, {"on": "2025-06-01", "hours": "3.0"}],
        completed_at="2025-06-02T13:40:00Z",
        industry=5.0,
        employer=" 91350100m000100y43 ",
    )
    answer = await sender.send([same_but_written_otherwise])
    assert results(answer) == [{"record_id": "KC25-000183", "status": "duplicate", "version": 1}]
    assert len(await stand.items()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"major": "建筑学"},
        {"major": None},
        {"person": 2},
        {"completed_at": "2025-06-02T21:40:01+08:00"},
        {"assessment": {"passed": True, "score": "87"}},
        {"learner": {"id_type": "resident_id", "id_number": "359900199003070011", "name": "陈小"}},
    ],
)
async def test_other_content_under_the_same_id_is_a_conflict(stand: Stand, changes: dict[str, object]) -> None:
    sender = await stand.platform()
    original = record(learner=record()["learner"])
    answer = await sender.send([original, record(**changes)])  # type: ignore[arg-type]
    assert statuses(answer) == ["accepted", "CONFLICT"]
    assert results(answer)[1]["pointer"] == "/data/records/1/record_id"
    assert statuses(await sender.send([record(**changes)])) == ["CONFLICT"]  # type: ignore[arg-type]


async def test_a_correction_is_the_next_version(stand: Stand) -> None:
    sender = await stand.platform()
    await sender.send([record()])
    answer = await sender.send([record(major="建筑学")], "corrected")
    assert results(answer) == [{"record_id": "KC25-000183", "status": "accepted", "version": 2}]
    assert statuses(await sender.send([record(major="建筑学")], "corrected")) == ["duplicate"]
    assert results(await sender.send([record()], "corrected"))[0]["version"] == 3
    assert [(item.version, item.change) for item in await stand.items()] == [
        (1, "completed"),
        (2, "corrected"),
        (3, "corrected"),
    ]


async def test_the_first_report_may_come_again_after_a_correction(stand: Stand) -> None:
    sender = await stand.platform()
    await sender.send([record()])
    await sender.send([record(major="建筑学")], "corrected")
    assert results(await sender.send([record()])) == [{"record_id": "KC25-000183", "status": "duplicate", "version": 1}]
    assert statuses(await sender.send([record(major="测绘")])) == ["CONFLICT"]


async def test_two_corrections_of_a_record_in_one_delivery_follow_each_other(stand: Stand) -> None:
    sender = await stand.platform()
    await sender.send([record()])
    answer = await sender.send([record(major="建筑学"), record(major="测绘"), record(major="测绘")], "corrected")
    assert [(each["status"], each["version"]) for each in results(answer)] == [
        ("accepted", 2),
        ("accepted", 3),
        ("duplicate", 3),
    ]


async def test_only_a_live_record_can_be_corrected_or_voided(stand: Stand) -> None:
    sender = await stand.platform()
    assert statuses(await sender.send([record()], "corrected")) == ["UNKNOWN_RECORD"]
    void = {"record_id": "KC25-000183", "reason": "重复上报"}
    assert statuses(await sender.send([void], "voided")) == ["UNKNOWN_RECORD"]


async def test_a_void_is_final(stand: Stand) -> None:
    sender = await stand.platform()
    await sender.send([record()])
    void = {"record_id": "KC25-000183", "reason": "重复上报"}
    answer = await sender.send([void, void, {**void, "reason": "其他"}], "voided")
    assert statuses(answer) == ["accepted", "duplicate", "VOIDED"]
    assert results(answer)[0]["version"] == 2
    assert statuses(await sender.send([record()])) == ["VOIDED"]
    assert statuses(await sender.send([record()], "corrected")) == ["VOIDED"]
    completed, voided = await stand.items()
    assert (voided.change, voided.version, voided.reason) == ("voided", 2, "重复上报")
    assert voided.person_key == completed.person_key
    assert not voided.identity


async def test_a_void_carries_an_id_and_a_reason_only(stand: Stand) -> None:
    sender = await stand.platform()
    answer = await sender.send([record(), {"record_id": "a"}, {"record_id": "b", "reason": id_number(1)}], "voided")
    assert statuses(answer) == ["FIELD_INVALID", "INCOMPLETE", "PERSONAL_DATA"]


async def test_another_person_is_a_void_there_and_a_new_record_here(stand: Stand) -> None:
    sender = await stand.platform()
    await sender.send([record(person=1)])
    assert statuses(await sender.send([record(person=2)], "corrected")) == ["accepted"]
    first, *changed = await stand.items()
    by_change = {item.change: item for item in changed}
    assert by_change.keys() == {"voided", "completed"}
    assert by_change["voided"].person_key == first.person_key
    assert by_change["completed"].person_key != first.person_key
    assert [item.version for item in changed] == [2, 2]
    assert stand.identity(by_change["completed"]).id_number == id_number(2)
    assert not by_change["voided"].identity
    buckets = {row["event_id"]: row["bucket"] for row in await stand.rows("SELECT event_id, bucket FROM outbox")}
    assert len(buckets) >= 2
    for row in await stand.rows("SELECT bucket, payload FROM outbox WHERE topic = 'xueshi.gateway.hour-records'"):
        event = type((await stand.events())[0]).FromString(row["payload"])
        assert {bucket_of(item.person_key, BUCKETS) for item in event.records} == {row["bucket"]}
    answer = await sender.send([{"record_id": "KC25-000183", "reason": "作废"}], "voided")
    assert statuses(answer) == ["accepted"]
    assert (await stand.items())[-1].person_key == by_change["completed"].person_key


async def _all(sender: Sender, count: int, **changes: object) -> list[list[str]]:
    sends = [sender.send([record(f"r{i:03}", i) for i in range(40)], delivery=f"c{n}", **changes) for n in range(count)]  # type: ignore[arg-type]
    return [statuses(answer) for answer in await asyncio.gather(*sends)]


async def test_concurrent_deliveries_of_the_same_records_accept_each_once(stand: Stand) -> None:
    sender = await stand.platform()
    counted = Counter(status for answer in await _all(sender, 12) for status in answer)
    assert counted == {"accepted": 40, "duplicate": 40 * 11}
    assert len(await stand.items()) == 40


async def test_concurrent_overlapping_deliveries_in_opposite_orders_do_not_lock_each_other_out(stand: Stand) -> None:
    sender = await stand.platform()
    ids = [f"r{i:03}" for i in range(60)]
    windows = [ids[start : start + 30] for start in range(0, 31, 3)]
    sends = [
        sender.send([record(each) for each in (reversed(window) if n % 2 else window)], delivery=f"w{n}")
        for n, window in enumerate(windows)
    ]
    answers = await asyncio.gather(*sends)
    counted = Counter(status for answer in answers for status in statuses(answer))
    assert counted["accepted"] == 60
    assert counted["duplicate"] == 30 * len(windows) - 60


async def test_the_same_delivery_at_once_has_one_effect(stand: Stand) -> None:
    sender = await stand.platform()
    answers = await asyncio.gather(*(sender.send([record()], delivery="d1") for _ in range(10)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert statuses(answers[0]) == ["accepted"]
    assert len(await stand.items()) == 1


async def test_the_same_delivery_id_with_many_contents_at_once_has_one_winner(stand: Stand) -> None:
    sender = await stand.platform()
    answers = await asyncio.gather(*(sender.send([record(f"r{n}")], delivery="d1") for n in range(10)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}
    assert len(await stand.items()) == 1


async def test_concurrent_corrections_become_versions_without_gap_or_fork(stand: Stand) -> None:
    sender = await stand.platform()
    await sender.send([record()])
    answers = await asyncio.gather(
        *(sender.send([record(major=f"专业{n}")], "corrected", delivery=f"k{n}") for n in range(12))
    )
    assert sorted(results(answer)[0]["version"] for answer in answers) == list(range(2, 14))
    assert [item.version for item in await stand.items()] == list(range(1, 14))


async def test_a_void_and_corrections_that_cross_leave_one_end(stand: Stand) -> None:
    sender = await stand.platform()
    await sender.send([record()])
    corrections = [sender.send([record(major=f"专业{n}")], "corrected", delivery=f"k{n}") for n in range(6)]
    voids = [sender.send([{"record_id": "KC25-000183", "reason": "错"}], "voided", delivery=f"v{n}") for n in range(3)]
    answers = [statuses(answer)[0] for answer in await asyncio.gather(*corrections, *voids)]
    assert Counter(answers[6:]) == {"accepted": 1, "duplicate": 2}
    items = await stand.items()
    assert items[-1].change == "voided"
    assert [item.version for item in items] == list(range(1, len(items) + 1))
    assert Counter(answers[:6])["VOIDED"] == 6 - (len(items) - 2)
