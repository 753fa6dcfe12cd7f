"""Between protobuf and the registry's own types."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from xueshi.gateway.v1 import hour_records_pb2
from xueshi.registry.v1 import hours_pb2, transcripts_pb2
from xueshi.verification.v1 import decisions_pb2
from xueshi_registry.domain.judging import Judgement
from xueshi_registry.domain.model import Content, PersonKey, Ref, StampedLine, TranscriptRow
from xueshi_registry.domain.settling import Stake
from xueshi_rulebook import Progress

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
MS = 1000


@dataclass(frozen=True, slots=True)
class Incoming:
    """One accepted record version as the gateway sent it. A voided one has a reason and no content."""

    change: str
    ref: Ref
    person_key: PersonKey
    content: Content | None
    identity: bytes
    score: str
    completed_at: datetime
    digest: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of an authority, or word of where a record waits."""

    ref: Ref
    person_key: PersonKey
    outcome: str
    authority: str
    authority_name: str
    officer: str
    reason: str
    rule_ids: tuple[str, ...]
    # Set where a record waits without an authority: NO_AUTHORITY.
    reason_code: str = ""
    registration_position: int = 0


def incoming(events: Sequence[hour_records_pb2.HourRecordsAccepted]) -> list[Incoming]:
    """Return the records of a batch of slices, in order."""
    return [_incoming(event.platform, record) for event in events for record in event.records]


def _incoming(platform: str, record: hour_records_pb2.HourRecord) -> Incoming:
    return Incoming(
        change=record.change,
        ref=Ref(platform, record.record_id, record.version),
        person_key=person_key(record.person_key),
        content=None if record.change == "voided" else _content(record),
        identity=record.identity,
        score=record.score,
        completed_at=datetime.fromtimestamp(record.completed_at_ms / MS, UTC),
        digest=record.digest,
        reason=record.reason,
    )


def _content(record: hour_records_pb2.HourRecord) -> Content:
    by_day: dict[date, int] = {}
    for each in record.learned_days:
        day = _date(each.on)
        by_day[day] = by_day.get(day, 0) + each.centihours
    spanned = record.HasField("learned_range")
    return Content(
        employer=record.employer,
        subject_kind=record.subject_kind,
        learning_form=record.learning_form,
        course_id=record.course_id,
        course_title=record.course_title,
        industry=record.industry,
        major=record.major,
        learned_days=tuple(sorted(by_day.items())),
        learned_range=(_date(record.learned_range.from_on), _date(record.learned_range.to_on)) if spanned else None,
        centihours=record.centihours,
        passed=record.passed,
        name_digest=record.name_digest,
    )


def decisions(events: Sequence[decisions_pb2.HoursDecided]) -> list[Decided]:
    """Return the decisions of a batch of slices, in order."""
    return [
        Decided(
            Ref(each.platform, each.record_id, each.version),
            person_key(each.person_key),
            each.outcome,
            each.authority,
            each.authority_name,
            each.officer,
            each.reason,
            tuple(each.rule_ids),
            each.reason_code if each.outcome == "queued" else "",
            each.registration_position,
        )
        for event in events
        for each in event.decisions
    ]


def hours_change(
    stake: Stake, state: str, code: str, *, rulebook: str, position: int, now: datetime
) -> hours_pb2.HoursChange:
    """Return the event's item for one record version; registration details are added by the caller."""
    return hours_pb2.HoursChange(
        platform=stake.ref.platform,
        record_id=stake.ref.record_id,
        version=stake.ref.version,
        person_key=stake.person_key.bytes,
        state=state,
        code=code,
        rule_ids=stake.rule_ids,
        rulebook=rulebook,
        position=position,
        changed_at_ms=int(now.timestamp() * MS),
        claimed_centihours=sum(stake.claimed),
        credited_centihours=sum(stake.credited),
        reason=stake.reason,
        authority=stake.authority,
    )


def registration(judgement: Judgement, content: Content, *, score: str, label: str) -> hours_pb2.Registration:
    """Return what verification needs to route a registered record and an officer to judge it."""
    employer = judgement.employer
    return hours_pb2.Registration(
        jurisdiction=judgement.jurisdiction,
        region=judgement.region,
        industry=employer.industry if employer else 0,
        employer=employer.uscc if employer else "",
        employer_name=employer.name if employer else "",
        subject_kind=content.subject_kind,
        learning_form=content.learning_form,
        registered_by=judgement.registered_by,
        course_title=content.course_title,
        major=content.major,
        first_on=days_since_epoch(content.first_on),
        last_on=days_since_epoch(content.last_on),
        passed=content.passed,
        score=score,
        person_label=label,
    )


def transcript(
    row: TranscriptRow,
    progress: Progress,
    lines: Sequence[StampedLine],
    *,
    identity: bytes,
    revision: int,
    rulebook: str,
    now: datetime,
) -> transcripts_pb2.TranscriptChanged:
    """Return the whole state of one person's hours in one period."""
    return transcripts_pb2.TranscriptChanged(
        person_key=row.person_key.bytes,
        identity=identity,
        jurisdiction=row.jurisdiction,
        period=row.period,
        revision=revision,
        totals=[
            transcripts_pb2.KindTotal(
                kind=line.kind,
                required_centihours=line.required,
                registered_centihours=line.registered,
                stamped_centihours=line.counted,
                lacking_centihours=line.lacking,
            )
            for line in progress.lines
        ],
        verdict=progress.verdict,
        rule_ids=progress.rule_ids,
        rulebook=rulebook,
        entries=[
            transcripts_pb2.TranscriptEntry(
                platform=line.platform,
                record_id=line.record_id,
                version=line.version,
                kind=line.subject_kind,
                course_title=line.course_title,
                learning_form=line.learning_form,
                first_on=days_since_epoch(line.first_on),
                last_on=days_since_epoch(line.last_on),
                credited_centihours=line.centihours,
                passed=line.passed,
                score=line.score,
                authority=line.authority,
                authority_name=line.authority_name,
            )
            for line in lines
        ],
        changed_at_ms=int(now.timestamp() * MS),
    )


def person_key(raw: bytes) -> PersonKey:
    """Return the person key that an event carries as 16 bytes."""
    return PersonKey(UUID(bytes=raw))


def days_since_epoch(day: date) -> int:
    """Return the day as events carry it."""
    return day.toordinal() - EPOCH_ORDINAL


def _date(days: int) -> date:
    return date.fromordinal(days + EPOCH_ORDINAL)
