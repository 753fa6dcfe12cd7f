"""The signed webhook: what is accepted, what is refused, and in which order it is checked."""

import json
from datetime import date, timedelta

from tests.integration.gateway.stand import Stand, id_number, record, results, statuses
from xueshi_gateway.api.openapi import EXAMPLE
from xueshi_kit.webhooks import sign


async def test_the_contracts_example_is_accepted_and_told(stand: Stand) -> None:
    sender = await stand.platform()
    answer = await sender.send_raw(json.dumps(EXAMPLE, ensure_ascii=False).encode(), "msg_2b9")
    assert answer.json() == {
        "delivery": "msg_2b9",
        "counts": {"accepted": 1, "duplicate": 0, "rejected": 0},
        "results": [{"record_id": "KC25-000183", "status": "accepted", "version": 1}],
    }
    (event,) = await stand.events()
    (item,) = event.records
    assert (event.platform, event.delivery) == ("mooc", "msg_2b9")
    assert event.accepted_at_ms == int(stand.clock.now().timestamp() * 1000)
    assert (item.record_id, item.version, item.change) == ("KC25-000183", 1, "completed")
    assert (item.employer, item.subject_kind, item.learning_form) == ("91350100M000100Y43", "professional", "online")
    assert (item.course_id, item.course_title) == ("C-2025-118", "混凝土结构耐久性")
    assert (item.industry, item.major, item.centihours, item.passed, item.score) == (5, "土木工程", 450, True, "88")
    first = date(2025, 6, 1).toordinal() - date(1970, 1, 1).toordinal()
    assert [(day.on, day.centihours) for day in item.learned_days] == [(first, 300), (first + 1, 150)]
    assert item.completed_at_ms == 1_748_871_600_000
    identity = stand.identity(item)
    assert (identity.id_type, identity.id_number, identity.name) == ("resident_id", "359900199003070011", "陈晓")


async def test_a_range_travels_as_a_range(stand: Stand) -> None:
    sender = await stand.platform()
    learned = {"from": "2025-05-01", "to": "2025-05-31"}
    assert statuses(await sender.send([record(learned=learned, hours="80")])) == ["accepted"]
    (item,) = await stand.items()
    epoch = date(1970, 1, 1).toordinal()
    assert item.HasField("learned_range")
    assert (item.learned_range.from_on, item.learned_range.to_on) == (
        date(2025, 5, 1).toordinal() - epoch,
        date(2025, 5, 31).toordinal() - epoch,
    )
    assert not item.learned_days
    assert item.centihours == 8000


async def test_what_is_optional_may_be_left_out(stand: Stand) -> None:
    sender = await stand.platform()
    bare = record(employer=None, industry=None, major=None, assessment={"passed": True})
    assert statuses(await sender.send([bare])) == ["accepted"]
    (item,) = await stand.items()
    assert (item.employer, item.industry, item.major, item.score, item.credit_year) == ("", 0, "", "", "")


async def test_the_credit_year_that_a_record_names_travels_with_it(stand: Stand) -> None:
    sender = await stand.platform()
    assert statuses(await sender.send([record(credit_year="2018")])) == ["accepted"]
    (item,) = await stand.items()
    assert item.credit_year == "2018"


async def test_one_bad_record_never_sinks_the_others(stand: Stand) -> None:
    sender = await stand.platform()
    bad_type = record("bad-type", 2)
    bad_type["hours"] = 4.5
    answer = await sender.send([record("good-1"), bad_type, record("bad-sum", 3, hours="5"), record("good-2", 4)])
    assert answer.json()["counts"] == {"accepted": 2, "duplicate": 0, "rejected": 2}
    assert [each["record_id"] for each in results(answer)] == ["good-1", "bad-type", "bad-sum", "good-2"]
    first, second = results(answer)[1:3]
    assert (first["status"], first["code"], first["pointer"]) == ("rejected", "FIELD_INVALID", "/data/records/1/hours")
    assert (second["code"], second["pointer"]) == ("HOURS_MISMATCH", "/data/records/2/hours")
    assert "更正" in first["message"]["zh"] or "改正" in first["message"]["zh"]
    assert first["message"]["en"].endswith(".")
    assert {item.record_id for item in await stand.items()} == {"good-1", "good-2"}


