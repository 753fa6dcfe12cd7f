"""Grants: the whole matrix of role × region × level × industry × action, and how grants are given and end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid5

import pytest
import pytest_asyncio

from tests.integration.verification.desk import OPERATOR, PLATFORM, START, Desk, officer, registered

pytestmark = pytest.mark.asyncio(loop_scope="session")

TODAY = date(2025, 6, 3)
REASON = {"code": "OTHER", "text": "测试"}
_GRANTS = UUID("9a000000-0000-4000-8000-000000000000")


@dataclass(frozen=True)
class Case:
    """One officer with one grant at the building authority of Luojiang (350504, county, industry 5)."""

    role: str
    region: str = "350504"
    level: str = "county"
    industry: int = 0
    authority: str = "builders"
    valid_from: date = TODAY
    valid_to: date | None = None
    revoked: bool = False

    @property
    def name(self) -> str:
        """The officer's id, which tells the case."""
        return (
            f"{self.role}.{self.region}.{self.level}.{self.industry}.{self.authority}.{self.valid_from}"
            f".{self.valid_to}.{self.revoked}"
        )

    @property
    def id(self) -> UUID:
        """The grant's id."""
        return uuid5(_GRANTS, self.name)

    @property
    def record(self) -> str:
        """A record for this case alone: what one officer has refused stays so for the next."""
        return f"own-{self.id}"

    def allows(self, role: str) -> bool:
        """Tell what must hold, written down a second time: everything fits and the grant is in force today."""
        return (
            self.role == role
            and self.region == "350504"
            and self.level == "county"
            and self.industry in {0, 5}
            and self.authority == "builders"
            and self.valid_from <= TODAY
            and (self.valid_to is None or self.valid_to >= TODAY)
            and not self.revoked
        )


def _cases() -> list[Case]:
    dimensions = product(
        ("reviewer", "administrator"), ("350504", "350505", "350128"), ("county", "city", "province"), (0, 5, 6)
    )
    cases = [Case(*each) for each in dimensions]
    for role in ("reviewer", "administrator"):
        cases += [
            Case(role, authority="hrss"),
            Case(role, valid_from=TODAY + timedelta(days=1)),
            Case(role, valid_from=TODAY - timedelta(days=9), valid_to=TODAY - timedelta(days=1)),
            Case(role, valid_from=TODAY - timedelta(days=9), valid_to=TODAY),
            Case(role, revoked=True),
        ]
    return cases


CASES = _cases()


async def _list(desk: Desk, case: Case) -> bool:
    url = "/v1/authorities/builders/queue"
    answer = await desk.http.get(url, headers=officer(case.name), params={"limit": 1})
    return answer.status_code == 200 and bool(answer.json()["items"])


async def _count(desk: Desk, case: Case) -> bool:
    answer = await desk.http.get("/v1/authorities/builders/queue/counts", headers=officer(case.name))
    return answer.status_code == 200 and answer.json()["waiting"] > 0


async def _read(desk: Desk, case: Case) -> bool:
    answer = await desk.http.get(f"/v1/items/{PLATFORM}/shared/1", headers=officer(case.name))
    return _yes_or_no(answer.status_code, answer.json())


async def _claim(desk: Desk, case: Case) -> bool:
    answer = await desk.claim(case.name, "shared")
    # Undone at once, for the next case.
    async with desk.db.transaction() as tx:
        await tx.sql.execute("UPDATE item SET claimed_by = NULL, claimed_until = NULL")
    return _yes_or_no(answer.status_code, answer.json())


async def _release(desk: Desk, case: Case) -> bool:
    answer = await desk.http.delete(f"/v1/items/{PLATFORM}/shared/1/claim", headers=officer(case.name))
    return answer.status_code == 204


async def _approve(desk: Desk, case: Case) -> bool:
    await desk.hear(registered(case.record))
    answer = await desk.decide(case.name, case.record)
    return _yes_or_no(answer.status_code, answer.json())


async def _return(desk: Desk, case: Case) -> bool:
    await desk.hear(registered(case.record))
    answer = await desk.decide(case.name, case.record, "returned", reason=REASON)
    return _yes_or_no(answer.status_code, answer.json())


async def _bulk(desk: Desk, case: Case) -> bool:
    await desk.hear(registered(case.record))
    body = {"decisions": [{"platform": PLATFORM, "record_id": case.record, "version": 1, "outcome": "stamped"}]}
    [result] = (await desk.http.post("/v1/decisions", json=body, headers=officer(case.name))).json()["results"]
    assert result["code"] in {None, "NOT_GRANTED"}
    return bool(result["status"] == "done")


async def _withdraw(desk: Desk, case: Case) -> bool:
    await desk.hear(registered(case.record, registered_by="automatic"))
    url = f"/v1/stamps/{PLATFORM}/{case.record}/1/withdrawal"
    answer = await desk.http.post(url, json={"reason": REASON}, headers=officer(case.name))
    return _yes_or_no(answer.status_code, answer.json())


