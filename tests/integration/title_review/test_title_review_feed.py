"""The pull API: one state, changes since a cursor, eligibility checks; who may ask."""

import asyncio
import random
from typing import Any

import httpx
import pytest

from tests.support.title_review import TitleReview

ADDRESSES = [
    ("GET", f"/v1/verified-hours/{'0' * 64}/2025"),
    ("GET", "/v1/verified-hours"),
    ("GET", "/v1/unacknowledged"),
    ("POST", "/v1/eligibility-checks"),
]


async def changes(client: httpx.AsyncClient, cursor: str | None, limit: int = 100) -> dict[str, Any]:
    parameters: dict[str, str | int] = {"limit": limit} | ({"cursor": cursor} if cursor else {})
    answer = await client.get("/v1/verified-hours", params=parameters)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
async def test_without_a_token_nobody_comes_in(anyone: httpx.AsyncClient, method: str, address: str) -> None:
    answer = await anyone.request(method, address)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    answer = await anyone.request(method, address, headers={"Authorization": "Bearer broken"})
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "address"), ADDRESSES)
async def test_another_scope_is_not_enough(anyone: httpx.AsyncClient, method: str, address: str) -> None:
    token = {"Authorization": "Bearer registry.read,certificates.read"}
    answer = await anyone.request(method, address, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


async def test_one_state_says_what_the_topic_says(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.transcript(1, stamped={"professional": 450}))
    await review.take(review.proof(1))
    answer = await client.get(f"/v1/verified-hours/{review.ref()}/2025")
    assert answer.status_code == 200
    pulled = answer.json()
    told = (await review.told())[-1]
    for name in ("schema_version", "subject_ref", "subject_key_id", "revision", "verdict", "rulebook", "changed_at"):
        assert pulled[name] == getattr(told, name), name
    assert pulled["proof"] == {"number": told.proof.number, "status": "valid"}
    assert [each["verified"] for each in pulled["totals"]] == [each.verified for each in told.totals]
    assert [(each["amount"], each["rulebook"]) for each in pulled["entries"]] == [("4.5", told.rulebook)]
    assert pulled["clauses"] == list(told.clauses) != []


async def test_an_unknown_state_is_not_found(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.proof(1))
    for address in (f"{review.ref()}/2025", f"{'0' * 64}/2025"):
        assert (await client.get(f"/v1/verified-hours/{address}")).status_code == 404
    assert (await client.get("/v1/verified-hours/359900199003070011/2025")).status_code == 422


async def test_the_feed_gives_each_newest_state_once_and_goes_on(
    review: TitleReview, client: httpx.AsyncClient
) -> None:
    await review.take(review.transcript(1), review.transcript(1, period="2024"))
    await review.take(review.transcript(2, stamped={"professional": 900}))
    first = await changes(client, None)
    assert [(each["period"], each["revision"]) for each in first["items"]] == [("2024", 1), ("2025", 2)]
    assert not first["more"]
    nothing = await changes(client, first["next_cursor"])
    assert (nothing["items"], nothing["next_cursor"]) == ([], first["next_cursor"])
    await review.take(review.proof(2))
    later = await changes(client, first["next_cursor"])
    assert [(each["period"], each["revision"]) for each in later["items"]] == [("2025", 3)]


async def test_the_feed_pages(review: TitleReview, client: httpx.AsyncClient) -> None:
    numbers = [f"3599001990030{count:05}" for count in range(7)]
    await review.take(*(review.transcript(1, number) for number in numbers))
    cursor, seen, pages = None, [], 0
    while True:
        page = await changes(client, cursor, limit=3)
        seen += [each["subject_ref"] for each in page["items"]]
        pages += 1
        cursor = page["next_cursor"]
        if not page["more"]:
            break
    assert pages == 3
    assert sorted(seen) == sorted(review.ref(number) for number in numbers)


async def test_a_slow_writer_is_not_passed_by(review: TitleReview, client: httpx.AsyncClient) -> None:
    slow = asyncio.create_task(review.take(review.transcript(1), pause_seconds=0.4))
    await asyncio.sleep(0.2)
    quick = asyncio.create_task(review.take(review.transcript(1, "35990019900307002X")))
    await asyncio.sleep(0.1)
    first = await changes(client, None)
    await asyncio.gather(slow, quick)
    later = await changes(client, first["next_cursor"])
    assert len(first["items"] + later["items"]) == 2


async def test_a_reader_beside_writers_skips_and_repeats_nothing(
    review: TitleReview, client: httpx.AsyncClient
) -> None:
    numbers = [f"3599001990030{count:05}" for count in range(12)]
    writing = asyncio.Event()

    async def write(writer: int) -> None:
        """Change the writer's own people again and again, in batches that commit in any order."""
        dice = random.Random(writer)
        own = numbers[writer * 3 : writer * 3 + 3]
        for revision in range(1, 9):
            some = dice.sample(own, dice.randint(1, 3))
            await review.take(
                *(review.transcript(revision, each, stamped={"professional": revision * 100}) for each in some),
                pause_seconds=dice.random() * 0.02,
            )

    seen: list[tuple[str, int]] = []

    async def read() -> None:
        cursor = None
        while True:
            # Looked at before the page is fetched: what is written after an empty page would be missed otherwise.
            all_written = writing.is_set()
            page = await changes(client, cursor, limit=2)
            seen.extend((each["subject_ref"], each["revision"]) for each in page["items"])
            cursor = page["next_cursor"]
            if not page["items"] and all_written:
                return

    reader = asyncio.create_task(read())
    await asyncio.gather(*(write(writer) for writer in range(4)))
    writing.set()
    await reader
    assert len(seen) == len(set(seen))
    newest = {each.subject_ref: each.revision for each in await review.told()}
    assert len(newest) == 12
    assert newest.items() <= set(seen)
    for ref in newest:
        revisions = [revision for each, revision in seen if each == ref]
        assert revisions == sorted(revisions)


@pytest.mark.parametrize("cursor", ["djo", "dTox", "djotMQ", "djox:", "djo5OTk5OTk5OTk5OTk5OTk5OTk5OQ", "x" * 101, ""])
async def test_a_foreign_cursor_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    assert (await client.get("/v1/verified-hours", params={"cursor": cursor})).status_code == 422
    assert (await client.get("/v1/unacknowledged", params={"cursor": cursor})).status_code == 422
