"""Events in and out: transcripts of the registry, changes of proofs."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from operator import itemgetter

from asyncpg.pgproto.pgproto import UUID

from xueshi.certificates.v1 import proofs_pb2
from xueshi.gateway.v1 import hour_records_pb2
from xueshi.registry.v1 import transcripts_pb2
from xueshi_certificates.domain.content import (
    COMPLIANT,
    HOURS,
    Content,
    Entry,
    KindTotal,
    PersonKey,
    Proof,
    Status,
    Transcript,
)
from xueshi_certificates.domain.holder import Identity

_EPOCH = date(1970, 1, 1)


def newest_transcripts(events: Iterable[transcripts_pb2.TranscriptChanged]) -> list[Transcript]:
    """Return the newest revision of each person and period, in the order in which rows are locked."""
    kept: dict[tuple[PersonKey, str], transcripts_pb2.TranscriptChanged] = {}
    for event in events:
        # The driver's own UUID is made ten times as fast as the library's; the two are equal.
        key = (PersonKey(UUID(event.person_key)), event.period)
        known = kept.get(key)
        if known is None or known.revision < event.revision:
            kept[key] = event
    return [
        Transcript(*key, event.revision, event.identity, event.verdict == COMPLIANT, encode(event))
        for key, event in sorted(kept.items(), key=itemgetter(0))
    ]


def encode(event: transcripts_pb2.TranscriptChanged) -> bytes:
    """Return what an event says, as it is stored: without the sealed identity, which stands beside it."""
    hours = transcripts_pb2.TranscriptChanged()
    hours.CopyFrom(event)
    hours.ClearField("identity")
    return hours.SerializeToString()


def decode(encoded: bytes) -> Content:
    """Return the content of an encoded transcript; its entries in the order of learning."""
    hours = transcripts_pb2.TranscriptChanged.FromString(encoded)
    entries = sorted(
        (_read_entry(each, hours.rulebook) for each in hours.entries),
        key=lambda each: (each.first_on, each.last_on, each.record),
    )
    return Content(
        jurisdiction=hours.jurisdiction,
        period=hours.period,
        verdict=hours.verdict,
        totals=tuple(
            KindTotal(
                each.kind,
                each.required_centihours,
                each.stamped_centihours,
                each.lacking_centihours,
                each.unit or HOURS,
            )
            for each in hours.totals
        ),
        entries=tuple(entries),
        rule_ids=tuple(hours.rule_ids),
        clauses=tuple(hours.clauses),
        rulebook=hours.rulebook,
        profile=hours.profile,
    )


def read_identity(opened: bytes) -> Identity:
    """Return the identity of an opened seal."""
    message = hour_records_pb2.Identity.FromString(opened)
    return Identity(message.id_type, message.id_number, message.name)


def proof_changed(proof: Proof, status: Status, at: datetime) -> proofs_pb2.ProofChanged:
    """Return the event that tells the state of the newest proof of a person and period."""
    return proofs_pb2.ProofChanged(
        person_key=proof.person_key.bytes,
        jurisdiction=proof.content.jurisdiction,
        period=proof.content.period,
        number=proof.number,
        status=status.value,
        transcript_revision=proof.transcript_revision,
        changed_at_ms=int(at.timestamp() * 1000),
    )


def event_key(proof: Proof) -> str:
    """Return the key under which the state of the newest proof of a person and period is published."""
    return f"{proof.person_key.hex}:{proof.content.period}"


def _read_entry(entry: transcripts_pb2.TranscriptEntry, judged_by: str) -> Entry:
    return Entry(
        platform=entry.platform,
        record_id=entry.record_id,
        version=entry.version,
        kind=entry.kind,
        course_title=entry.course_title,
        learning_form=entry.learning_form,
        first_on=_EPOCH + timedelta(days=entry.first_on),
        last_on=_EPOCH + timedelta(days=entry.last_on),
        credited_centihours=entry.credited_centihours,
        passed=entry.passed,
        score=entry.score,
        authority=entry.authority,
        authority_name=entry.authority_name,
        rulebook=entry.rulebook or judged_by,
    )
