"""What authorities decided: queued, stamped, returned, a stamp withdrawn."""

from collections.abc import Sequence

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import HELD, QUEUED, REGISTERED, RETURNED, REVOKED, STAMPED
from xueshi_registry.domain.settling import Stake
from xueshi_registry.handlers.records import leave
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.settling import Batch, write
from xueshi_registry.store import ledger as ledger_store
from xueshi_registry.store import people as people_store
from xueshi_registry.store import records as records_store
from xueshi_registry.wire import Decided

OPEN = frozenset({REGISTERED, QUEUED})


async def apply_decisions(tx: Transaction, registry: Registry, decisions: Sequence[Decided]) -> None:
    """Apply decisions to the versions that they name; on a version that is no longer live one changes nothing."""
    people = await people_store.lock_people(tx, {each.person_key for each in decisions})
    stakes = await records_store.changeable_stakes(
        tx, {(each.ref.platform, each.ref.record_id) for each in decisions}, people
    )
    live = {each.ref: each for each in stakes}
    batch = Batch()
    for decided in decisions:
        stake = live.get(decided.ref)
        if stake is not None and stake.person_key == decided.person_key:
            _apply(batch, stake, decided)
    await ledger_store.name_authorities(tx, {each.authority: each.authority_name for each in decisions})
    await write(tx, registry, batch)


def _apply(batch: Batch, stake: Stake, decided: Decided) -> None:
    if decided.registration_position not in {0, stake.registered_position}:
        # It was taken on a registration that a hold has ended meanwhile; the present one is decided anew.
        return
    if decided.outcome in {QUEUED, STAMPED} and stake.state in OPEN:
        stake.state = decided.outcome
        stake.cause = decided.outcome
        stake.code = decided.reason_code
        batch.restamp(stake)
    elif decided.outcome == RETURNED and stake.state in OPEN | {HELD}:
        leave(batch, stake, RETURNED, "RETURNED", cause=RETURNED)
    elif decided.outcome == REVOKED and stake.state in OPEN | {STAMPED, HELD}:
        leave(batch, stake, REVOKED, "STAMP_WITHDRAWN", cause=REVOKED)
    else:
        return
    stake.authority, stake.actor, stake.reason = decided.authority, decided.officer, decided.reason
    stake.rule_ids = tuple(dict.fromkeys([*stake.rule_ids, *decided.rule_ids]))
