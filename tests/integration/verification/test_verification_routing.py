"""Where records go: FJ-08, FJ-09, FJ-26, and what happens when authorities change."""

import asyncio
from datetime import date

import pytest

from tests.integration.verification.desk import BUILDERS, HRSS, JUDGED_BY, OPERATOR, Desk, became, officer, registered
from xueshi.registry.v1.hours_pb2 import HoursChange, HoursChanged
from xueshi_verification.domain.model import AuthorityId
from xueshi_verification.handlers.arrivals import take_changes
from xueshi_verification.handlers.authorities import Actor, set_unable
from xueshi_verification.wire.events import read_changes

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUANZHOU = {"name": "泉州市人社局", "kind": "hrss", "region": "350500", "level": "city"}
PINGTAN = {"name": "平潭党群工作部", "kind": "hrss", "region": "350128", "level": "city"}
FUZHOU = {"name": "福州市人社局", "kind": "hrss", "region": "350100", "level": "city"}


def _of_shaoguan(record_id: str, version: int = 1, industry: int = 5) -> HoursChange:
    return registered(record_id, version, jurisdiction="shaoguan", region="440204", industry=industry)


async def _set_unable(desk: Desk) -> int:
    answer = await desk.http.put("/v1/authorities/builders/unable", json={"reason": "暂无专人"}, headers=OPERATOR)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["moved"])


async def test_public_goes_to_hrss_and_professional_to_the_industry_body(desk: Desk) -> None:
    await desk.hear(registered("pub", subject_kind="public"), registered("pro"))
    assert await desk.outcomes() == {"pub": ("queued", "hrss"), "pro": ("queued", "builders")}


async def test_without_an_industry_body_professional_goes_to_hrss_of_the_same_level(desk: Desk) -> None:
    await desk.authority("quanzhou", QUANZHOU)
    await desk.hear(registered("r", industry=6))
    [told] = await desk.told()
    assert (told.outcome, told.authority, told.authority_name) == ("queued", "hrss", "洛江区人社局")
    assert list(told.rule_ids) == ["FJ-08"]


async def test_automatic_registration_is_stamped_at_once_in_the_name_of_the_routed_authority(desk: Desk) -> None:
    await desk.hear(registered("r", registered_by="automatic"))
    [told] = await desk.told()
    assert (told.outcome, told.authority, told.officer) == ("stamped", "builders", "")
    assert list(told.rule_ids) == ["FJ-08", "FJ-09"]
    assert desk.clauses == {desk.office.rulebook: desk.office.routing.rulebook.clauses(told.rule_ids)}
    assert (told.rulebook, told.registered_rulebook) == (desk.office.rulebook, JUDGED_BY)
    assert await desk.queue("wu", "builders") == []
    trail = await desk.http.get("/v1/records/haixi/r/decisions", headers=OPERATOR)
    [logged] = trail.json()["items"]
    assert (logged["outcome"], logged["officer"], logged["rules"]) == ("stamped", None, ["FJ-08", "FJ-09"])


async def test_pingtan_stands_at_city_level_and_not_under_fuzhou(empty_desk: Desk) -> None:
    await empty_desk.authority("fuzhou", FUZHOU)
    await empty_desk.hear(registered("r", region="350128", subject_kind="public"))
    assert await empty_desk.outcomes() == {"r": ("queued", "")}
    await empty_desk.authority("pingtan", PINGTAN)
    [told] = await empty_desk.told()
    assert (told.outcome, told.authority) == ("queued", "pingtan")
    assert "FJ-26" in told.rule_ids


async def test_an_authority_at_another_level_than_its_region_is_refused(empty_desk: Desk) -> None:
    body = PINGTAN | {"level": "county"}
    answer = await empty_desk.http.put("/v1/authorities/pingtan", json=body, headers=OPERATOR)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/body/level"


