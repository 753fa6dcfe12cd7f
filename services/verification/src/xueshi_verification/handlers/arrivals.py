"""What the registry tells: records are routed, stamped at once or put into a queue; what is over leaves it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from xueshi_kit.db import Transaction
from xueshi_verification.domain.arrivals import Change, fold
from xueshi_verification.domain.model import (
    OPEN,
    QUEUED,
    STAMPED,
    UNROUTED,
    WAITING,
    Decision,
    Item,
    ItemKey,
    Placement,
    Reason,
)
from xueshi_verification.handlers.office import Office, tell
from xueshi_verification.handlers.routing import Routers
from xueshi_verification.store import decisions as decision_store
from xueshi_verification.store import items as store
from xueshi_verification.store.items import Opening


async def take_changes(tx: Transaction, office: Office, changes: Sequence[Change]) -> None:
    """Apply a batch of the registry's changes.

    What the rulebook stamps automatically is stamped in the name of the authority that the record routes to (FJ-09), or
    in nobody's where the rule needs none (SG-03).
    Otherwise it waits there (FJ-08), or nowhere: for an authority to be entered, or for its employer (SG-04). Held,
    voided and superseded items are over. What an officer refused and the registry registers again is refused again: the
    officer's decision has crossed the release.
    """
    if not changes:
        return
    routers = await office.routing.current(tx)
    known = await store.lock_known(tx, {change.key for change in changes})
    effects = fold(known, changes)
    openings = [_opening(routers, change) for change in effects.opened.values()]
    await store.close(tx, effects.closed.values())
    await store.credit(tx, effects.credited.values())
    await store.write(tx, openings, await _positions(tx, [opening.state for opening in openings]), known)
    now = office.clock.now()
    outcomes = [
        _outcome(
            office,
            (change.key, change.version, registration.registered_rulebook, change.position),
            placement,
            state,
            now,
        )
        for change, registration, placement, state in openings
    ]
    await _announce(tx, office, [*outcomes, *await _repeat(tx, effects.repeated)])


async def place_anew(tx: Transaction, office: Office, routers: Routers, items: Sequence[Item]) -> int:
    """Route items again and move those that now belong elsewhere, or wait for something else; return how many moved.

    The caller has locked the items and changed the authorities.
    """
    moves = [
        (item, placement, _state_at(placement))
        for item in items
        if ((placement := routers.place(item.registration)).authority, placement.code) != (item.authority, item.code)
    ]
    if not moves:
        return 0
    await store.move(tx, moves, await _positions(tx, [state for _, _, state in moves]))
    now = office.clock.now()
    await _announce(
        tx,
        office,
        [
            _outcome(
                office,
                (item.key, item.version, item.registration.registered_rulebook, item.registration_position),
                placement,
                state,
                now,
            )
            for item, placement, state in moves
        ],
    )
    return len(moves)


async def _repeat(tx: Transaction, registered: Mapping[ItemKey, Change]) -> list[Decision]:
    """Return the officers' decisions on these versions, each about the newest registration."""
    if not registered:
        return []
    await store.reregister(tx, registered.values())
    decided = await decision_store.refusals_of(tx, registered.values())
    return [each._replace(registration_position=registered[each.key].position) for each in decided]


def _opening(routers: Routers, change: Change) -> Opening:
    registration = change.registration
    assert registration is not None  # noqa: S101 - `fold` opens nothing else
    placement = routers.place(registration)
    return Opening(change, registration, placement, _state_at(placement))


async def _positions(tx: Transaction, states: Sequence[str]) -> list[int]:
    """Return a position for each item that enters a queue, 0 for the others: these need not wait for the feed."""
    entering = sum(state in OPEN for state in states)
    taken = iter(await store.take_positions(tx, entering) if entering else ())
    return [next(taken) if state in OPEN else 0 for state in states]


def _state_at(placement: Placement) -> str:
    # What is automatic may stand without an authority; where it may not, a code says so.
    if placement.automatic and not placement.code:
        return STAMPED
    return UNROUTED if placement.authority is None else WAITING


def _outcome(
    office: Office, registered: tuple[ItemKey, int, str, int], placement: Placement, state: str, now: datetime
) -> Decision:
    """Return where a registration (key, version, its rulebook, position) has come to."""
    key, version, rulebook, position = registered
    return Decision(
        key=key,
        version=version,
        outcome=STAMPED if state == STAMPED else QUEUED,
        authority=placement.authority,
        authority_name=placement.authority_name,
        officer=None,
        reason=Reason(placement.code, "") if placement.code else None,
        rule_ids=placement.rule_ids,
        rulebook=office.rulebook,
        registered_rulebook=rulebook,
        registration_position=position,
        decided_at=now,
    )


async def _announce(tx: Transaction, office: Office, outcomes: Sequence[Decision]) -> None:
    """Store the automatic stamps and tell everything: also where a record waits."""
    await decision_store.append(tx, [each for each in outcomes if each.outcome == STAMPED])
    await tell(tx, office, outcomes)
