"""Checking records before they are sent: the door's own checks and what each form asks for, and nothing is stored."""

import json
from typing import Any

import httpx

from tests.integration.gateway.stand import Sender, Stand, record
from xueshi_rulebook import load_rulebook

ROUTE = "hour-records:check"


async def ask(sender: Sender, *records: dict[str, Any], change: str = "completed") -> httpx.Response:
    timestamp = sender.stand.clock.now().isoformat()
    body = {"type": f"hour_records.{change}", "timestamp": timestamp, "data": {"records": list(records)}}
    return await sender.send_raw(json.dumps(body, ensure_ascii=False).encode(), route=ROUTE)


async def test_a_sound_record_is_valid_and_told_what_its_form_asks_for(stand: Stand) -> None:
    answer = await ask(await stand.platform(), record())
    assert answer.status_code == 200, answer.text
    assert answer.json()["rulebook"] == load_rulebook().hash
    [result] = answer.json()["results"]
    assert (result["record_id"], result["status"]) == ("KC25-000183", "valid")
    forms = {each["jurisdiction"]: each for each in result["forms"]}
    assert set(forms) == {"fujian", "luojiang", "wenzhou", "shaoguan"}
    assert (forms["fujian"]["rule"], forms["wenzhou"]["rule"]) == ("FJ-04", "WZ-04")
    assert "附件1（一）" in forms["fujian"]["clause"]
    assert forms["fujian"]["submitters"] == ["platform"]
    [certificate] = forms["shaoguan"]["evidence"]
    assert certificate["codes"] == ["hours_certificate"]
    assert "学时证明" in certificate["name"]["zh"]


async def test_the_form_is_that_of_the_last_day_of_learning(stand: Stand) -> None:
    days = [{"on": "2023-05-08", "hours": "4.5"}]
    [result] = (await ask(await stand.platform(), record(learned=days))).json()["results"]
    assert {each["jurisdiction"]: each["rule"] for each in result["forms"]} == {
        "luojiang": "LJ-15", "wenzhou": "WZ-04", "shaoguan": "SG-04",
    }  # fmt: skip


async def test_faults_are_those_that_a_delivery_would_be_told(stand: Stand) -> None:
    sender = await stand.platform()
    answer = (await ask(sender, record(hours="5"), record("KC2", learning_form="dream"))).json()["results"]
    told = (await sender.send([record(hours="5"), record("KC2", learning_form="dream")])).json()["results"]
    assert answer == told
    assert [each["code"] for each in answer] == ["HOURS_MISMATCH", "FIELD_INVALID"]


async def test_nothing_is_stored_and_no_id_is_taken(stand: Stand) -> None:
    sender = await stand.platform()
    await ask(sender, record())
    for table in ("delivery", "receipt", "hour_record"):
        assert await stand.rows(f"SELECT * FROM {table}") == []  # noqa: S608 - names of this test
    assert await stand.events() == []
    assert (await sender.send([record(hours="3", learned=[{"on": "2025-06-01", "hours": "3"}])])).json()["counts"][
        "accepted"
    ] == 1


async def test_only_the_platform_itself_may_ask_and_asking_counts_for_its_minute(stand: Stand) -> None:
    sender = await stand.platform(records_per_minute=2)
    answer = await sender.send_raw(b"{}", headers={"webhook-signature": "v1,AAAA"}, route=ROUTE)
    assert answer.status_code == 401
    assert (await ask(sender, record(), record("KC2", 2))).status_code == 200
    refused = await ask(sender, record("KC3", 3))
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_a_void_is_checked_as_a_void(stand: Stand) -> None:
    asked = {"record_id": "KC25-000183", "reason": "重复上报"}
    answer = await ask(await stand.platform(), asked, change="voided")
    assert answer.json()["results"] == [{"record_id": "KC25-000183", "status": "valid"}]
