"""Proofs follow transcripts: issued, superseded, revoked; each said once on the bus."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from tests.integration.certificates.office import (
    COMPLIANT,
    MORE,
    SHORT,
    YEAR_OF_ISSUE,
    Office,
    new_person,
)
from xueshi.registry.v1.transcripts_pb2 import TranscriptChanged
from xueshi_certificates.domain.number import is_proof_number, is_tag
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit.bus import Message
from xueshi_kit.events import bucket_of, topic_of
from xueshi_kit.migrations import check


def test_the_migrations_make_what_the_code_says(certificates_database: Provisioned) -> None:
    check("xueshi_certificates", certificates_database.owner_dsn)


async def test_a_proof_is_issued_when_the_requirement_is_first_met(office: Office) -> None:
    person = new_person()
    await office.take(office.transcript(person, 1, SHORT))
    assert await office.proofs(person) == []
    await office.take(office.transcript(person, 2, COMPLIANT))
    ((number, status, _),) = await office.proofs(person)
    assert status == "valid"
    assert is_proof_number(number)
    assert number.startswith(f"FJ-{YEAR_OF_ISSUE}-")
    assert is_tag(await office.tag_of(number))
    (event,) = await office.said(person)
    assert (event.person_key, event.period, event.jurisdiction) == (person, "2025", "fujian")
    assert (event.number, event.status, event.transcript_revision) == (number, "valid", 2)
    assert event.changed_at_ms == 1767198600000


@pytest.mark.parametrize(("jurisdiction", "letters"), [("luojiang", "FJ"), ("wenzhou", "WZ"), ("shaoguan", "SG")])
async def test_every_jurisdiction_has_a_proof_of_its_own_form(office: Office, jurisdiction: str, letters: str) -> None:
    person = new_person()
    told = office.transcript(person, 1, COMPLIANT)
    told.jurisdiction = jurisdiction
    await office.take(told)
    ((number, status, _),) = await office.proofs(person)
    assert (number[:3], status) == (f"{letters}-", "valid")


async def test_a_move_to_another_jurisdiction_supersedes_by_its_form(office: Office) -> None:
    person = new_person()
    await office.take(office.transcript(person, 1, COMPLIANT))
    moved = office.transcript(person, 2, COMPLIANT)
    moved.jurisdiction = "shaoguan"
    await office.take(moved)
    assert await office.statuses(person) == [("superseded", "CONTENT_CORRECTED"), ("valid", "")]
    assert [number[:2] for number, _, _ in await office.proofs(person)] == ["FJ", "SG"]


async def test_more_hours_supersede(office: Office) -> None:
    person = new_person()
    await office.take(office.transcript(person, 1, COMPLIANT))
    await office.take(office.transcript(person, 2, MORE))
    assert await office.statuses(person) == [("superseded", "MORE_HOURS"), ("valid", "")]
    first, second = [number for number, _, _ in await office.proofs(person)]
    (row,) = await office.fetch("SELECT successor FROM proof_status WHERE number = $1 AND position = 2", first)
    assert row["successor"] == second
    # A superseded proof is never the newest: only the new one is said.
    assert [(each.number, each.status) for each in await office.said(person)] == [(first, "valid"), (second, "valid")]


async def test_a_void_revokes_and_names_the_records(office: Office) -> None:
    person = new_person()
    await office.take(office.transcript(person, 1, COMPLIANT))
    await office.take(office.transcript(person, 2, SHORT))
    assert await office.statuses(person) == [("revoked", "HOURS_WITHDRAWN")]
    ((number, _, _),) = await office.proofs(person)
    (row,) = await office.fetch(
        "SELECT causes, transcript_revision, successor FROM proof_status WHERE number = $1 AND position = 2", number
    )
    assert (row["causes"], row["transcript_revision"], row["successor"]) == (["fj-online/R-2"], 2, None)
    event = (await office.said(person))[-1]
    assert (event.number, event.status, event.transcript_revision) == (number, "revoked", 1)


async def test_a_void_that_leaves_the_requirement_met_says_the_new_proof_alone(office: Office) -> None:
    person = new_person()
    await office.take(office.transcript(person, 1, MORE))
    await office.take(office.transcript(person, 2, COMPLIANT))
    assert await office.statuses(person) == [("revoked", "HOURS_WITHDRAWN"), ("valid", "")]
    assert [each.status for each in await office.said(person)] == ["valid", "valid"]


async def test_who_meets_the_requirement_again_has_a_new_proof(office: Office) -> None:
    person = new_person()
    for revision, hours in enumerate([COMPLIANT, SHORT, COMPLIANT], start=1):
        await office.take(office.transcript(person, revision, hours))
    assert [status for status, _ in await office.statuses(person)] == ["revoked", "valid"]


async def test_repeated_and_older_revisions_change_nothing(office: Office) -> None:
    person = new_person()
    newest = office.transcript(person, 5, MORE)
    await office.take(newest)
    await office.take(newest)
    await office.take(office.transcript(person, 5, SHORT))
    await office.take(office.transcript(person, 4, SHORT), office.transcript(person, 3, COMPLIANT))
    assert await office.statuses(person) == [("valid", "")]
    assert len(await office.said(person)) == 1


async def test_a_newer_revision_that_says_the_same_changes_nothing(office: Office) -> None:
    person = new_person()
    await office.take(office.transcript(person, 1, COMPLIANT))
    await office.take(office.transcript(person, 2, COMPLIANT))  # sealed anew: other bytes, the same holder
    assert await office.statuses(person) == [("valid", "")]


async def test_a_corrected_name_supersedes(office: Office) -> None:
    person = new_person()
    await office.take(office.transcript(person, 1, COMPLIANT))
    await office.take(office.transcript(person, 2, COMPLIANT, name="陈晓兰"))
    assert await office.statuses(person) == [("superseded", "HOLDER_CORRECTED"), ("valid", "")]


async def test_a_batch_issues_for_everyone_and_only_the_newest_of_a_person_counts(office: Office) -> None:
    people = [new_person() for _ in range(40)]
    events = [office.transcript(person, 1, SHORT) for person in people]
    events += [office.transcript(person, 2, COMPLIANT) for person in people]
    await office.take(*events)
    assert [await office.statuses(person) for person in people] == [[("valid", "")]] * 40


async def test_an_unknown_jurisdiction_is_refused_whole(office: Office) -> None:
    person = new_person()
    event = office.transcript(person, 1, COMPLIANT)
    event.jurisdiction = "atlantis"
    with pytest.raises(LookupError, match="atlantis"):
        await office.take(event)
    assert await office.fetch("SELECT 1 FROM transcript WHERE person_key = $1", UUID(bytes=person)) == []


async def test_numbers_stay_dense_under_concurrent_writers_of_which_some_fail(office: Office) -> None:
    async def write(batch: int) -> None:
        async def fails() -> None:
            (subscription,) = office.service.subscriptions
            async with office.service.parts.db.transaction() as tx:
                await subscription.handle(tx, [office.transcript(new_person(), 1, COMPLIANT) for _ in range(3)])
                raise _FaultError

        for _ in range(5):
            await office.take(*[office.transcript(new_person(), 1, COMPLIANT) for _ in range(1 + batch)])
            with pytest.raises(_FaultError):
                await fails()

    await asyncio.gather(*[write(batch) for batch in range(6)])
    rows = await office.fetch("SELECT number FROM proof WHERE number LIKE 'FJ-2026-%' ORDER BY number")
    sequences = [int(row["number"].split("-")[2]) for row in rows]
    assert len(sequences) >= 5 * 21
    assert sequences == list(range(1, len(sequences) + 1))


async def test_revisions_that_cross_leave_one_valid_proof_of_the_newest(office: Office) -> None:
    person = new_person()
    hours = [MORE, COMPLIANT, MORE, SHORT, COMPLIANT, MORE]
    await asyncio.gather(
        *[office.take(office.transcript(person, revision, each)) for revision, each in enumerate(hours, start=1)]
    )
    statuses = [status for status, _ in await office.statuses(person)]
    assert statuses.count("valid") == 1
    assert statuses[-1] == "valid"
    (row,) = await office.fetch(
        "SELECT revision, proof_number FROM transcript WHERE person_key = $1", UUID(bytes=person)
    )
    assert row["revision"] == 6
    assert row["proof_number"] == (await office.proofs(person))[-1][0]


@pytest.mark.parametrize("table", ["proof", "proof_status"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET number = number", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_runtime_role_cannot_rewrite_proofs(office: Office, table: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await office.fetch(statement.format(table))


async def test_a_proof_ends_once(office: Office) -> None:
    person = new_person()
    await office.take(office.transcript(person, 1, COMPLIANT))
    await office.take(office.transcript(person, 2, SHORT))
    ((number, _, _),) = await office.proofs(person)
    with pytest.raises(asyncpg.UniqueViolationError):
        await office.fetch(
            "INSERT INTO proof_status (number, position, status, transcript_revision, changed_at)"
            " VALUES ($1, 2, 'superseded', 3, now())",
            number,
        )


async def test_a_redelivered_event_acts_once_and_the_change_reaches_the_bus(office: Office) -> None:
    person = new_person()
    event = office.transcript(person, 1, COMPLIANT)
    topics = [topic_of(TranscriptChanged), *[topic_of(each) for each in office.service.published]]
    bus = office.service.parts.bus
    await bus.ensure_topics(topics)
    headers = {"ce_id": str(UUID(bytes=new_person())), "ce_type": event.DESCRIPTOR.full_name}
    key = f"{person.hex()}:2025"
    message = Message(topics[0].name, bucket_of(person, 4), key, event.SerializeToString(), headers)
    await bus.publish([message, message])
    (worker,) = office.service.workers()
    running = [asyncio.create_task(worker.run()), asyncio.create_task(office.service.relay.run())]
    try:
        async with asyncio.timeout(20), bus.consume(f"test-{person.hex()}", [topics[1].name]) as reader:
            found: list[str] = []
            while key not in found:
                found += [each.key for each in await reader.poll(100, 0.5)]
            while sum((await bus.lag("certificates.transcripts", [topics[0].name])).values()):  # noqa: ASYNC110 - polled
                await asyncio.sleep(0.05)
            found += [each.key for each in await reader.poll(100, 0.5)]
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert found.count(key) == 1
    assert await office.statuses(person) == [("valid", "")]


class _FaultError(Exception):
    """Ends a transaction."""
