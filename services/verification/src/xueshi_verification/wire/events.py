"""The registry's changes as they come in, and decisions as they go out."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from asyncpg.pgproto.pgproto import UUID

from xueshi.registry.v1 import hours_pb2
from xueshi.rulebook.v1 import clauses_pb2
from xueshi.verification.v1 import decisions_pb2
from xueshi_kit.events import slices
from xueshi_verification.domain.arrivals import ECHOES, Change
from xueshi_verification.domain.model import (
    Decision,
    ItemKey,
    PersonKey,
    PlatformId,
    RecordId,
    Registration,
)

_EPOCH = date(1970, 1, 1).toordinal()
_REGISTERED = "registered"


def read_changes(events: Iterable[hours_pb2.HoursChanged]) -> list[Change]:
    """Return the changes of the events but for echoes, in order. A person key of another length raises ValueError.

    The driver's own UUID is made ten times as fast as the library's; the two are equal.
    """
    return [
        Change(
            ItemKey(PlatformId(change.platform), RecordId(change.record_id), PersonKey(UUID(change.person_key))),
            change.version,
            state,
            change.position,
            change.claimed_centihours,
            change.credited_centihours,
            _moment(change.changed_at_ms),
            _registration(change) if _opens(change) else None,
        )
        for event in events
        for change in event.changes
        if (state := change.state) not in ECHOES
    ]


def write_decisions(
    decisions: Iterable[Decision], clauses: Mapping[str, Mapping[str, str]]
) -> Iterator[decisions_pb2.HoursDecided]:
    """Yield slices of decisions of one bucket, in order, with the clauses of their rules by rulebook and rule id."""
    told = [clauses_pb2.Clauses(rulebook=version, by_rule=by_rule) for version, by_rule in clauses.items()]
    return slices(
        (_decision(each) for each in decisions),
        lambda batch: decisions_pb2.HoursDecided(decisions=batch, clauses=told),
    )


def _opens(change: hours_pb2.HoursChange) -> bool:
    """Tell whether the change asks for a decision; a registered record whose hours moved does not ask again."""
    return change.state == _REGISTERED and change.HasField("registration")


def _registration(change: hours_pb2.HoursChange) -> Registration:
    sent = change.registration
    return Registration(
        sent.jurisdiction,
        sent.region,
        sent.industry,
        sent.employer,
        sent.employer_name,
        sent.subject_kind,
        sent.learning_form,
        sent.registered_by,
        sent.course_title,
        sent.major,
        date.fromordinal(_EPOCH + sent.first_on),
        date.fromordinal(_EPOCH + sent.last_on),
        sent.passed,
        sent.score,
        sent.person_label,
        change.registered_rulebook or change.rulebook,
    )


def _decision(decision: Decision) -> decisions_pb2.Decision:
    # Field by field: protobuf takes twice as long with keywords.
    written = decisions_pb2.Decision()
    written.platform, written.record_id, person_key = decision.key
    written.version = decision.version
    written.person_key = person_key.bytes
    written.outcome = decision.outcome
    written.authority = decision.authority or ""
    written.authority_name = decision.authority_name
    written.officer = decision.officer or ""
    if decision.reason is not None:
        written.reason = decision.reason.text
        written.reason_code = decision.reason.code
    written.rule_ids.extend(decision.rule_ids)
    written.rulebook = decision.rulebook
    if decision.registered_rulebook != decision.rulebook:
        written.registered_rulebook = decision.registered_rulebook
    written.registration_position = decision.registration_position
    written.decided_at_ms = int(decision.decided_at.timestamp() * 1000)
    return written


@lru_cache(64)
def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
