"""What a batch of the registry's changes means for the items here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from xueshi_verification.domain.model import (
    HELD,
    OPEN,
    QUEUED,
    RETURNED,
    REVOKED,
    STAMPED,
    VOIDED,
    WAITING,
    ItemKey,
    Registration,
)

ECHOES = frozenset({QUEUED, STAMPED})
"""States that only repeat what was told here: most of what the registry says, and nothing to act on."""

_REFUSED = frozenset({RETURNED, REVOKED})


class Change(NamedTuple):
    """One change of one record version, as the registry told it."""

    key: ItemKey
    version: int
    state: str
    position: int
    claimed_centihours: int
    credited_centihours: int
    changed_at: datetime
    registration: Registration | None


class Known(NamedTuple):
    """What stands here about an item before the batch."""

    version: int
    state: str


@dataclass(slots=True)
class Effects:
    """What the batch comes to, at most one opening for each item, and no closing beside it.

    `repeated` are registrations of versions that an officer refused: the same decision is said again, of these.
    """

    opened: dict[ItemKey, Change]
    repeated: dict[ItemKey, Change]
    closed: dict[ItemKey, Change]
    credited: dict[ItemKey, Change]


def fold(known: Mapping[ItemKey, Known], changes: Iterable[Change]) -> Effects:
    """Fold the changes, in their order, over what is known.

    Only the last word on each record counts: what was registered and corrected within one batch is routed once.
    A change of an older version, and the echo of a decision made here, changes nothing. A registration opens the item
    anew, also after a stamp: the registry asks again only for what is open there. What an officer returned, or whose
    stamp an officer withdrew, stays so until another version comes, whatever hold or release crosses the decision:
    otherwise an automatic stamp would undo it (FJ-09).
    """
    effects = Effects({}, {}, {}, {})
    now = dict(known)
    for change in changes:
        if change.state in ECHOES:
            continue
        current = now.get(change.key)
        if current is None:
            if change.registration is not None:
                now[change.key] = Known(change.version, WAITING)
                effects.opened[change.key] = change
        elif change.version < current.version:
            continue
        elif _stays_refused(current, change):
            if change.registration is not None:
                effects.repeated[change.key] = change
            effects.credited[change.key] = change
        elif change.registration is not None:
            now[change.key] = Known(change.version, WAITING)
            _forget(effects, change.key)
            effects.opened[change.key] = change
        elif _closes(current, change):
            now[change.key] = Known(change.version, change.state)
            _forget(effects, change.key)
            effects.closed[change.key] = change
        elif change.version == current.version:
            _credit(effects, change)
    # What was opened and closed within the batch nobody has seen here.
    for key in effects.closed.keys() - known.keys():
        _forget(effects, key)
    return effects


def _stays_refused(current: Known, change: Change) -> bool:
    return current.state in _REFUSED and change.version == current.version and change.state != VOIDED


def _closes(current: Known, change: Change) -> bool:
    return change.state in {HELD, VOIDED} or (change.state in _REFUSED and current.state in OPEN | {HELD})


def _forget(effects: Effects, key: ItemKey) -> None:
    for each in (effects.opened, effects.repeated, effects.closed, effects.credited):
        each.pop(key, None)


def _credit(effects: Effects, change: Change) -> None:
    """Keep the credited hours that officers see in step."""
    opened = effects.opened.get(change.key)
    if opened is None:
        effects.credited[change.key] = change
    else:
        effects.opened[change.key] = opened._replace(
            claimed_centihours=change.claimed_centihours,
            credited_centihours=change.credited_centihours,
        )
