"""What follows what: proofs, revisions, answers from outside."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from xueshi_title_review.domain import (
    REFUSED,
    TAKEN,
    Acknowledgement,
    Answered,
    Hours,
    PersonKey,
    Proof,
    Standing,
    SubjectRef,
)

NOW = datetime(2025, 12, 1, 4, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PERSON = PersonKey(uuid.UUID(int=1))
HOURS, MORE = Hours(b"4.5 hours"), Hours(b"90 hours")


def said(revision: int, outcome: str = TAKEN, reason: str = "") -> Acknowledgement:
    return Acknowledgement(SubjectRef("0" * 64), "2025", revision, outcome, reason)


def test_equal_hours_are_told_once_whatever_their_revision() -> None:
    first = Standing(PERSON, "2025").with_transcript(HOURS, 1, NOW)
    again = first.with_transcript(HOURS, 2, LATER)
    assert (again.revision, again.transcript_revision, again.changed_at) == (1, 2, NOW)
    assert again.with_transcript(MORE, 2, LATER) is again


def test_waiting_begins_with_the_first_revision_not_taken() -> None:
    first = Standing(PERSON, "2025").with_transcript(HOURS, 1, NOW)
    assert (first.revision, first.changed_at, first.waiting_since) == (1, NOW, NOW)
    second = first.with_transcript(MORE, 2, LATER)
    assert (second.revision, second.changed_at, second.waiting_since) == (2, LATER, NOW)


def test_a_proof_follows_by_the_transcript_that_it_rests_on() -> None:
    old, new = Proof("n1", "valid", 1), Proof("n2", "valid", 4)
    assert new.follows(old)
    assert not old.follows(new)
    assert replace(old, status="revoked").follows(old)
    assert not old.follows(replace(old, status="revoked"))
    assert not replace(old, status="revoked").follows(new)


@given(st.permutations([Proof("n1", "valid", 1), Proof("n1", "revoked", 1), Proof("n2", "valid", 3)]))
def test_proofs_end_the_same_in_whatever_order_they_come(proofs: list[Proof]) -> None:
    standing = Standing(PERSON, "2025").with_transcript(HOURS, 1, NOW)
    for proof in proofs:
        standing = standing.with_proof(proof, NOW)
    assert standing.proof == Proof("n2", "valid", 3)
    assert standing.revision <= 1 + len(proofs)


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from([TAKEN, REFUSED]))))
def test_answers_never_go_back(answers: list[tuple[int, str]]) -> None:
    state = Answered(revision=4, changed_at=NOW, waiting_since=NOW)
    reached = 0
    for revision, outcome in answers:
        state = state.after(said(revision, outcome, "because"))
        answered = max(state.taken_revision, state.refused_revision)
        assert reached <= answered <= state.revision
        reached = answered
        assert (state.waiting_since is None) == (state.taken_revision == 4 and not state.refused_revision)


def test_an_acknowledgement_is_sound_or_means_nothing() -> None:
    assert said(1).is_sound
    assert not said(0).is_sound
    assert not said(1, "maybe").is_sound
    for field, wrong in (("subject_ref", "0" * 63), ("subject_ref", "0" * 64 + "\n"), ("period", ""), ("period", "\0")):
        assert not replace(said(1), **{field: wrong}).is_sound  # type: ignore[arg-type]