async def test_a_rejected_record_does_not_take_its_id(stand: Stand) -> None:
    sender = await stand.platform()
    assert statuses(await sender.send([record(hours="5"), record()])) == ["HOURS_MISMATCH", "accepted"]


async def test_a_thousand_records_of_all_buckets_keep_their_order(stand: Stand) -> None:
    sender = await stand.platform()
    answer = await sender.send([record(f"r{number:04}", number % 997) for number in range(1000)])
    assert answer.json()["counts"]["accepted"] == 1000
    events = await stand.events()
    assert len(events) == 4
    for event in events:
        ids = [item.record_id for item in event.records]
        assert ids == sorted(ids)
    assert sum(len(event.records) for event in events) == 1000


async def test_large_records_are_cut_into_slices(stand: Stand) -> None:
    sender = await stand.platform()
    title = "长" * 200
    many = [record(f"r{number}", 1, course={"id": "C-1", "title": title}) for number in range(700)]
    assert (await sender.send(many)).json()["counts"]["accepted"] == 700
    events = await stand.events()
    assert len(events) > 1
    assert all(event.ByteSize() < 300_000 for event in events)
    assert [item.record_id for event in events for item in event.records] == [each["record_id"] for each in many]


async def test_media_types_come_before_size_and_signature(stand: Stand) -> None:
    sender = await stand.platform()
    for headers in (
        {"content-type": "text/plain"},
        {"content-type": ""},
        {"content-type": "application/json; charset=gbk"},
        {"content-encoding": "gzip"},
    ):
        answer = await sender.send_raw(b"x", headers={"webhook-signature": "v1,AAAA", **headers})
        assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    answer = await sender.send_raw(b"x", headers={"content-type": 'Application/JSON; charset="UTF-8"'})
    assert answer.json()["code"] == "NOT_JSON"


async def test_size_comes_before_the_signature(stand: Stand) -> None:
    sender = await stand.platform()
    answer = await sender.send_raw(b" " * (1024 * 1024 + 1), headers={"webhook-signature": "v1,AAAA"})
    assert answer.status_code == 413


async def test_an_unknown_platform_and_a_bad_signature_look_the_same(stand: Stand) -> None:
    sender = await stand.platform()
    body = json.dumps(EXAMPLE).encode()
    forged = await sender.send_raw(body, headers={"webhook-signature": "v1," + "A" * 43 + "="})
    malformed = await sender.send_raw(body, headers={"webhook-timestamp": "-1"})
    sender.platform = "nobody"
    unknown = await sender.send_raw(body)
    sender.platform = "No%00body"
    odd = await sender.send_raw(body)
    for answer in (forged, malformed, unknown, odd):
        assert answer.status_code == 401
        assert answer.json()["code"] == "SIGNATURE_INVALID"
        assert {**answer.json(), "request_id": ""} == {**forged.json(), "request_id": ""}


async def test_a_body_that_was_changed_on_the_way_is_refused(stand: Stand) -> None:
    sender = await stand.platform()
    answer = await stand.http.post(
        "/v1/platforms/mooc/deliveries",
        content=b'{"other": 1}',
        headers={"content-type": "application/json", **sign(sender.keys, "m1", stand.clock.now(), b"{}")},
    )
    assert answer.status_code == 401


