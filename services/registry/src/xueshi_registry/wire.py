"""Between protobuf and the registry's own types."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import msgspec
from asyncpg.pgproto.pgproto import UUID
from msgspec import UNSET

from xueshi.gateway.v1 import hour_records_pb2
from xueshi.registry.v1 import hours_pb2, transcripts_pb2
from xueshi.rulebook.v1 import clauses_pb2
from xueshi.verification.v1 import decisions_pb2
from xueshi_records import (
    AskedRecord,
    Bounds,
    LearnedRange,
    RejectedError,
    centihours,
    code_of,
    pointer_of,
    settle_content,
    settle_id,
    settle_learner,
)
from xueshi_registry.domain.judging import Judgement
from xueshi_registry.domain.model import Content, PersonKey, Ref, StampedLine, TranscriptRow
from xueshi_registry.domain.settling import Stake
from xueshi_rulebook import Progress, Rulebook

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
MS = 1000

_HOURS = "hours"
"""The unit of a total that names none."""


class Incoming(NamedTuple):
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


class Decided(NamedTuple):
    """One decision of an authority, or word of where a record waits."""

    ref: Ref
    person_key: PersonKey
    outcome: str
    authority: str
    authority_name: str
    officer: str
    reason: str
    rule_ids: tuple[str, ...]
    # Set where a record waits without an authority: NO_AUTHORITY, AWAITS_EMPLOYER.
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
        credit_year=record.credit_year,
    )


def read_asked(given: Mapping[str, Any], bounds: Bounds) -> AskedRecord:
    """Return a record that is asked about, checked and in canonical form as the gateway does it.

    Raises `RejectedError` with the code and the pointer that the gateway would reject it by.
    """
    try:
        record = _asked.decode(_encode(given))
    except (ValueError, RecursionError) as error:
        raise RejectedError(code_of(error), pointer_of(error)) from None
    if record.record_id is not UNSET:
        settle_id(record.record_id)
    if record.learner is not UNSET:
        settle_learner(record.learner)
    settle_content(record, bounds)
    return record


def content_of(record: AskedRecord, name_digest: bytes) -> Content:
    """Return the content that the registry would get of a settled record by way of the gateway's event."""
    learned = record.learned
    return Content(
        employer="" if record.employer is UNSET else record.employer,
        subject_kind=record.subject_kind,
        learning_form=record.learning_form,
        course_id=record.course.id,
        course_title=record.course.title,
        industry=0 if record.industry is UNSET else int(record.industry),
        major="" if record.major is UNSET else record.major,
        learned_days=()
        if isinstance(learned, LearnedRange)
        else tuple((each.on, centihours(each.hours)) for each in learned),
        learned_range=(learned.from_on, learned.to_on) if isinstance(learned, LearnedRange) else None,
        centihours=centihours(record.hours),
        passed=record.assessment.passed,
        name_digest=name_digest,
        credit_year="" if record.credit_year is UNSET else record.credit_year,
    )


_asked = msgspec.json.Decoder(AskedRecord)
_encode = msgspec.json.Encoder().encode


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


def fill_change(change: hours_pb2.HoursChange, stake: Stake, state: str, code: str, position: int) -> None:
    """Fill an event's item for one record version; registration details and what all share are added by the caller.

    Fields are assigned one by one throughout: naming them in a call costs twice as much.
    """
    change.platform, change.record_id, change.version = stake.ref
    change.person_key = stake.person_key.bytes
    change.state = state
    change.code = code
    change.rule_ids.extend(stake.rule_ids)
    change.position = position
    change.claimed_centihours = sum(stake.claimed)
    change.credited_centihours = sum(stake.credited)
    change.reason = stake.reason
    change.authority = stake.authority


def hours_changed(
    changes: Sequence[hours_pb2.HoursChange], clauses: Mapping[str, Mapping[str, str]]
) -> hours_pb2.HoursChanged:
    """Return a slice of changes with the clauses of their rules, by version of the rulebook and rule id."""
    told = (clauses_pb2.Clauses(rulebook=version, by_rule=by_rule) for version, by_rule in clauses.items())
    return hours_pb2.HoursChanged(changes=changes, clauses=told)


def fill_registration(
    told: hours_pb2.Registration, judgement: Judgement, content: Content, *, score: str, label: str
) -> None:
    """Fill in what verification needs to route a registered record and an officer to judge it."""
    told.jurisdiction = judgement.jurisdiction
    told.region = judgement.region
    if judgement.employer is not None:
        told.employer, told.employer_name, _, told.industry = judgement.employer
    told.subject_kind = content.subject_kind
    told.learning_form = content.learning_form
    told.registered_by = judgement.registered_by
    told.course_title = content.course_title
    told.major = content.major
    told.first_on = days_since_epoch(content.first_on)
    told.last_on = days_since_epoch(content.last_on)
    told.passed = content.passed
    told.score = score
    told.person_label = label


def transcript(
    row: TranscriptRow,
    progress: Progress,
    lines: Sequence[StampedLine],
    *,
    identity: bytes,
    revision: int,
    rulebook: Rulebook,
    now: datetime,
) -> transcripts_pb2.TranscriptChanged:
    """Return the whole state of one person's hours in one period."""
    told = transcripts_pb2.TranscriptChanged()
    told.person_key = row.person_key.bytes
    told.identity = identity
    told.jurisdiction = row.jurisdiction
    told.period = row.period
    told.revision = revision
    for each in progress.lines:
        total = told.totals.add()
        total.kind = each.kind
        if each.unit != _HOURS:
            total.unit = each.unit
        total.required_centihours = each.required
        total.registered_centihours = each.registered
        total.stamped_centihours = each.counted
        total.lacking_centihours = each.lacking
    told.verdict = progress.verdict
    told.rule_ids.extend(progress.rule_ids)
    told.clauses.extend(rulebook.clauses(progress.rule_ids).values())
    told.rulebook = rulebook.hash
    told.profile = progress.profile
    for line in lines:
        entry = told.entries.add()
        _fill_entry(entry, line)
        if line.rulebook != rulebook.hash:
            entry.rulebook = line.rulebook
    told.changed_at_ms = milliseconds(now)
    return told


def _fill_entry(entry: transcripts_pb2.TranscriptEntry, line: StampedLine) -> None:
    entry.platform = line.platform
    entry.record_id = line.record_id
    entry.version = line.version
    entry.kind = line.subject_kind
    entry.course_title = line.course_title
    entry.learning_form = line.learning_form
    entry.first_on = line.first_on.toordinal() - EPOCH_ORDINAL
    entry.last_on = line.last_on.toordinal() - EPOCH_ORDINAL
    entry.credited_centihours = line.centihours
    entry.passed = line.passed
    entry.score = line.score
    entry.authority = line.authority
    entry.authority_name = line.authority_name


def milliseconds(moment: datetime) -> int:
    """Return a moment as events carry it: milliseconds since 1970."""
    return int(moment.timestamp() * MS)


def person_key(raw: bytes) -> PersonKey:
    """Return the person key that an event carries as 16 bytes."""
    # The driver's own kind of UUID is made, hashed and compared several times faster.
    return PersonKey(UUID(raw))


def days_since_epoch(day: date) -> int:
    """Return the day as events carry it."""
    return day.toordinal() - EPOCH_ORDINAL


def _date(days: int) -> date:
    return date.fromordinal(days + EPOCH_ORDINAL)
