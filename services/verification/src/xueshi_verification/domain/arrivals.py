"""What a batch of the registry's changes means for the items here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

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

_CLOSING = frozenset({HELD, VOIDED})
_CLOSING_WHEN_OPEN = frozenset({RETURNED, REVOKED})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one record version, as the registry told it."""

    key: ItemKey
    version: int
    state: str
    claimed_centihours: int
    credited_centihours: int
    changed_at: datetime
    registration: Registration | None


@dataclass(frozen=True, slots=True)
class Known:
    """What stands here about an item before the batch."""

    version: int
    state: str


@dataclass(slots=True)
class Effects:
    """What the batch comes to, at most one opening or closing for each item."""

    opened: dict[ItemKey, Change]
    closed: dict[ItemKey, Change]
    credited: dict[ItemKey, Change]


def fold(known: Mapping[ItemKey, Known], changes: Iterable[Change]) -> Effects:
    """Fold the changes, in their order, over what is known.

    Only the last word on each record counts: what was registered and corrected within one batch is routed once.
    A change of an older version, and the echo of a decision made here, changes nothing. A registration opens the item
    anew whatever was decided before: the registry asks again only for what is open there.
    """
    effects = Effects({}, {}, {})
    now = dict(known)
    for change in changes:
        current = now.get(change.key)
        if change.state in ECHOES or (current is not None and change.version < current.version):
            continue
        if change.registration is not None:
            now[change.key] = Known(change.version, WAITING)
            effects.opened[change.key] = change
            effects.closed.pop(change.key, None)
            effects.credited.pop(change.key, None)
        elif current is not None and _closes(current, change):
            now[change.key] = Known(change.version, change.state)
            effects.closed[change.key] = change
            effects.opened.pop(change.key, None)
            effects.credited.pop(change.key, None)
        elif current is not None and change.version == current.version:
            _credit(effects, change)
    # What was opened and closed within the batch nobody has seen here.
    for key in effects.closed.keys() - known.keys():
        del effects.closed[key]
        effects.credited.pop(key, None)
    return effects


def _closes(current: Known, change: Change) -> bool:
    if change.state in _CLOSING:
        return True
    return change.state in _CLOSING_WHEN_OPEN and current.state in OPEN


def _credit(effects: Effects, change: Change) -> None:
    """Keep the credited hours that officers see in step."""
    opened = effects.opened.get(change.key)
    if opened is None:
        effects.credited[change.key] = change
    else:
        effects.opened[change.key] = replace(
            opened,
            claimed_centihours=change.claimed_centihours,
            credited_centihours=change.credited_centihours,
        )
