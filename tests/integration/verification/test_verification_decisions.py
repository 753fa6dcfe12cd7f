"""What officers decide, and what is refused."""

import asyncio
import csv
import io
from datetime import timedelta

import asyncpg
import pytest

from tests.integration.verification.desk import (
    HRSS,
    JUDGED_BY,
    OPERATOR,
    PERSONS,
    PLATFORM,
    START,
    Desk,
    bearer,
    became,
    codes,
    officer,
    registered,
)
from xueshi.registry.v1.hours_pb2 import HoursChange
from xueshi_cli.runtime.provision import Provisioned

pytestmark = pytest.mark.asyncio(loop_scope="session")

REASON = {"code": "CONTENT_UNRELATED", "text": "课程与所报专业不符"}
WITHDRAWAL = {"reason": {"code": "SPOT_CHECK_FAILED", "text": "抽查无签到"}}
MINE = {"id_type": "resident_id", "id_number": "359900199003070011"}


async def _withdraw(desk: Desk, name: str, record_id: str, version: int = 1) -> tuple[int, str]:
    answer = await desk.http.post(
        f"/v1/stamps/{PLATFORM}/{record_id}/{version}/withdrawal", json=WITHDRAWAL, headers=officer(name)
    )
    return answer.status_code, answer.json().get("code", answer.json().get("outcome"))


async def test_an_approval_is_told_stored_and_shown(desk: Desk) -> None:
    await desk.hear(registered("r"))
    await desk.told()
    answer = await desk.decide("wu", "r")
    assert answer.status_code == 200
    [told] = await desk.told()
    assert (told.outcome, told.authority, told.officer, told.version) == ("stamped", "builders", "wu", 1)
    assert list(told.rule_ids) == ["FJ-08"]
    assert told.decided_at_ms == START.timestamp() * 1000
    assert (told.rulebook, told.registered_rulebook) == (desk.office.rulebook, JUDGED_BY)
    trail = await desk.http.get(f"/v1/records/{PLATFORM}/r/decisions", headers=officer("wu"))
    [logged] = trail.json()["items"]
    assert (logged["officer"], logged["rulebook"]) == ("wu", desk.office.rulebook)
    clauses = desk.office.routing.rulebook.clauses(["FJ-08"])
    assert answer.json()["clauses"] == logged["clauses"] == list(clauses.values())
    assert desk.clauses == {desk.office.rulebook: clauses}
    assert logged["registered_rulebook"] == JUDGED_BY
    assert logged["decided_at"] == "2025-06-03T09:00:00+08:00"
    assert await desk.queue("wu", "builders") == []


async def test_a_return_tells_its_reason(desk: Desk) -> None:
    await desk.hear(registered("r"))
    await desk.told()
    assert (await desk.decide("wu", "r", "returned", reason=REASON)).status_code == 200
    [told] = await desk.told()
    assert (told.outcome, told.reason_code, told.reason) == ("returned", REASON["code"], REASON["text"])


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("returned", None),
        ("stamped", REASON),
        ("returned", REASON | {"text": ""}),
        ("returned", REASON | {"text": "长" * 501}),
        ("returned", REASON | {"code": "BECAUSE"}),
        ("returned", REASON | {"text": "证件号 359900199003070011 有误"}),
        ("revoked", REASON),
    ],
)
async def test_a_decision_without_a_proper_reason_is_refused(desk: Desk, outcome: str, reason: object) -> None:
    await desk.hear(registered("r"))
    answer = await desk.decide("wu", "r", outcome, reason=reason)
    assert answer.status_code == 422
    assert "359900199003070011" not in answer.text
    assert await desk.states() == {"r": "waiting"}


@pytest.mark.parametrize("length", [1, 500])
async def test_a_reason_may_have_1_to_500_characters(desk: Desk, length: int) -> None:
    await desk.hear(registered("r"))
    assert (await desk.decide("wu", "r", "returned", reason=REASON | {"text": "长" * length})).status_code == 200


