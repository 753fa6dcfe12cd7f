"""Employers entered or changed; what was held because of them is judged anew."""

from collections.abc import Sequence

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import Employer
from xueshi_registry.handlers.settling import Registry
from xueshi_registry.store import people as people_store
from xueshi_registry.store import releases


async def save_employers(tx: Transaction, registry: Registry, employers: Sequence[Employer], actor: str) -> None:
    """Enter employers, or replace what was known of them, and ask that the records they concern be judged anew."""
    await releases.change_reference(tx)
    now = registry.clock.now()
    await people_store.save_employers(tx, employers, now)
    await releases.request(tx, now, employers=[each.uscc for each in employers], actor=actor)
