"""What is told of transcripts and proofs, as messages."""

import uuid
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from xueshi.registry.v1.transcripts_pb2 import KindTotal, TranscriptChanged, TranscriptEntry
from xueshi.titlereview.v1.verified_hours_pb2 import Entry, Total, VerifiedHours
from xueshi.titlereview.v1.verified_hours_pb2 import Proof as ToldProof
from xueshi_title_review.domain import Proof, Subject, SubjectRef, Told
from xueshi_title_review.wire.events import hours_of, newest_transcripts, verified_hours

PERSON = uuid.UUID(int=1)
NOW = datetime(2025, 12, 1, 4, 0, tzinfo=UTC)
_FIRST = date(2025, 6, 1).toordinal() - date(1970, 1, 1).toordinal()


def _entry(record_id: str, first_on: int = _FIRST) -> TranscriptEntry:
    return TranscriptEntry(
        platform="p1",
        record_id=record_id,
        version=2,
        kind="public",
        course_title="法规“新”解",
        learning_form="online",
        first_on=first_on,
        last_on=first_on + 1,
        credited_centihours=450,
        passed=True,
        score="88",
        authority="hrss-350504",
        authority_name="洛江区人社局",
        rulebook="registered",
    )


def _transcript(*entries: TranscriptEntry, revision: int = 1, registered: int = 450) -> TranscriptChanged:
    return TranscriptChanged(
        person_key=PERSON.bytes,
        identity=b"sealed",
        jurisdiction="fujian",
        period="2025",
        revision=revision,
        totals=[
            KindTotal(
                kind="public",
                required_centihours=3000,
                registered_centihours=registered,
                stamped_centihours=450,
                lacking_centihours=2550,
            )
        ],
        verdict="short",
        rule_ids=["FJ-01"],
        clauses=["甲号 一"],
        rulebook="hash",
        entries=entries,
    )


def test_a_revision_tells_the_hours_with_whom_and_when_they_are_of() -> None:
    told = Told(
        Subject(SubjectRef("ref"), "k1"), "2025", 3, NOW, hours_of(_transcript(_entry("r1"))), Proof("n1", "valid", 1)
    )
    assert verified_hours(told) == VerifiedHours(
        schema_version="1.0",
        subject_ref="ref",
        subject_key_id="k1",
        jurisdiction="fujian",
        period="2025",
        revision=3,
        totals=[Total(kind="public", unit="hour", required="30", verified="4.5", lacking="25.5")],
        verdict="short",
        rule_ids=["FJ-01"],
        clauses=["甲号 一"],
        rulebook="hash",
        entries=[
            Entry(
                platform="p1",
                record_id="r1",
                version=2,
                kind="public",
                course_title="法规“新”解",
                first_on="2025-06-01",
                last_on="2025-06-02",
                amount="4.5",
                authority="hrss-350504",
                rulebook="registered",
            )
        ],
        proof=ToldProof(number="n1", status="valid"),
        changed_at="2025-12-01T12:00:00.000+08:00",
    )


@given(st.permutations([_entry("a"), _entry("b"), _entry("a", _FIRST - 3), _entry("c", _FIRST - 3)]))
def test_the_same_hours_are_the_same_bytes_in_whatever_order_they_come(entries: list[TranscriptEntry]) -> None:
    hours = hours_of(_transcript(*entries))
    assert hours == hours_of(_transcript(*sorted(entries, key=lambda each: each.record_id)))
    order = [(each.first_on, each.record_id) for each in VerifiedHours.FromString(hours).entries]
    assert order == sorted(order)


def test_what_the_receiver_is_not_told_of_changes_nothing() -> None:
    assert hours_of(_transcript(revision=1, registered=450)) == hours_of(_transcript(revision=2, registered=900))
    assert hours_of(_transcript()) != hours_of(_transcript(_entry("r1")))


def test_of_a_batch_the_newest_revision_of_each_person_and_period_counts() -> None:
    batch = [_transcript(revision=1), _transcript(_entry("r1"), revision=3), _transcript(revision=2)]
    ((key, came),) = newest_transcripts(batch).items()
    assert key == (PERSON, "2025")
    assert (came.revision, came.identity, came.hours) == (3, b"sealed", hours_of(batch[1]))
