"""What is told to the title-review system, and when: transcripts and proofs joined into revisions."""

import asyncio
import uuid

from tests.support.databases import DatabaseFactory
from tests.support.title_review import NAME, NUMBER, TitleReview
from xueshi.registry.v1.transcripts_pb2 import TranscriptChanged
from xueshi_kit.bus import Message
from xueshi_kit.bus.embedded import EmbeddedBus, install
from xueshi_kit.events import bucket_of, topic_of
from xueshi_kit.inbox import Worker
from xueshi_title_review.consumer import subscriptions

OTHER = "35990019900307002X"


async def test_a_transcript_is_told_in_full(review: TitleReview) -> None:
    await review.take(review.transcript(7, stamped={"professional": 450}))
    (told,) = await review.told()
    assert (told.subject_ref, told.subject_key_id) == (review.ref(), "r1")
    assert (told.schema_version, told.jurisdiction, told.period, told.revision) == ("1.0", "fujian", "2025", 1)
    totals = {each.kind: (each.unit, each.required, each.verified, each.lacking) for each in told.totals}
    assert totals["professional"] == ("hour", "60", "4.5", "55.5")
    assert (told.verdict, list(told.rule_ids), told.rulebook) == ("short", ["FJ-01"], review.desk.rulebook.hash)
    assert list(told.clauses) == [review.desk.rulebook.rule("FJ-01").citation]
    (entry,) = told.entries
    assert (entry.record_id, entry.amount, entry.first_on, entry.authority) == (
        "r1",
        "4.5",
        "2025-06-01",
        "hrss-350504",
    )
    assert not told.HasField("proof")
    assert told.changed_at == "2025-12-01T12:00:00.000+08:00"


async def test_messages_are_keyed_and_placed_by_the_subject(review: TitleReview) -> None:
    await review.take(review.transcript(1), review.transcript(1, period="2024"))
    rows = await review.fetch("SELECT key, bucket, topic FROM outbox ORDER BY key")
    ref = review.ref()
    assert [row["key"] for row in rows] == [f"{ref}:2024", f"{ref}:2025"]
    assert {row["bucket"] for row in rows} == {bucket_of(ref.encode(), 4)}
    assert {row["topic"] for row in rows} == {"title-review.verified-hours.v1"}


async def test_the_transcript_may_come_first(review: TitleReview) -> None:
    await review.take(review.transcript(1))
    await review.take(review.proof(1))
    first, second = await review.told()
    assert (first.revision, second.revision) == (1, 2)
    assert (second.proof.number, second.proof.status) == ("FJ-2025-0000000001-1", "valid")
    second.ClearField("proof")
    second.revision = 1
    assert second == first


async def test_the_proof_may_come_first(review: TitleReview) -> None:
    await review.take(review.proof(1))
    assert await review.told() == []
    await review.take(review.transcript(1))
    (told,) = await review.told()
    assert (told.revision, told.proof.number) == (1, "FJ-2025-0000000001-1")


async def test_the_revision_rises_when_only_the_proof_changes(review: TitleReview) -> None:
    await review.take(review.transcript(1))
    await review.take(review.proof(1))
    await review.take(review.proof(1, status="revoked"))
    await review.take(review.proof(2, proof="FJ-2025-0000000002-8"))
    told = await review.told()
    assert [(each.revision, each.proof.number[-4:], each.proof.status) for each in told] == [
        (1, "", ""),
        (2, "01-1", "valid"),
        (3, "01-1", "revoked"),
        (4, "02-8", "valid"),
    ]


async def test_what_says_the_same_is_not_told_again(review: TitleReview) -> None:
    await review.take(review.transcript(1, records=("r1", "r2")))
    await review.take(review.proof(1))
    # Only what is registered but not stamped has changed, and the order of the records.
    waiting = review.transcript(2, registered={"professional": 1200}, records=("r2", "r1"))
    await review.take(waiting)
    await review.take(review.proof(2))
    assert [each.revision for each in await review.told()] == [1, 2]
    assert [row["transcript_revision"] for row in await review.fetch("SELECT transcript_revision FROM standing")] == [2]


