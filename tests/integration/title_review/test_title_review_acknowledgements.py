"""Acknowledgements from outside, and the list of what is not taken."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.databases import DatabaseFactory
from tests.support.title_review import NOW, NUMBER, TitleReview
from xueshi.titlereview.v1.verified_hours_pb2 import Acknowledgement
from xueshi_kit.bus import Message
from xueshi_kit.bus.embedded import EmbeddedBus, install
from xueshi_kit.events import topic_of
from xueshi_kit.inbox import Worker
from xueshi_title_review.consumer import subscriptions

OTHER = "35990019900307002X"


async def waiting(client: httpx.AsyncClient, **parameters: str | int) -> list[dict[str, Any]]:
    answer = await client.get("/v1/unacknowledged", params=parameters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_what_is_told_waits_until_it_is_taken(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.transcript(1))
    review.clock.set(NOW + timedelta(seconds=90))
    (item,) = await waiting(client)
    assert (item["subject_ref"], item["period"], item["state"]) == (review.ref(), "2025", "waiting")
    assert (item["revision"], item["taken_revision"], item["waiting_seconds"]) == (1, 0, 90)
    await review.take(review.acknowledgement(1))
    assert await waiting(client) == []


async def test_a_refused_one_is_listed_with_its_reason(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.transcript(1))
    await review.take(review.acknowledgement(1, "refused", "no such applicant\x00\n"))
    (item,) = await waiting(client)
    assert (item["state"], item["refusal"]) == ("refused", {"revision": 1, "reason": "no such applicant"})
    await review.take(review.proof(1))
    (item,) = await waiting(client)
    assert (item["state"], item["revision"], item["refusal"]["revision"]) == ("waiting", 2, 1)
    await review.take(review.acknowledgement(2))
    assert await waiting(client) == []


async def test_a_refusal_may_be_taken_back_and_the_last_word_counts(
    review: TitleReview, client: httpx.AsyncClient
) -> None:
    await review.take(review.transcript(1))
    await review.take(review.acknowledgement(1, "refused", "later"), review.acknowledgement(1))
    assert await waiting(client) == []
    await review.take(review.acknowledgement(1, "refused", "not after all"))
    (item,) = await waiting(client)
    assert item["refusal"]["reason"] == "not after all"


async def test_a_number_in_a_reason_is_withheld(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.transcript(1))
    await review.take(review.acknowledgement(1, "refused", f"who is {NUMBER}?"))
    (item,) = await waiting(client)
    assert item["refusal"]["reason"] == "[withheld: it contained an ID number]"


async def test_an_older_answer_does_not_cover_a_newer_revision(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.transcript(1))
    review.clock.set(NOW + timedelta(seconds=60))
    await review.take(review.transcript(2, stamped={"professional": 900}))
    review.clock.set(NOW + timedelta(seconds=100))
    (item,) = await waiting(client)
    assert (item["revision"], item["waiting_seconds"]) == (2, 100)
    await review.take(review.acknowledgement(1))
    (item,) = await waiting(client)
    assert (item["taken_revision"], item["waiting_seconds"]) == (1, 40)
    await review.take(review.acknowledgement(2))
    await review.take(review.acknowledgement(1, "refused", "late"))
    assert await waiting(client) == []


async def test_what_names_nothing_has_no_effect(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.transcript(1))
    before = await review.fetch("SELECT * FROM standing")
    await review.take(
        review.acknowledgement(1, number=OTHER),
        review.acknowledgement(1, period="2019"),
        review.acknowledgement(2),
        review.acknowledgement(2**64 - 1),
        review.acknowledgement(0),
        review.acknowledgement(1, "perhaps"),
        Acknowledgement(subject_ref="\0", period="\0", revision=1, outcome="taken"),
        Acknowledgement(),
    )
    assert await review.fetch("SELECT * FROM standing") == before
    assert len(await waiting(client)) == 1


async def test_the_list_is_by_age_and_pages(review: TitleReview, client: httpx.AsyncClient) -> None:
    for seconds, period in ((0, "2025"), (0, "2024"), (50, "2023"), (80, "2026")):
        review.clock.set(NOW + timedelta(seconds=seconds))
        await review.take(review.transcript(1, period=period))
    review.clock.set(NOW + timedelta(seconds=100))
    first = (await client.get("/v1/unacknowledged", params={"limit": 1})).json()
    second = (await client.get("/v1/unacknowledged", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    third = (await client.get("/v1/unacknowledged", params={"limit": 2, "cursor": second["next_cursor"]})).json()
    pages = [[item["period"] for item in page["items"]] for page in (first, second, third)]
    assert pages == [["2025"], ["2024", "2023"], ["2026"]]
    assert third["next_cursor"] is None
    assert [item["period"] for item in await waiting(client, older_than_seconds=50)] == ["2025", "2024", "2023"]
    assert [item["period"] for item in await waiting(client, older_than_seconds=51)] == ["2025", "2024"]


async def publish(bus: EmbeddedBus, value: bytes, headers: dict[str, str] | None = None) -> None:
    await bus.publish([Message(topic_of(Acknowledgement).name, 0, "whatever", value, headers or {})])


@pytest.mark.parametrize("headers", [{}, {"ce_id": "no-uuid", "ce_type": "com.example.ack"}])
async def test_an_outside_publisher_needs_no_headers(
    review: TitleReview, make_database: DatabaseFactory, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    made = make_database("bus")
    await install(made.owner_dsn, 4)
    bus = await EmbeddedBus.open(made.app_dsn, 4)
    topic = topic_of(Acknowledgement)
    await bus.ensure_topics([topic])
    await review.take(review.transcript(1))
    refused = review.acknowledgement(1, "refused", "first").SerializeToString()
    for value in (b"\xff not protobuf", refused, review.acknowledgement(1).SerializeToString()):
        await publish(bus, value, headers)
    (subscription,) = [each for each in subscriptions(review.desk) if each.event is Acknowledgement]
    running = asyncio.create_task(Worker(review.db, bus, subscription, after_commit=lambda: None).run())
    try:
        async with asyncio.timeout(20):
            while await bus.lag(subscription.consumer, [topic.name]):  # noqa: ASYNC110 - nothing tells of the lag
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await bus.close()
    assert await waiting(client) == []
    assert len(await review.fetch("SELECT FROM inbox")) == 2
    assert await review.fetch("SELECT FROM parked") == []