async def test_a_decision_on_an_older_version_changes_nothing(desk: Desk) -> None:
    await desk.hear(registered("r"))
    await desk.hear(registered("r", 2))
    await desk.told()
    answer = await desk.decide("wu", "r", version=1)
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (409, "STALE_VERSION", 2)
    assert await desk.told() == []
    assert await desk.states() == {"r": "waiting"}


async def test_a_version_that_is_not_there_yet_is_not_found(desk: Desk) -> None:
    await desk.hear(registered("r"))
    assert (await desk.decide("wu", "r", version=2)).status_code == 404
    assert (await desk.decide("wu", "other")).status_code == 404


async def test_a_correction_that_commits_first_refuses_the_approval_in_flight(desk: Desk) -> None:
    await desk.hear(registered("r"))
    await desk.told()
    async with desk.db.transaction() as tx:
        await tx.sql.execute("SELECT 1 FROM item WHERE record_id = 'r' FOR UPDATE")
        approval = asyncio.create_task(desk.decide("wu", "r", version=1))
        await asyncio.sleep(0.2)
        assert not approval.done()
        await tx.sql.execute("UPDATE item SET version = 2 WHERE record_id = 'r'")
    answer = await approval
    assert (answer.status_code, answer.json()["code"]) == (409, "STALE_VERSION")
    assert await desk.told() == []


@pytest.mark.parametrize("attempt", range(4))
async def test_a_crossing_correction_is_never_decided_by_the_older_approval(desk: Desk, attempt: int) -> None:
    record_id = f"r{attempt}"
    await desk.hear(registered(record_id))
    await desk.told()
    answer, _ = await asyncio.gather(
        desk.decide("wu", record_id, version=1), desk.hear(registered(record_id, 2, industry=6))
    )
    told = await desk.told()
    assert [each.version for each in told if each.outcome == "stamped"] in ([], [1])
    assert answer.status_code == (200 if told[0].outcome == "stamped" else 409)
    assert (told[-1].outcome, told[-1].version, told[-1].authority) == ("queued", 2, "hrss")
    assert await desk.states() == {record_id: "waiting"}


async def test_of_two_officers_at_once_exactly_one_decides(desk: Desk) -> None:
    await desk.grant("builders", "zhao")
    await desk.hear(*(registered(f"r{n}") for n in range(10)))
    await desk.told()
    answers = await asyncio.gather(
        *(desk.decide(name, f"r{n}", outcome, reason=reason) for n in range(10) for name, outcome, reason in _BOTH)
    )
    for first, second in zip(answers[::2], answers[1::2], strict=True):
        assert sorted([first.status_code, second.status_code]) == [200, 409]
        assert {first.json().get("code"), second.json().get("code")} == {None, "DECIDED"}
    assert len(await desk.told()) == 10


_BOTH = (("wu", "stamped", None), ("zhao", "returned", REASON))


async def test_bulk_decisions_in_opposite_orders_do_not_block_each_other(desk: Desk) -> None:
    await desk.grant("builders", "zhao")
    ids = [f"r{n:02}" for n in range(40)]
    await desk.hear(*(registered(each) for each in ids))
    one, other = await asyncio.gather(_bulk(desk, "wu", ids), _bulk(desk, "zhao", list(reversed(ids))))
    assert (one["done"], other["done"]) in {(40, 0), (0, 40)}


async def test_the_consumer_locks_items_in_the_order_of_their_keys(desk: Desk) -> None:
    """Whoever locks otherwise blocks, and is blocked by, officers who decide many at once."""
    await desk.hear(registered("r0"), registered("r1"))
    async with desk.db.transaction() as tx:
        await tx.sql.execute("SELECT 1 FROM item WHERE record_id = 'r1' FOR UPDATE")
        hearing = asyncio.create_task(desk.hear(registered("r1", 2), registered("r0", 2)))
        await asyncio.sleep(0.2)
        free = await tx.sql.fetch("SELECT record_id FROM item FOR UPDATE SKIP LOCKED")
        assert [row["record_id"] for row in free] == ["r1"]
    await hearing


