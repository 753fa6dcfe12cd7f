"""Reading queues: filters, paging while others write, counts, and what is shown of a person."""

import asyncio
from datetime import timedelta

import pytest

from tests.integration.verification.desk import OPERATOR, START, Desk, officer, registered
from xueshi_rulebook import load_rulebook

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_filters_narrow_the_queue(desk: Desk) -> None:
    await desk.grant("builders", "zhao")
    later = START + timedelta(hours=2)
    await desk.hear(
        registered("plain"),
        registered("visit", learning_form="practice"),
        registered("late", at=later),
        registered("title", course_title="BIM 100%_应用"),
        registered("firm", employer="91350504M000100Y4X"),
    )
    await desk.claim("wu", "plain")
    await desk.claim("zhao", "visit")

    async def seen(**query: object) -> list[str]:
        return await desk.queue("wu", "builders", **query)

    assert await seen() == ["plain", "visit", "late", "title", "firm"]
    assert await seen(learning_form="practice") == ["visit"]
    assert await seen(subject_kind="public") == []
    assert await seen(industry=5) == ["plain", "visit", "late", "title", "firm"]
    assert await seen(industry=6) == []
    assert await seen(employer="91350504M000100Y4X") == ["firm"]
    assert await seen(waiting_from=later.isoformat()) == ["late"]
    assert await seen(waiting_until=later.isoformat()) == ["plain", "visit", "title", "firm"]
    assert await seen(claim="mine") == ["plain"]
    assert await seen(claim="unclaimed") == ["late", "title", "firm"]
    assert await seen(search="bim") == ["title"]
    assert await seen(search="100%_") == ["title"]
    assert await seen(search="1%应") == []
    assert await seen(search="混凝土", learning_form="practice") == ["visit"]


async def test_counts_are_by_kind_and_form(desk: Desk) -> None:
    await desk.grant("builders", "zhao")
    await desk.hear(
        registered("a"), registered("b", at=START - timedelta(days=1)), registered("c", learning_form="practice")
    )
    await desk.claim("wu", "a")
    await desk.claim("zhao", "b")
    counts = (await desk.http.get("/v1/authorities/builders/queue/counts", headers=officer("wu"))).json()
    assert (counts["waiting"], counts["unclaimed"], counts["mine"]) == (3, 1, 1)
    assert counts["items"][0] == {
        "subject_kind": "professional",
        "learning_form": "conference",
        "waiting": 2,
        "unclaimed": 0,
        "mine": 1,
        "oldest": "2025-06-02T09:00:00+08:00",
    }


async def test_a_reader_among_writers_skips_and_repeats_nothing(desk: Desk) -> None:
    writers, each_writes = 4, 15

    async def write(writer: int) -> None:
        for n in range(each_writes):
            await desk.hear(registered(f"w{writer}-{n}"))

    async def read() -> list[str]:
        seen: list[str] = []
        cursor: str | None = None
        while len(seen) < writers * each_writes:
            query = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
            answer = await desk.http.get("/v1/authorities/builders/queue", params=query, headers=officer("wu"))
            page = answer.json()
            seen += [each["record_id"] for each in page["items"]]
            cursor = page["next_cursor"] or cursor
        return seen

    async with asyncio.timeout(60):
        writing = asyncio.gather(*(write(writer) for writer in range(writers)))
        seen = await read()
        await writing
    assert sorted(seen) == sorted(f"w{writer}-{n}" for writer in range(writers) for n in range(each_writes))


async def test_pages_follow_one_another(desk: Desk) -> None:
    await desk.hear(*(registered(f"r{n}") for n in range(5)))
    url = "/v1/authorities/builders/queue"
    first = (await desk.http.get(url, params={"limit": 2}, headers=officer("wu"))).json()
    await desk.decide("wu", "r0")
    await desk.hear(registered("r5"))
    rest = (await desk.http.get(url, params={"limit": 9, "cursor": first["next_cursor"]}, headers=officer("wu"))).json()
    assert [each["record_id"] for each in first["items"] + rest["items"]] == [f"r{n}" for n in range(6)]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["x", "LTE", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "%00"])
async def test_a_foreign_cursor_is_refused(desk: Desk, cursor: str) -> None:
    answer = await desk.http.get("/v1/authorities/builders/queue", params={"cursor": cursor}, headers=officer("wu"))
    assert answer.status_code == 422


async def test_an_item_shows_what_an_officer_judges_by_and_a_masked_person(desk: Desk) -> None:
    await desk.hear(registered("r", major="土木工程", score="88"))
    shown = (await desk.http.get("/v1/items/haixi/r/1", headers=officer("wu"))).json()
    assert shown["person"] == "陈* 359900********0011"
    assert (shown["major"], shown["score"], shown["passed"], shown["hours"]) == ("土木工程", "88", True, "4.5")
    assert (shown["first_on"], shown["last_on"]) == ("2025-06-01", "2025-06-02")
    assert [(rule["id"], bool(rule["clause"])) for rule in shown["rules"]] == [("FJ-08", True)]
    assert shown["rules"][0]["reading"]["zh"] == load_rulebook().rule("FJ-08").reading_zh
    assert "person_key" not in shown


async def test_my_authorities_tell_where_my_grants_reach(desk: Desk) -> None:
    await desk.grant("builders", "lin", "administrator")
    await desk.grant("builders", "lin", industry=5)
    mine = (await desk.http.get("/v1/me/authorities", headers=officer("lin"))).json()["items"]
    assert [(each["authority"]["id"], each["reviews"], each["administers"]) for each in mine] == [
        ("builders", [{"region": "350504", "industry": 5}], [{"region": "350504", "industry": None}]),
        ("hrss", [{"region": "350504", "industry": None}], []),
    ]
    assert (await desk.http.get("/v1/me/authorities", headers=officer("nobody"))).json()["items"] == []


async def test_authorities_are_listed_and_filtered(desk: Desk) -> None:
    async def seen(**query: object) -> list[str]:
        answer = await desk.http.get("/v1/authorities", params=dict(query), headers=OPERATOR)  # type: ignore[arg-type]
        return [each["id"] for each in answer.json()["items"]]

    assert await seen() == ["builders", "hrss"]
    assert await seen(kind="hrss") == ["hrss"]
    assert await seen(region="350505") == []
    assert await seen(unable="true") == []


async def test_reasons_are_listed_for_forms(desk: Desk) -> None:
    reasons = (await desk.http.get("/v1/reasons", headers=officer("wu"))).json()
    assert "CONTENT_UNRELATED" in [each["code"] for each in reasons["returned"]]
    assert "SPOT_CHECK_FAILED" in [each["code"] for each in reasons["revoked"]]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"waiting_from": "0001-01-01T00:00:00+14:00"}, 200),
        ({"waiting_until": "9999-12-31T23:59:59-14:00"}, 200),
        ({"waiting_from": "2025-06-03T00:00:00"}, 422),
        ({"waiting_from": "1748908800"}, 422),
        ({"search": "a\x00"}, 422),
        ({"industry": "21"}, 422),
        ({"limit": "0"}, 422),
        ({"limit": "201"}, 422),
        ({"claim": "yours"}, 422),
    ],
)
async def test_filters_take_what_they_say(desk: Desk, query: dict[str, str], status: int) -> None:
    answer = await desk.http.get("/v1/authorities/builders/queue", params=query, headers=officer("wu"))
    assert answer.status_code == status
