"""Following what the registry says of the platforms' records, and reading it out to them."""

from collections.abc import Sequence
from dataclasses import replace

from xueshi_gateway.domain.errors import UnknownThingError
from xueshi_gateway.domain.fates import CREDITED, Change, Fate, RecordVersion
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.store import deliveries, fates
from xueshi_kit.db import Transaction


async def follow(tx: Transaction, changes: Sequence[Change]) -> None:
    """Enter what became of records. What does not concern a live version of a platform of ours is left out.

    The platforms' feeds are locked first, so that no correction comes between the look and the entry.
    """
    known = await fates.lock_feeds(tx, sorted({each.platform for each in changes}))
    ours = [each for each in changes if each.platform in known]
    live = await fates.live_versions(tx, sorted({(each.platform, each.record_id) for each in ours}))
    for platform in sorted(known):
        await _follow(tx, platform, [each for each in ours if each.platform == platform], live)


async def _follow(
    tx: Transaction, platform: str, changes: Sequence[Change], live: dict[tuple[str, str], RecordVersion]
) -> None:
    """Fold one platform's changes to the last state of each record and enter it."""
    last: dict[str, Change] = {}
    for change in changes:
        version = live.get((platform, change.record_id))
        if version is not None and change.concerns(version):
            last[change.record_id] = _after(last.pop(change.record_id, None), change)
    if any(each.state == CREDITED for each in last.values()):
        last = await _with_states(tx, platform, last, live)
    if last:
        versions = [live[platform, record_id].version for record_id in last]
        await fates.apply(tx, platform, list(last.values()), versions)


def _after(before: Change | None, change: Change) -> Change:
    """Return the state after a change; one of the credited hours alone leaves the state as it was."""
    if before is None or change.state != CREDITED:
        return change
    return replace(change, state=before.state)


async def _with_states(
    tx: Transaction, platform: str, last: dict[str, Change], live: dict[tuple[str, str], RecordVersion]
) -> dict[str, Change]:
    """Give changes of the credited hours alone the state that was entered before them; without one they say nothing."""
    entered = await fates.states(tx, platform, [key for key, each in last.items() if each.state == CREDITED])
    result: dict[str, Change] = {}
    for record_id, change in last.items():
        before = entered.get(record_id)
        if change.state != CREDITED:
            result[record_id] = change
        elif before is not None and before.version == live[platform, record_id].version:
            result[record_id] = replace(change, state=before.state)
    return result


async def find_fate(tx: Transaction, platform: PlatformId, record_id: str) -> Fate:
    """Return what became of a record's live version. Raises `UnknownThingError`."""
    fate = await fates.find(tx, platform, record_id)
    if fate is None:
        raise UnknownThingError("record")
    return fate


async def find_receipt(tx: Transaction, platform: PlatformId, webhook_id: str) -> bytes:
    """Return the receipt of a delivery. Raises `UnknownThingError`."""
    place = platform, webhook_id
    standing = await deliveries.standing_deliveries(tx, [place])
    if place not in standing:
        raise UnknownThingError("delivery")
    return standing[place].receipt