async def _bulk(desk: Desk, name: str, ids: list[str]) -> dict[str, int]:
    body = {
        "decisions": [{"platform": PLATFORM, "record_id": each, "version": 1, "outcome": "stamped"} for each in ids]
    }
    answer = await desk.http.post("/v1/decisions", json=body, headers=officer(name))
    assert answer.status_code == 200, answer.text
    shown: dict[str, int] = answer.json()
    return shown


async def test_bulk_decisions_have_a_result_each_and_are_never_all_or_nothing(desk: Desk) -> None:
    await desk.grant("builders", "zhao", person=MINE)
    await desk.hear(
        registered("good"), registered("stale"), registered("held"), registered("claimed"), registered("done"),
        registered("returned"), registered("foreign", subject_kind="public"), registered("twice"),
    )  # fmt: skip
    await desk.hear(registered("stale", 2), became("held", "held"))
    await desk.hear(_own("own"))
    await desk.claim("wu", "claimed")
    await desk.decide("wu", "done")
    await desk.told()
    outcomes = {"returned": "returned"}
    ids = ["good", "stale", "held", "claimed", "done", "returned", "foreign", "missing", "own", "twice", "twice"]
    body = {
        "decisions": [
            {"platform": PLATFORM, "record_id": each, "version": 1, "outcome": outcomes.get(each, "stamped")}
            | ({"reason": REASON} if each in outcomes else {})
            for each in ids
        ]
    }
    answer = (await desk.http.post("/v1/decisions", json=body, headers=officer("zhao"))).json()
    assert [each["record_id"] for each in answer["results"]] == ids
    assert codes(answer["results"][:-1]) == {
        "good": "done",
        "stale": "STALE_VERSION",
        "held": "NOT_WAITING",
        "claimed": "CLAIMED",
        "done": "DECIDED",
        "returned": "done",
        "foreign": "NOT_GRANTED",
        "missing": "NOT_FOUND",
        "own": "OWN_RECORD",
        "twice": "done",
    }
    assert answer["results"][-1]["code"] == "DECIDED"
    assert answer["results"][-1]["message"]["zh"]
    assert (answer["done"], answer["refused"]) == (3, 8)
    assert {each.record_id for each in await desk.told()} == {"good", "returned", "twice"}


def _own(record_id: str, registered_by: str = "submitted") -> HoursChange:
    change = registered(record_id, registered_by=registered_by)
    change.person_key = PERSONS.key_of(MINE["id_type"], MINE["id_number"]).bytes
    return change


@pytest.mark.parametrize(("count", "status"), [(0, 422), (500, 200), (501, 422)])
async def test_bulk_decisions_are_1_to_500(desk: Desk, count: int, status: int) -> None:
    body = {
        "decisions": [
            {"platform": PLATFORM, "record_id": f"r{n}", "version": 1, "outcome": "stamped"} for n in range(count)
        ]
    }
    answer = await desk.http.post("/v1/decisions", json=body, headers=officer("wu"))
    assert answer.status_code == status


async def test_nobody_decides_on_a_record_of_their_own_even_by_an_ended_grant(desk: Desk) -> None:
    grant = await desk.grant("hrss", "wu", person=MINE)
    await desk.http.delete(f"/v1/authorities/hrss/grants/{grant}", headers=OPERATOR)
    await desk.hear(_own("own"), registered("other"))
    for answer in (await desk.decide("wu", "own"), await desk.claim("wu", "own")):
        assert (answer.status_code, answer.json()["code"]) == (403, "OWN_RECORD")
    assert (await desk.decide("wu", "other")).status_code == 200


async def test_nobody_withdraws_a_stamp_of_their_own(desk: Desk) -> None:
    await desk.grant("hrss", "wu", person=MINE)
    await desk.hear(_own("own", registered_by="automatic"))
    assert await _withdraw(desk, "wu", "own") == (403, "OWN_RECORD")