@pytest.mark.parametrize(("registered_by", "outcome"), [("submitted", "queued"), ("automatic", "stamped")])
async def test_what_has_no_authority_waits_for_one_and_is_routed_when_it_appears(
    empty_desk: Desk, registered_by: str, outcome: str
) -> None:
    await empty_desk.hear(registered("r", registered_by=registered_by))
    [told] = await empty_desk.told()
    assert (told.outcome, told.authority, told.reason_code) == ("queued", "", "NO_AUTHORITY")
    seen = await empty_desk.http.get("/v1/unrouted", headers=OPERATOR)
    assert [each["record_id"] for each in seen.json()["items"]] == ["r"]
    await empty_desk.authority("hrss", HRSS)
    assert await empty_desk.outcomes() == {"r": (outcome, "hrss")}
    seen = await empty_desk.http.get("/v1/unrouted", headers=OPERATOR)
    assert seen.json()["items"] == []


async def test_what_the_employer_recognises_waits_for_it_and_is_seen_as_such(empty_desk: Desk) -> None:
    await empty_desk.hear(_of_shaoguan("own"), _of_shaoguan("teacher", industry=16))
    told = {each.record_id: each for each in await empty_desk.told()}
    assert (told["own"].outcome, told["own"].authority, told["own"].reason_code) == ("queued", "", "AWAITS_EMPLOYER")
    assert list(told["own"].rule_ids) == ["SG-04"]
    assert told["teacher"].reason_code == "NO_AUTHORITY"
    listed = (await empty_desk.http.get("/v1/unrouted", headers=OPERATOR)).json()["items"]
    assert {each["record_id"]: each["code"] for each in listed} == {"own": "AWAITS_EMPLOYER", "teacher": "NO_AUTHORITY"}
    assert [(rule["id"], bool(rule["clause"])) for rule in listed[0]["rules"]] == [("SG-04", True)]
    query = {"code": "NO_AUTHORITY"}
    seen = await empty_desk.http.get("/v1/unrouted", params=query, headers=OPERATOR)
    assert [each["record_id"] for each in seen.json()["items"]] == ["teacher"]
    education = {"name": "浈江区教育局", "kind": "industry", "region": "440204", "level": "county", "industries": [16]}
    await empty_desk.authority("education", education)
    await empty_desk.authority("hrss", HRSS | {"region": "440204"})
    assert await empty_desk.outcomes() == {"teacher": ("queued", "education")}
    assert await empty_desk.states() == {"own": "unrouted", "teacher": "waiting"}


async def test_what_the_provincial_system_recognises_stands_although_no_authority_is_entered(empty_desk: Desk) -> None:
    public = registered("r", jurisdiction="shaoguan", region="440204", subject_kind="public", registered_by="automatic")
    await empty_desk.hear(public)
    [told] = await empty_desk.told()
    assert (told.outcome, told.authority, told.reason_code) == ("stamped", "", "")
    assert list(told.rule_ids) == ["SG-03"]
    await empty_desk.authority("hrss", HRSS | {"region": "440204"})
    assert await empty_desk.told() == []
    trail = await empty_desk.http.get("/v1/records/haixi/r/decisions", headers=OPERATOR)
    assert [(each["outcome"], each["authority"]) for each in trail.json()["items"]] == [("stamped", "")]


async def test_an_employer_may_change_and_with_it_whose_act_is_awaited(empty_desk: Desk) -> None:
    await empty_desk.hear(_of_shaoguan("r"))
    await empty_desk.hear(_of_shaoguan("r", 2, industry=17))
    told = await empty_desk.told()
    assert [each.reason_code for each in told] == ["AWAITS_EMPLOYER", "NO_AUTHORITY"]


@pytest.mark.parametrize(
    ("first_on", "authority", "rule_ids"),
    [("2023-05-08", "hrss", ["LJ-10"]), ("2023-05-09", "builders", ["FJ-08"])],
)
async def test_earlier_learning_goes_where_its_own_rules_send_it(
    desk: Desk, first_on: str, authority: str, rule_ids: list[str]
) -> None:
    days = {"first_on": (date.fromisoformat(first_on) - date(1970, 1, 1)).days, "last_on": 19_500}
    await desk.hear(registered("r", jurisdiction="luojiang", **days))
    [told] = await desk.told()
    assert (told.authority, list(told.rule_ids)) == (authority, rule_ids)