async def test_older_states_change_nothing(review: TitleReview) -> None:
    await review.take(review.transcript(5, stamped={"professional": 900}))
    await review.take(review.transcript(4, stamped={"professional": 400}))
    await review.take(review.proof(5, proof="FJ-2025-0000000002-8"))
    await review.take(review.proof(4, proof="FJ-2025-0000000001-1", status="revoked"))
    newest = (await review.told())[-1]
    assert newest.revision == 2
    assert {each.kind: each.verified for each in newest.totals}["professional"] == "9"
    assert newest.proof.number == "FJ-2025-0000000002-8"


async def test_a_revoked_proof_does_not_come_back(review: TitleReview) -> None:
    await review.take(review.transcript(1))
    await review.take(review.proof(1, status="revoked"))
    await review.take(review.proof(1, status="valid"))
    assert (await review.told())[-1].proof.status == "revoked"


async def test_a_batch_tells_the_newest_of_each_key_once(review: TitleReview) -> None:
    await review.take(
        review.transcript(1),
        review.transcript(1, OTHER),
        review.transcript(3, stamped={"professional": 600}),
        review.transcript(2, stamped={"professional": 500}),
        review.transcript(1, period="2024"),
    )
    told = {(each.subject_ref, each.period): each for each in await review.told()}
    assert len(told) == len(await review.told()) == 3
    assert {each.kind: each.verified for each in told[review.ref(), "2025"].totals}["professional"] == "6"
    assert review.ref(OTHER) != review.ref()


async def test_a_batch_of_proofs_ends_with_the_newest(review: TitleReview) -> None:
    await review.take(review.transcript(1))
    await review.take(review.proof(1), review.proof(1, status="revoked"), review.proof(2, proof="FJ-2025-0000000002-8"))
    assert [each.proof.number for each in await review.told()] == ["", "FJ-2025-0000000002-8"]


async def test_transcripts_and_proofs_at_once_lose_nothing(review: TitleReview) -> None:
    numbers = [f"3599001990030{count:05}" for count in range(30)]
    transcripts = [review.transcript(1, number) for number in numbers]
    proofs = [review.proof(1, number) for number in reversed(numbers)]
    await asyncio.gather(
        *(review.take(*transcripts[start : start + 10]) for start in (0, 10, 20)),
        *(review.take(*proofs[start : start + 10]) for start in (0, 10, 20)),
    )
    newest = {each.subject_ref: each for each in await review.told()}
    assert len(newest) == 30
    assert all(each.proof.status == "valid" for each in newest.values())
    positions = [row["position"] for row in await review.fetch("SELECT position FROM standing")]
    assert len(set(positions)) == 30


async def test_no_number_and_no_name_stands_in_a_table(review: TitleReview) -> None:
    await review.take(review.transcript(1))
    await review.take(review.proof(1))
    await review.take(review.acknowledgement(2, "refused", f"unknown person {NUMBER}"))
    tables = await review.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    content = ""
    for table in tables:
        for row in await review.fetch(f'SELECT * FROM "{table["tablename"]}"'):  # noqa: S608 - the catalogue's names
            for value in row.values():
                content += value.hex() + "\n" if isinstance(value, bytes) else f"{value}\n"
    assert review.ref() in content
    for secret in (NUMBER, NAME):
        assert secret not in content
        assert secret.encode().hex() not in content


async def test_a_message_that_comes_again_has_its_effect_once(
    review: TitleReview, make_database: DatabaseFactory
) -> None:
    made = make_database("bus")
    await install(made.owner_dsn, 4)
    bus = await EmbeddedBus.open(made.app_dsn, 4)
    topic = topic_of(TranscriptChanged)
    await bus.ensure_topics([topic])
    key = review.person_key()
    bucket = bucket_of(key.bytes, 4)
    for event_id, event in (("a", review.transcript(2)), ("a", review.transcript(2)), ("b", review.transcript(1))):
        headers = {"ce_id": str(uuid.uuid5(uuid.NAMESPACE_OID, event_id)), "ce_type": event.DESCRIPTOR.full_name}
        await bus.publish([Message(topic.name, bucket, f"{key.hex}:2025", event.SerializeToString(), headers)])
    (subscription,) = [each for each in subscriptions(review.desk) if each.event is TranscriptChanged]
    running = asyncio.create_task(Worker(review.db, bus, subscription, after_commit=lambda: None).run())
    try:
        async with asyncio.timeout(20):
            while await bus.lag(subscription.consumer, [topic.name]):  # noqa: ASYNC110 - nothing tells of the lag
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await bus.close()
    assert [each.revision for each in await review.told()] == [1]
    assert len(await review.fetch("SELECT FROM inbox")) == 2
