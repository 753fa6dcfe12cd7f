"""Events in and out: transcripts, proofs, acknowledgements; verified hours."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from asyncpg.pgproto.pgproto import UUID

from xueshi.certificates.v1 import proofs_pb2
from xueshi.gateway.v1 import hour_records_pb2
from xueshi.registry.v1 import transcripts_pb2
from xueshi.titlereview.v1 import verified_hours_pb2
from xueshi_kit.clock import CHINA
from xueshi_rulebook import format_hours
from xueshi_title_review.domain import (
    SCHEMA_VERSION,
    UNITS,
    Acknowledgement,
    Hours,
    Key,
    PersonKey,
    Proof,
    SubjectRef,
    Told,
)

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_KEPT_TEXTS = 4096
"""Days of eleven years, and most amounts that there are: the same few come again in each entry."""


class TranscriptCame(NamedTuple):
    """A transcript as the registry sent it, with the sealed identity of its person."""

    revision: int
    identity: bytes
    hours: Hours


def newest_transcripts(events: Iterable[transcripts_pb2.TranscriptChanged]) -> dict[Key, TranscriptCame]:
    """Return the highest revision of each person and period of a batch."""
    newest: dict[Key, transcripts_pb2.TranscriptChanged] = {}
    for event in events:
        key = (_person_key(event.person_key), event.period)
        known = newest.get(key)
        if known is None or known.revision < event.revision:
            newest[key] = event
    return {key: TranscriptCame(event.revision, event.identity, hours_of(event)) for key, event in newest.items()}


def hours_of(event: transcripts_pb2.TranscriptChanged) -> Hours:
    """Return what the receiver is told of a transcript: the part of `VerifiedHours` that depends on it alone.

    Entries stand in one order, so that the same hours are the same bytes whatever order they were told in. Everything
    is assigned field by field: this is done for each entry of each transcript, and protobuf is slow with keywords.
    """
    hours = verified_hours_pb2.VerifiedHours()
    hours.jurisdiction = event.jurisdiction
    hours.verdict = event.verdict
    hours.rule_ids.extend(event.rule_ids)
    hours.clauses.extend(event.clauses)
    hours.rulebook = event.rulebook
    for each in event.totals:
        total = hours.totals.add()
        total.kind = each.kind
        total.unit = UNITS.get(each.unit, each.unit)
        total.required = _amount(each.required_centihours)
        total.verified = _amount(each.stamped_centihours)
        total.lacking = _amount(each.lacking_centihours)
    for first_on, last_on, platform, record_id, version, kind, course_title, centihours, authority, rulebook in sorted(
        (
            each.first_on,
            each.last_on,
            each.platform,
            each.record_id,
            each.version,
            each.kind,
            each.course_title,
            each.credited_centihours,
            each.authority,
            each.rulebook,
        )
        for each in event.entries
    ):
        entry = hours.entries.add()
        entry.platform = platform
        entry.record_id = record_id
        entry.version = version
        entry.kind = kind
        entry.course_title = course_title
        entry.first_on = _day(first_on)
        entry.last_on = _day(last_on)
        entry.amount = _amount(centihours)
        entry.authority = authority
        entry.rulebook = rulebook
    return Hours(hours.SerializeToString())


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
    message = verified_hours_pb2.VerifiedHours.FromString(told.hours)
    message.schema_version = SCHEMA_VERSION
    message.subject_ref, message.subject_key_id = told.subject
    message.period = told.period
    message.revision = told.revision
    if told.proof is not None:
        message.proof.number = told.proof.number
        message.proof.status = told.proof.status
    message.changed_at = china_time(told.changed_at)
    return message


@lru_cache(_KEPT_TEXTS)
def china_time(moment: datetime) -> str:
    """Return a moment in RFC 3339 with China's offset."""
    return moment.astimezone(CHINA).isoformat(timespec="milliseconds")


@lru_cache(_KEPT_TEXTS)
def _day(days: int) -> str:
    return date.fromordinal(days + _EPOCH_ORDINAL).isoformat()


_amount = lru_cache(_KEPT_TEXTS)(format_hours)


def _person_key(raw: bytes) -> PersonKey:
    # The driver's own UUID is made ten times as fast as the library's; the two are equal.
    return PersonKey(UUID(raw))
