"""The audited exception to the day's cap (FJ-03)."""

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import Ref
from xueshi_registry.domain.settling import Stake
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.settling import Batch, write
from xueshi_registry.store import people as people_store
from xueshi_registry.store import records as records_store


async def exempt_from_cap(tx: Transaction, registry: Registry, ref: Ref, actor: str, reason: str) -> Stake | None:
    """Credit one counting record whole, whatever else its days hold; return it, None when it does not count."""
    named = [(ref.platform, ref.record_id)]
    keys = {each.person_key for each in await records_store.changeable_stakes(tx, named)}
    people = await people_store.lock_people(tx, keys)
    stakes = await records_store.changeable_stakes(tx, named, people)
    stake = next((each for each in stakes if each.ref == ref and each.counts), None)
    if stake is None:
        return None
    stake.cap_exempt, stake.cause, stake.actor, stake.reason = True, "exempted", actor, reason
    await records_store.set_cap_exempt(tx, stake.id)
    await write(tx, registry, Batch(changed=[stake], shares_touched=[stake]))
    return stake
