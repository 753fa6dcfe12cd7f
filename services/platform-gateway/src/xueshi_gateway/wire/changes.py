"""The registry's events as the gateway reads them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from xueshi.registry.v1.hours_pb2 import HoursChange, HoursChanged
from xueshi_gateway.domain.fates import Change


def clauses_of(events: Iterable[HoursChanged]) -> dict[str, dict[str, str]]:
    """Return the clauses that a batch of events tells, by version of the rulebook and rule id."""
    told: dict[str, dict[str, str]] = {}
    for event in events:
        for each in event.clauses:
            told.setdefault(each.rulebook, {}).update(each.by_rule)
    return told


def changes_of(events: Iterable[HoursChanged]) -> list[Change]:
    """Return the changes of a batch of events, in order."""
    return [_change(item) for event in events for item in event.changes]


def _change(item: HoursChange) -> Change:
    return Change(
        platform=item.platform,
        record_id=item.record_id,
        version=item.version,
        person_key=item.person_key,
        state=item.state,
        code=item.code,
        rule_ids=tuple(item.rule_ids),
        rulebook=item.rulebook,
        registered_rulebook=item.registered_rulebook,
        changed_at=datetime.fromtimestamp(item.changed_at_ms / 1000, UTC),
        claimed_centihours=item.claimed_centihours,
        credited_centihours=item.credited_centihours,
        reason=item.reason,
        authority=item.authority,
    )