@pytest.mark.parametrize("registered_by", ["submitted", "automatic"])
async def test_a_stamp_can_be_withdrawn_once(desk: Desk, registered_by: str) -> None:
    await desk.hear(registered("r", registered_by=registered_by))
    if registered_by == "submitted":
        assert await _withdraw(desk, "wu", "r") == (409, "NOT_STAMPED")
        await desk.decide("wu", "r")
    await desk.told()
    assert await _withdraw(desk, "lin", "r") == (403, "NOT_GRANTED")
    assert await _withdraw(desk, "wu", "r") == (200, "revoked")
    [told] = await desk.told()
    assert (told.outcome, told.officer, told.reason_code) == ("revoked", "wu", "SPOT_CHECK_FAILED")
    assert list(told.rule_ids) == ["FJ-10"]
    assert await _withdraw(desk, "wu", "r") == (409, "NOT_STAMPED")


async def test_a_withdrawal_names_the_newest_version(desk: Desk) -> None:
    await desk.hear(registered("r", registered_by="automatic"))
    await desk.hear(registered("r", 2, registered_by="automatic"))
    assert await _withdraw(desk, "wu", "r", 1) == (409, "STALE_VERSION")
    assert await _withdraw(desk, "wu", "r", 2) == (200, "revoked")


async def test_a_void_ends_what_was_stamped(desk: Desk) -> None:
    await desk.hear(registered("r", registered_by="automatic"))
    await desk.hear(became("voided", "r", 2))
    assert await _withdraw(desk, "wu", "r", 2) == (409, "NOT_STAMPED")


async def test_a_claim_keeps_others_off_until_it_lapses(desk: Desk) -> None:
    await desk.grant("builders", "zhao")
    await desk.hear(registered("r"))
    claimed = await desk.claim("wu", "r")
    assert claimed.json()["claim"] == {"officer": "wu", "is_mine": True, "until": "2025-06-03T09:30:00+08:00"}
    assert await desk.queue("wu", "builders", claim="mine") == ["r"]
    assert await desk.queue("zhao", "builders", claim="unclaimed") == []

    desk.clock.set(START + timedelta(minutes=30) - timedelta(seconds=1))
    for answer in (await desk.claim("zhao", "r"), await desk.decide("zhao", "r")):
        assert (answer.status_code, answer.json()["code"]) == (409, "CLAIMED")
        assert answer.json()["claimed_until"] == "2025-06-03T09:30:00+08:00"

    desk.clock.set(START + timedelta(minutes=30))
    assert await desk.queue("zhao", "builders", claim="unclaimed") == ["r"]
    assert (await desk.claim("zhao", "r")).status_code == 200
    assert (await desk.decide("wu", "r")).json()["code"] == "CLAIMED"
    assert (await desk.decide("zhao", "r")).status_code == 200


async def test_a_claim_starts_anew_when_its_holder_claims_again(desk: Desk) -> None:
    await desk.hear(registered("r"))
    await desk.claim("wu", "r")
    desk.clock.set(START + timedelta(minutes=20))
    assert (await desk.claim("wu", "r")).json()["claim"]["until"] == "2025-06-03T09:50:00+08:00"


async def test_a_claim_is_released_by_its_holder_or_an_administrator(desk: Desk) -> None:
    await desk.grant("builders", "zhao")
    await desk.grant("builders", "boss", "administrator")
    await desk.hear(registered("r"))
    url = f"/v1/items/{PLATFORM}/r/1/claim"
    await desk.claim("wu", "r")
    assert (await desk.http.delete(url, headers=officer("zhao"))).json()["code"] == "CLAIMED"
    assert (await desk.http.delete(url, headers=officer("wu"))).status_code == 204
    assert (await desk.http.delete(url, headers=officer("wu"))).status_code == 204
    await desk.claim("wu", "r")
    assert (await desk.http.delete(url, headers=officer("boss"))).status_code == 204
    assert (await desk.claim("zhao", "r")).status_code == 200