async def test_a_jurisdiction_that_this_process_does_not_have_yet_is_said_to_be_unknown(desk: Desk) -> None:
    await desk.hear(registered("r", jurisdiction="atlantis"))
    [told] = await desk.told()
    assert (told.outcome, told.authority, told.reason_code) == ("queued", "", "JURISDICTION_UNKNOWN")


async def test_setting_unable_moves_what_waits_and_clearing_leaves_it(desk: Desk) -> None:
    await desk.hear(registered("a"), registered("b"), registered("pub", subject_kind="public"))
    assert (await desk.claim("wu", "a")).status_code == 200
    await desk.told()
    assert await _set_unable(desk) == 2
    assert await desk.outcomes() == {"a": ("queued", "hrss"), "b": ("queued", "hrss")}
    assert await desk.queue("lin", "hrss", claim="unclaimed") == ["pub", "a", "b"]
    assert (await desk.decide("wu", "a")).json()["code"] == "NOT_GRANTED"

    await desk.hear(registered("during"))
    assert await desk.outcomes() == {"during": ("queued", "hrss")}
    answer = await desk.http.delete("/v1/authorities/builders/unable", headers=OPERATOR)
    assert answer.json()["moved"] == 0
    await desk.hear(registered("after"))
    assert await desk.outcomes() == {"after": ("queued", "builders")}
    assert await desk.queue("lin", "hrss") == ["pub", "a", "b", "during"]


async def test_a_moved_item_has_waited_since_it_first_came(desk: Desk) -> None:
    await desk.hear(registered("a"))
    url = "/v1/items/haixi/a/1"
    before = (await desk.http.get(url, headers=officer("wu"))).json()
    await _set_unable(desk)
    after = (await desk.http.get(url, headers=officer("lin"))).json()
    assert after["waiting_since"] == before["waiting_since"]
    assert (before["is_fallback"], after["is_fallback"]) == (False, True)


