"""What every use case works with beside its transaction, and how decisions leave."""

from collections.abc import Sequence
from dataclasses import dataclass

from xueshi_kit.clock import Clock
from xueshi_kit.db import Transaction
from xueshi_kit.events import bucket_of
from xueshi_kit.outbox import Outbox, OutboxEvent
from xueshi_verification.domain.model import Decision
from xueshi_verification.handlers.routing import Routing
from xueshi_verification.store import clauses as store
from xueshi_verification.wire.events import write_decisions


@dataclass(frozen=True, slots=True)
class Office:
    """The parts that the wiring puts together."""

    routing: Routing
    outbox: Outbox
    clock: Clock

    @property
    def rulebook(self) -> str:
        """The content hash of the rulebook that decides here."""
        return self.routing.rulebook.hash


async def tell(tx: Transaction, office: Office, decisions: Sequence[Decision]) -> None:
    """Publish the decisions, in slices of one bucket each. The items they are about are locked by the caller.

    The clauses of their rules go along and are kept; of what an earlier rulebook decided they were kept then.
    """
    clauses = await _clauses_of(tx, office, decisions)
    by_bucket: dict[int, list[Decision]] = {}
    for decision in decisions:
        bucket = bucket_of(decision.key.person_key.bytes, office.outbox.buckets)
        by_bucket.setdefault(bucket, []).append(decision)
    events = [
        OutboxEvent(key=listed[0].key.person_key.hex, bucket_key=listed[0].key.person_key.bytes, event=event)
        for _, listed in sorted(by_bucket.items())
        for event in write_decisions(listed, clauses)
    ]
    await office.outbox.append(tx, events)


async def _clauses_of(tx: Transaction, office: Office, decisions: Sequence[Decision]) -> dict[str, dict[str, str]]:
    """Return where the decisions' rules stand, by rulebook and rule id; those of the rulebook here are kept."""
    named: dict[str, set[str]] = {}
    for each in decisions:
        named.setdefault(each.rulebook, set()).update(each.rule_ids)
    clauses: dict[str, dict[str, str]] = {}
    if office.rulebook in named:
        clauses[office.rulebook] = office.routing.rulebook.clauses(named.pop(office.rulebook))
        await store.keep(tx, clauses)
    kept = await store.read(tx, named) if named else {}
    for version, found in kept.items():
        clauses[version] = {rule_id: clause for rule_id, clause in found.items() if rule_id in named[version]}
    return clauses
