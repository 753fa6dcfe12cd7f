"""Events in and out: transcripts of the registry, changes of proofs."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from xueshi.certificates.v1 import proofs_pb2
from xueshi.gateway.v1 import hour_records_pb2
from xueshi.registry.v1 import transcripts_pb2
from xueshi_certificates.domain.content import Content, Entry, KindTotal, PersonKey, Proof, Status, Transcript
from xueshi_certificates.domain.holder import Identity

_EPOCH = date(1970, 1, 1)


def read_transcript(event: transcripts_pb2.TranscriptChanged) -> Transcript:
    """Return the transcript of an event; its entries in the order of learning."""
    entries = sorted(map(_read_entry, event.entries), key=lambda each: (each.first_on, each.last_on, each.record))
    content = Content(
        jurisdiction=event.jurisdiction,
        period=event.period,
        verdict=event.verdict,
        totals=tuple(
            KindTotal(each.kind, each.required_centihours, each.stamped_centihours, each.lacking_centihours)
            for each in event.totals
        ),
        entries=tuple(entries),
        rule_ids=tuple(event.rule_ids),
        rulebook=event.rulebook,
    )
    return Transcript(PersonKey(UUID(bytes=event.person_key)), event.revision, event.identity, content)


def newest(transcripts: Iterable[Transcript]) -> list[Transcript]:
    """Return the newest revision of each person and period, in the order in which rows are locked."""
    kept: dict[tuple[PersonKey, str], Transcript] = {}
    for each in transcripts:
        known = kept.get(each.key)
        if known is None or known.revision < each.revision:
            kept[each.key] = each
    return [kept[key] for key in sorted(kept)]


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


def _read_entry(entry: transcripts_pb2.TranscriptEntry) -> Entry:
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
    )