async def _set_unable(desk: Desk, case: Case) -> bool:
    url = "/v1/authorities/builders/unable"
    answer = await desk.http.put(url, json={"reason": "x"}, headers=officer(case.name))
    await desk.http.delete(url, headers=OPERATOR)
    return _yes_or_no(answer.status_code, answer.json())


async def _clear_unable(desk: Desk, case: Case) -> bool:
    answer = await desk.http.delete("/v1/authorities/builders/unable", headers=officer(case.name))
    return _yes_or_no(answer.status_code, answer.json())


async def _give(desk: Desk, case: Case) -> bool:
    body = {"officer": f"new.{case.id}", "officer_name": "新", "role": "reviewer", "industry": 5}
    url = "/v1/authorities/builders/grants"
    answer = await desk.http.post(url, json=body, headers=officer(case.name))
    assert answer.status_code in {201, 403}
    return answer.status_code == 201


async def _revoke(desk: Desk, case: Case) -> bool:
    grant = await desk.grant("builders", f"victim.{case.id}")
    url = f"/v1/authorities/builders/grants/{grant}"
    return (await desk.http.delete(url, headers=officer(case.name))).status_code == 204


async def _list_grants(desk: Desk, case: Case) -> bool:
    answer = await desk.http.get("/v1/authorities/builders/grants", headers=officer(case.name))
    return _yes_or_no(answer.status_code, answer.json())


async def _list_changes(desk: Desk, case: Case) -> bool:
    answer = await desk.http.get("/v1/authorities/builders/changes", headers=officer(case.name))
    return _yes_or_no(answer.status_code, answer.json())


def _yes_or_no(status: int, body: dict[str, Any]) -> bool:
    assert status in {200, 403}, body
    assert status == 200 or body["code"] == "NOT_GRANTED", body
    return status == 200


_REVIEWS = (_list, _count, _read, _claim, _approve, _return, _bulk, _withdraw)
_ADMINISTERS = (_set_unable, _clear_unable, _give, _revoke, _list_grants, _list_changes)
_EITHER = (_release,)

ACTIONS = (
    *((act, ("reviewer",)) for act in _REVIEWS),
    *((act, ("administrator",)) for act in _ADMINISTERS),
    *((act, ("reviewer", "administrator")) for act in _EITHER),
)


@pytest_asyncio.fixture(loop_scope="session")
async def staffed(desk: Desk) -> Desk:
    """Give a desk with an officer for each case; the grants are written as rows, also those no one could give."""
    async with desk.db.transaction() as tx:
        await tx.sql.executemany(
            "INSERT INTO officer_grant (id, officer, officer_name, role, authority_id, region, level, industry,"
            " valid_from, valid_to, granted_by, granted_at, revoked_at)"
            " VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, 'test', $10, $11)",
            [
                (
                    case.id,
                    case.name,
                    case.role,
                    case.authority,
                    case.region,
                    case.level,
                    case.industry,
                    case.valid_from,
                    case.valid_to,
                    START,
                    START if case.revoked else None,
                )
                for case in CASES
            ],
        )
    await desk.hear(registered("shared"))
    return desk


@pytest.mark.parametrize(("act", "roles"), ACTIONS, ids=lambda each: getattr(each, "__name__", "")[1:] or None)
async def test_the_matrix(staffed: Desk, act: Callable[[Desk, Case], Awaitable[bool]], roles: tuple[str, ...]) -> None:
    wrong = [case.name for case in CASES if await act(staffed, case) != any(case.allows(role) for role in roles)]
    assert wrong == []


async def test_the_matrix_has_both_sides() -> None:
    for role in ("reviewer", "administrator"):
        assert sum(case.allows(role) for case in CASES) == 3
    assert len(CASES) == 2 * 3 * 3 * 3 + 10
    assert replace(CASES[0], role="administrator") in CASES


async def test_a_revoked_grant_ends_at_once(desk: Desk) -> None:
    grant = await desk.grant("builders", "zhao")
    await desk.hear(registered("r"))
    assert await desk.queue("zhao", "builders") == ["r"]
    url = f"/v1/authorities/builders/grants/{grant}"
    assert (await desk.http.delete(url, headers=OPERATOR)).status_code == 204
    assert (await desk.decide("zhao", "r")).json()["code"] == "NOT_GRANTED"
    assert (await desk.http.delete(url, headers=OPERATOR)).status_code == 404


async def test_a_grant_ends_with_its_last_day_in_china(desk: Desk) -> None:
    await desk.grant("builders", "zhao", valid_to="2025-06-03")
    await desk.hear(registered("r"))
    desk.clock.set(START.replace(hour=15, minute=59))
    assert (await desk.claim("zhao", "r")).status_code == 200
    desk.clock.set(START.replace(hour=16))
    assert (await desk.claim("zhao", "r")).json()["code"] == "NOT_GRANTED"


