"""Employers entered or changed; what was held because of them is judged anew."""

from collections.abc import Sequence

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import Employer
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.store import people as people_store
from xueshi_registry.store import releases


async def save_employers(tx: Transaction, registry: Registry, employers: Sequence[Employer], actor: str) -> None:
    """Enter employers, or replace what was known of them.

    Held records that they concern are judged anew; where one moves to another region or industry, the transcripts of
    its people are.
    """
    await releases.change_reference(tx)
    now = registry.clock.now()
    known = await people_store.employers(tx, [each.uscc for each in employers])
    await people_store.save_employers(tx, employers, now)
    await releases.request(tx, now, employers=[each.uscc for each in employers], actor=actor)
    moved = [each.uscc for each in employers if each.uscc in known and not each.judges_alike(known[each.uscc])]
    await releases.request_transcripts(tx, now, dict.fromkeys(moved), actor)