async def test_stale_suspended_and_revoked_show_only_to_who_signed(stand: Stand) -> None:
    sender = await stand.platform()
    body = json.dumps(EXAMPLE).encode()
    old = stand.clock.now() - timedelta(seconds=301)
    assert (await sender.send_raw(body, signed_at=old)).json()["code"] == "TIMESTAMP_STALE"
    ahead = stand.clock.now() + timedelta(seconds=301)
    assert (await sender.send_raw(body, signed_at=ahead)).json()["code"] == "TIMESTAMP_STALE"
    at_limit = stand.clock.now() - timedelta(seconds=300)
    assert (await sender.send_raw(body, signed_at=at_limit)).status_code == 200
    await stand.admin("POST", "/v1/platforms/mooc/suspend", {"reason": "检查"})
    suspended = await sender.send_raw(body)
    assert (suspended.status_code, suspended.json()["code"]) == (403, "PLATFORM_SUSPENDED")
    assert (await sender.send_raw(body, signed_at=old)).json()["code"] == "TIMESTAMP_STALE"
    forged = await sender.send_raw(body, headers={"webhook-signature": "v1," + "A" * 43 + "="})
    assert forged.json()["code"] == "SIGNATURE_INVALID"
    await stand.admin("POST", "/v1/platforms/mooc/resume", {"reason": "检查通过"})
    assert (await sender.send_raw(body)).status_code == 200


async def test_the_envelope_is_checked_as_a_whole(stand: Stand) -> None:
    sender = await stand.platform()
    for body, status, code in (
        (b"{", 400, "NOT_JSON"),
        (b"\xff{}", 400, "NOT_JSON"),
        (b"[" * 100_000 + b"]" * 100_000, 400, "NOT_JSON"),
        (b"[]", 422, "DELIVERY_INVALID"),
        (b"{}", 422, "DELIVERY_INVALID"),
    ):
        answer = await sender.send_raw(body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body[:20]
    assert (await sender.send([])).json()["errors"][0]["pointer"] == "/data/records"
    assert (await sender.send([record()], change="forgotten")).json()["errors"][0]["pointer"] == "/type"
    assert (await sender.send([record()], more=1)).status_code == 422
    assert (await sender.send([record()], timestamp="2025-06-03T10:20:00")).status_code == 422
    late = (stand.clock.now() + timedelta(minutes=5, seconds=1)).isoformat()
    ahead = await sender.send([record()], timestamp=late)
    assert (ahead.status_code, ahead.json()["errors"][0]["code"]) == (422, "IN_FUTURE")
    thousand_and_one = [record(f"r{number}") for number in range(1001)]
    assert (await sender.send(thousand_and_one)).json()["errors"][0]["pointer"] == "/data/records"
    assert await stand.rows("SELECT FROM delivery") == []


async def test_an_id_number_as_delivery_id_is_refused_and_not_kept(stand: Stand) -> None:
    sender = await stand.platform()
    answer = await sender.send([record()], delivery=id_number(1))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "PERSONAL_DATA")
    assert await stand.rows("SELECT FROM delivery") == []


async def test_an_id_number_as_record_id_is_not_repeated(stand: Stand) -> None:
    sender = await stand.platform()
    answer = await sender.send([record(id_number(1)), record(id_number(2), hours=5)])
    assert [each["record_id"] for each in results(answer)] == [None, None]
    assert statuses(answer) == ["PERSONAL_DATA", "FIELD_INVALID"]
    assert id_number(1) not in answer.text
    assert id_number(2) not in answer.text


async def test_a_form_that_is_not_for_the_subject_is_refused_at_the_door(stand: Stand) -> None:
    sender = await stand.platform()
    answer = await sender.send([record("a", subject_kind="public", learning_form="external_class"), record("b")])
    refused = results(answer)[0]
    assert statuses(answer) == ["FIELD_INVALID", "accepted"]
    assert refused["pointer"] == "/data/records/0/learning_form"
    assert "FJ-04" in refused["message"]["zh"]
    assert "FJ-04" in refused["message"]["en"]
    assert statuses(await sender.send([record("a")])) == ["accepted"]