async def test_hrss_is_never_unable(desk: Desk) -> None:
    answer = await desk.http.put("/v1/authorities/hrss/unable", json={"reason": "x"}, headers=OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (409, "HRSS_CANNOT_BE_UNABLE")


async def test_closing_an_authority_moves_what_waits_there(desk: Desk) -> None:
    await desk.hear(registered("a"), registered("pub", subject_kind="public"))
    await desk.told()
    assert (await desk.http.delete("/v1/authorities/hrss", headers=OPERATOR)).json()["moved"] == 1
    assert await desk.outcomes() == {"pub": ("queued", "")}
    assert (await desk.http.get("/v1/authorities/hrss", headers=OPERATOR)).status_code == 404


async def test_taking_an_industry_away_moves_what_waits_for_it(desk: Desk) -> None:
    await desk.authority("builders", BUILDERS | {"industries": [5, 7]})
    await desk.hear(registered("five"), registered("seven", industry=7))
    await desk.told()
    await desk.authority("builders", BUILDERS)
    assert await desk.outcomes() == {"seven": ("queued", "hrss")}


async def test_entering_an_authority_again_changes_nothing_and_kind_and_region_are_fixed(desk: Desk) -> None:
    again = await desk.http.put("/v1/authorities/hrss", json=HRSS, headers=OPERATOR)
    assert again.status_code == 200
    moved = await desk.http.put("/v1/authorities/hrss", json=HRSS | {"region": "350503"}, headers=OPERATOR)
    assert (moved.status_code, moved.json()["code"]) == (409, "AUTHORITY_FIXED")
    log = await desk.http.get("/v1/authorities/hrss/changes", headers=OPERATOR)
    assert [each["action"] for each in log.json()["items"]] == ["entered", "granted"]


@pytest.mark.parametrize("state", ["held", "voided"])
async def test_what_is_held_or_voided_leaves_the_queue(desk: Desk, state: str) -> None:
    await desk.hear(registered("r"))
    await desk.hear(became(state, "r"))
    assert await desk.queue("wu", "builders") == []
    answer = await desk.decide("wu", "r")
    assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (409, "NOT_WAITING", state)


async def test_a_released_record_comes_back(desk: Desk) -> None:
    await desk.hear(registered("r"))
    await desk.hear(became("held", "r"))
    await desk.hear(registered("r"))
    assert await desk.queue("wu", "builders") == ["r"]
    assert (await desk.decide("wu", "r")).status_code == 200


async def test_a_change_of_person_is_a_void_there_and_a_new_item_here_in_either_order(desk: Desk) -> None:
    await desk.hear(registered("r", who="old"))
    await desk.hear(registered("r", 2, who="new"))
    await desk.hear(became("voided", "r", 2, who="old"))
    assert await desk.queue("wu", "builders") == ["r"]
    assert (await desk.decide("wu", "r", version=1)).json()["code"] == "STALE_VERSION"
    await desk.told()
    assert (await desk.decide("wu", "r", version=2)).status_code == 200
    [told] = await desk.told()
    assert told.version == 2
    assert told.person_key == registered("r", who="new").person_key


async def test_credited_hours_follow_the_registry(desk: Desk) -> None:
    await desk.hear(registered("r"))
    await desk.hear(became("credited", "r", credited=150))
    shown = (await desk.http.get("/v1/items/haixi/r/1", headers=officer("wu"))).json()
    assert (shown["hours"], shown["credited_hours"]) == ("4.5", "1.5")


async def test_the_echo_of_a_decision_changes_nothing(desk: Desk) -> None:
    await desk.hear(registered("r"), registered("auto", registered_by="automatic"))
    await desk.told()
    await desk.hear(became("queued", "r"), became("stamped", "auto"))
    assert await desk.told() == []
    assert await desk.states() == {"r": "waiting", "auto": "stamped"}


async def test_registered_and_corrected_in_one_batch_is_routed_once(desk: Desk) -> None:
    await desk.hear(registered("r", registered_by="automatic"), registered("r", 2, registered_by="automatic"))
    [told] = await desk.told()
    assert told.version == 2


async def test_what_is_being_placed_while_the_authority_falls_out_moves_too(desk: Desk) -> None:
    async with desk.db.transaction() as tx:
        await take_changes(tx, desk.office, list(read_changes([HoursChanged(changes=[registered("r")])])))
        setting = asyncio.create_task(_set_unable(desk))
        await asyncio.sleep(0.2)
        assert not setting.done()
    assert await setting == 1
    assert await desk.outcomes() == {"r": ("queued", "hrss")}


async def test_what_comes_while_the_authority_falls_out_goes_where_it_then_belongs(desk: Desk) -> None:
    await desk.hear(registered("before"))
    async with desk.db.transaction() as tx:
        actor = Actor("operator", "ops")
        await set_unable(tx, desk.office, actor, AuthorityId("builders"), unable=True, reason="x")
        hearing = asyncio.create_task(desk.hear(registered("during")))
        await asyncio.sleep(0.2)
        assert not hearing.done()
    await hearing
    assert await desk.outcomes() == {"before": ("queued", "hrss"), "during": ("queued", "hrss")}


async def test_a_registered_record_whose_hours_moved_does_not_ask_again(desk: Desk) -> None:
    await desk.hear(registered("r"))
    await desk.claim("wu", "r")
    await desk.told()
    await desk.hear(became("registered", "r", credited=50))
    assert await desk.told() == []
    assert await desk.queue("wu", "builders", claim="mine") == ["r"]


async def test_only_what_enters_a_queue_takes_a_position(desk: Desk) -> None:
    await desk.hear(registered("a"), registered("auto", registered_by="automatic"), registered("b"))
    async with desk.db.transaction() as tx:
        rows = await tx.sql.fetch("SELECT record_id, position FROM item ORDER BY position")
    positions = {row["record_id"]: row["position"] for row in rows}
    assert positions["auto"] == 0
    assert positions["b"] == positions["a"] + 1
