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
    versions = {each.rulebook for each in decisions}
    earlier = versions - {office.rulebook}
    clauses = await store.read(tx, earlier) if earlier else {}
    if office.rulebook in versions:
        rule_ids = {rule_id for each in decisions if each.rulebook == office.rulebook for rule_id in each.rule_ids}
        clauses[office.rulebook] = office.routing.rulebook.clauses(rule_ids)
        await store.keep(tx, {office.rulebook: clauses[office.rulebook]})
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
