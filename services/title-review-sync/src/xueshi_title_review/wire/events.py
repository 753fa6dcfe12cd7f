"""Events in and out: transcripts, proofs, acknowledgements; verified hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from xueshi.certificates.v1 import proofs_pb2
from xueshi.gateway.v1 import hour_records_pb2
from xueshi.registry.v1 import transcripts_pb2
from xueshi.titlereview.v1 import verified_hours_pb2
from xueshi_kit.clock import CHINA
from xueshi_rulebook import format_hours
from xueshi_title_review.domain import (
    HOUR,
    SCHEMA_VERSION,
    Acknowledgement,
    Entry,
    Key,
    PersonKey,
    Proof,
    SubjectRef,
    Told,
    Total,
    Transcript,
)

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class TranscriptCame:
    """A transcript as the registry sent it, with the sealed identity of its person."""

    key: Key
    revision: int
    identity: bytes
    transcript: Transcript


def newest_transcripts(events: Iterable[transcripts_pb2.TranscriptChanged]) -> dict[Key, TranscriptCame]:
    """Return the highest revision of each person and period of a batch."""
    newest: dict[Key, transcripts_pb2.TranscriptChanged] = {}
    for event in events:
        key = (_person_key(event.person_key), event.period)
        if key not in newest or newest[key].revision < event.revision:
            newest[key] = event
    return {
        key: TranscriptCame(key, event.revision, event.identity, _transcript(event)) for key, event in newest.items()
    }


def _transcript(event: transcripts_pb2.TranscriptChanged) -> Transcript:
    entries = (
        Entry(
            platform=each.platform,
            record_id=each.record_id,
            version=each.version,
            kind=each.kind,
            course_title=each.course_title,
            first_on=date.fromordinal(each.first_on + _EPOCH_ORDINAL),
            last_on=date.fromordinal(each.last_on + _EPOCH_ORDINAL),
            centihours=each.credited_centihours,
            authority=each.authority,
        )
        for each in event.entries
    )
    return Transcript(
        jurisdiction=event.jurisdiction,
        verdict=event.verdict,
        rule_ids=tuple(event.rule_ids),
        rulebook=event.rulebook,
        totals=tuple(
            Total(each.kind, each.required_centihours, each.stamped_centihours, each.lacking_centihours)
            for each in event.totals
        ),
        # In one order, so that the same hours are the same content whatever order they were told in.
        entries=tuple(sorted(entries, key=lambda each: (each.first_on, each.last_on, each.platform, each.record_id))),
    )


def proof_states(events: Iterable[proofs_pb2.ProofChanged]) -> list[tuple[Key, Proof]]:
    """Return the states of proofs of a batch, in order."""
    return [
        ((_person_key(event.person_key), event.period), Proof(event.number, event.status, event.transcript_revision))
        for event in events
    ]


def acknowledgements(events: Iterable[verified_hours_pb2.Acknowledgement]) -> list[Acknowledgement]:
    """Return the acknowledgements of a batch, in order."""
    return [
        Acknowledgement(SubjectRef(event.subject_ref), event.period, event.revision, event.outcome, event.reason)
        for event in events
    ]


def document_of(opened: bytes) -> tuple[str, str]:
    """Return type and normalised number of an opened identity's document."""
    identity = hour_records_pb2.Identity.FromString(opened)
    return identity.id_type, identity.id_number


def event_key(told: Told) -> str:
    """Return the key under which the newest state of a subject and period is published."""
    return f"{told.subject.ref}:{told.period}"


def verified_hours(told: Told) -> verified_hours_pb2.VerifiedHours:
    """Return the message that tells the whole state of a subject and period."""
    transcript = told.transcript
    return verified_hours_pb2.VerifiedHours(
        schema_version=SCHEMA_VERSION,
        subject_ref=told.subject.ref,
        subject_key_id=told.subject.key_id,
        jurisdiction=transcript.jurisdiction,
        period=told.period,
        revision=told.revision,
        totals=[
            verified_hours_pb2.Total(
                kind=each.kind,
                unit=HOUR,
                required=format_hours(each.required_centihours),
                verified=format_hours(each.verified_centihours),
                lacking=format_hours(each.lacking_centihours),
            )
            for each in transcript.totals
        ],
        verdict=transcript.verdict,
        rule_ids=transcript.rule_ids,
        rulebook=transcript.rulebook,
        entries=[
            verified_hours_pb2.Entry(
                platform=each.platform,
                record_id=each.record_id,
                version=each.version,
                kind=each.kind,
                course_title=each.course_title,
                first_on=each.first_on.isoformat(),
                last_on=each.last_on.isoformat(),
                amount=format_hours(each.centihours),
                authority=each.authority,
            )
            for each in transcript.entries
        ],
        proof=None
        if told.proof is None
        else verified_hours_pb2.Proof(number=told.proof.number, status=told.proof.status),
        changed_at=china_time(told.changed_at),
    )


def china_time(moment: datetime) -> str:
    """Return a moment in RFC 3339 with China's offset."""
    return moment.astimezone(CHINA).isoformat(timespec="milliseconds")


def _person_key(raw: bytes) -> PersonKey:
    return PersonKey(UUID(bytes=raw))
