"""The registry's changes as they come in, and decisions as they go out."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from xueshi.registry.v1 import hours_pb2
from xueshi.verification.v1 import decisions_pb2
from xueshi_kit.events import slices
from xueshi_verification.domain.arrivals import Change
from xueshi_verification.domain.model import (
    Decision,
    ItemKey,
    PersonKey,
    PlatformId,
    RecordId,
    Registration,
)

_EPOCH = date(1970, 1, 1)
_REGISTERED = "registered"


def read_changes(events: Iterable[hours_pb2.HoursChanged]) -> Iterator[Change]:
    """Yield the changes of the events, in order. A person key of another length raises ValueError."""
    for event in events:
        for change in event.changes:
            yield Change(
                key=ItemKey(
                    PlatformId(change.platform),
                    RecordId(change.record_id),
                    PersonKey(UUID(bytes=change.person_key)),
                ),
                version=change.version,
                state=change.state,
                position=change.position,
                claimed_centihours=change.claimed_centihours,
                credited_centihours=change.credited_centihours,
                changed_at=_moment(change.changed_at_ms),
                registration=_registration(change.registration) if _opens(change) else None,
            )


def write_decisions(decisions: Iterable[Decision]) -> Iterator[decisions_pb2.HoursDecided]:
    """Yield slices of decisions of one bucket, in order."""
    return slices((_decision(each) for each in decisions), lambda batch: decisions_pb2.HoursDecided(decisions=batch))


def _opens(change: hours_pb2.HoursChange) -> bool:
    """Tell whether the change asks for a decision; a registered record whose hours moved does not ask again."""
    return change.state == _REGISTERED and change.HasField("registration")


def _registration(sent: hours_pb2.Registration) -> Registration:
    return Registration(
        jurisdiction=sent.jurisdiction,
        region=sent.region,
        industry=sent.industry,
        employer=sent.employer,
        employer_name=sent.employer_name,
        subject_kind=sent.subject_kind,
        learning_form=sent.learning_form,
        registered_by=sent.registered_by,
        course_title=sent.course_title,
        major=sent.major,
        first_on=_EPOCH + timedelta(days=sent.first_on),
        last_on=_EPOCH + timedelta(days=sent.last_on),
        passed=sent.passed,
        score=sent.score,
        person_label=sent.person_label,
    )


def _decision(decision: Decision) -> decisions_pb2.Decision:
    return decisions_pb2.Decision(
        platform=decision.key.platform,
        record_id=decision.key.record_id,
        version=decision.version,
        person_key=decision.key.person_key.bytes,
        outcome=decision.outcome,
        authority=decision.authority or "",
        authority_name=decision.authority_name,
        officer=decision.officer or "",
        reason=decision.reason.text if decision.reason else "",
        reason_code=decision.reason.code if decision.reason else "",
        rule_ids=decision.rule_ids,
        rulebook=decision.rulebook,
        registration_position=decision.registration_position,
        decided_at_ms=int(decision.decided_at.timestamp() * 1000),
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