async def test_the_same_grant_twice_is_refused_but_may_follow(desk: Desk) -> None:
    await desk.grant("builders", "zhao", valid_to="2025-06-30")
    body = {"officer": "zhao", "officer_name": "赵", "role": "reviewer"}
    url = "/v1/authorities/builders/grants"
    again = await desk.http.post(url, json=body, headers=OPERATOR)
    assert (again.status_code, again.json()["code"]) == (409, "GRANT_EXISTS")
    after = await desk.http.post(url, json=body | {"valid_from": "2025-07-01"}, headers=OPERATOR)
    assert after.status_code == 201


async def test_a_grant_reaches_no_further_than_the_authority_and_its_giver(desk: Desk) -> None:
    await desk.grant("hrss", "boss", "administrator", industry=5)
    url = "/v1/authorities/hrss/grants"
    body = {"officer": "zhao", "officer_name": "赵", "role": "reviewer"}

    async def give(headers: dict[str, str], **more: object) -> tuple[int, str | None]:
        answer = await desk.http.post(url, json=body | more, headers=headers)
        return answer.status_code, answer.json().get("code")

    assert await give(OPERATOR, region="350500") == (403, "GRANT_TOO_WIDE")
    assert await give(OPERATOR, region="350128") == (403, "GRANT_TOO_WIDE")
    assert await give(OPERATOR, region="999") == (422, "REQUEST_INVALID")
    assert await give(officer("boss"), industry=6) == (403, "GRANT_TOO_WIDE")
    assert await give(officer("boss")) == (403, "GRANT_TOO_WIDE")
    assert await give(officer("boss"), officer="boss", industry=5) == (403, "OWN_GRANT")
    assert await give(officer("lin"), industry=5) == (403, "NOT_GRANTED")
    assert await give(officer("boss"), industry=5) == (201, None)
    at_builders = await desk.http.post("/v1/authorities/builders/grants", json=body | {"industry": 6}, headers=OPERATOR)
    assert at_builders.json()["code"] == "GRANT_TOO_WIDE"


async def test_a_grant_never_shows_the_officers_document(desk: Desk) -> None:
    number = "359900199003070011"
    await desk.grant("hrss", "zhao", person={"id_type": "resident_id", "id_number": number})
    listed = await desk.http.get("/v1/authorities/hrss/grants", headers=OPERATOR)
    log = await desk.http.get("/v1/authorities/hrss/changes", headers=OPERATOR)
    assert {each["officer"]: each["knows_person"] for each in listed.json()["items"]} == {"lin": False, "zhao": True}
    for text in (listed.text, log.text):
        assert number not in text
        assert "person_key" not in text


async def test_a_wrong_document_is_refused_without_repeating_it(desk: Desk) -> None:
    body = {
        "officer": "zhao",
        "officer_name": "赵",
        "role": "reviewer",
        "person": {"id_type": "resident_id", "id_number": "359900199003070012"},
    }
    answer = await desk.http.post("/v1/authorities/hrss/grants", json=body, headers=OPERATOR)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "ID_NUMBER_INVALID"
    assert "359900199003070012" not in answer.text


async def test_who_changed_what_is_logged(desk: Desk) -> None:
    await desk.grant("builders", "boss", "administrator")
    await desk.http.put("/v1/authorities/builders/unable", json={"reason": "缺人"}, headers=officer("boss"))
    log = (await desk.http.get("/v1/authorities/builders/changes", headers=OPERATOR)).json()["items"]
    assert [(each["actor_kind"], each["actor"], each["action"]) for each in log] == [
        ("operator", "ops", "entered"),
        ("operator", "ops", "granted"),
        ("operator", "ops", "granted"),
        ("officer", "boss", "unable"),
    ]
    assert log[-1]["detail"]["reason"] == "缺人"


async def test_an_authority_that_changes_level_needs_new_grants(desk: Desk) -> None:
    await desk.hear(registered("r"))
    async with desk.db.transaction() as tx:
        await tx.sql.execute("UPDATE authority SET level = 'city' WHERE id = 'builders'")
    assert (await desk.decide("wu", "r")).json()["code"] == "NOT_GRANTED"


@pytest.mark.parametrize(
    "wrong",
    [
        {"industry": 0},
        {"industry": 21},
        {"industry": "5"},
        {"industry": True},
        {"valid_from": 1748908800},
        {"valid_from": "2025-06-03T00:00:00"},
        {"valid_to": "2025-06-02"},
        {"role": "owner"},
        {"officer": "a b"},
        {"officer_name": ""},
        {"officer_name": "359900199003070011"},
        {"extra": 1},
    ],
)
async def test_a_grant_takes_what_its_schema_says(desk: Desk, wrong: dict[str, object]) -> None:
    body = {"officer": "zhao", "officer_name": "赵", "role": "reviewer"}
    url = "/v1/authorities/hrss/grants"
    assert (await desk.http.post(url, json=body | wrong, headers=OPERATOR)).status_code == 422
    assert (await desk.http.post(url, json=body | {"industry": 5.0}, headers=OPERATOR)).status_code == 201