async def test_a_correction_ends_a_claim(desk: Desk) -> None:
    await desk.grant("builders", "zhao")
    await desk.hear(registered("r"))
    await desk.claim("wu", "r")
    await desk.hear(registered("r", 2))
    assert (await desk.decide("zhao", "r", version=2)).status_code == 200


async def test_decisions_export_by_officer(desk: Desk) -> None:
    await desk.grant("builders", "boss", "administrator")
    await desk.grant("hrss", "wu")
    await desk.hear(*(registered(f"r{n}") for n in range(3)), registered("pub", subject_kind="public"))
    await desk.decide("wu", "r0")
    desk.clock.set(START + timedelta(days=1))
    await desk.decide("wu", "r1", "returned", reason=REASON | {"text": "=1+1"})
    await desk.decide("wu", "pub")
    url = "/v1/officers/wu/decisions"

    async def seen(headers: dict[str, str], **query: object) -> list[str]:
        answer = await desk.http.get(url, params=dict(query), headers=headers)  # type: ignore[arg-type]
        return [each["record_id"] for each in answer.json()["items"]]

    assert await seen(OPERATOR) == ["r0", "r1", "pub"]
    assert await seen(officer("wu")) == ["r0", "r1", "pub"]
    assert await seen(officer("boss")) == ["r0", "r1"]
    assert await seen(officer("lin")) == []
    since = (START + timedelta(hours=1)).isoformat()
    assert await seen(OPERATOR, decided_from=since) == ["r1", "pub"]
    assert await seen(OPERATOR, decided_until=since) == ["r0"]

    answer = await desk.http.get(url, params={"format": "csv", "limit": 2}, headers=OPERATOR)
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["record_id"], row["outcome"], row["reason"]) for row in rows] == [
        ("r0", "stamped", ""),
        ("r1", "returned", "'=1+1"),
    ]
    assert rows[0]["clauses"] == desk.office.routing.rulebook.rule("FJ-08").citation
    assert await seen(OPERATOR, cursor=answer.headers["x-next-cursor"]) == ["pub"]


async def test_the_trail_of_a_record_is_for_its_authority_and_operators(desk: Desk) -> None:
    await desk.hear(registered("r"))
    url = f"/v1/records/{PLATFORM}/r/decisions"
    assert (await desk.http.get(url, headers=officer("wu"))).status_code == 200
    assert (await desk.http.get(url, headers=OPERATOR)).status_code == 200
    assert (await desk.http.get(url, headers=officer("lin"))).json()["code"] == "NOT_GRANTED"


async def test_decisions_and_the_log_of_changes_cannot_be_altered(
    desk: Desk, verification_database: Provisioned
) -> None:
    await desk.hear(registered("r", registered_by="automatic"))
    connection = await asyncpg.connect(verification_database.app_dsn)
    try:
        for table in ("decision", "admin_log"):
            for act in ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(act.format(table))
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (bearer("officer", "wu", "other.scope"), 403),
        (bearer("client", "wu", "verification.decide"), 403),
        (OPERATOR, 403),
    ],
)
async def test_only_officers_decide(desk: Desk, headers: dict[str, str], status: int) -> None:
    await desk.hear(registered("r"))
    url = f"/v1/items/{PLATFORM}/r/1/decision"
    assert (await desk.http.post(url, json={"outcome": "stamped"}, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("method", "url"),
    [("PUT", "/v1/authorities/new"), ("DELETE", "/v1/authorities/hrss"), ("GET", "/v1/unrouted")],
)
async def test_only_operators_enter_and_close_authorities(desk: Desk, method: str, url: str) -> None:
    await desk.grant("hrss", "boss", "administrator")
    answer = await desk.http.request(method, url, json=HRSS if method == "PUT" else None, headers=officer("boss"))
    assert answer.status_code == 403
