"""Transcripts, derived anew when hours move or when what judges them has changed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from xueshi_kit.db import Transaction
from xueshi_kit.outbox import OutboxEvent
from xueshi_registry import wire
from xueshi_registry.domain.model import PersonKey, TranscriptRow
from xueshi_registry.domain.settling import Movement
from xueshi_registry.domain.transcripts import Judged, judge_period
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.store import ledger
from xueshi_registry.store import people as people_store
from xueshi_registry.store import transcripts as store

Pair = tuple[PersonKey, str]
"""A person and a period."""


async def tell_movements(tx: Transaction, registry: Registry, movements: Iterable[Movement], now: datetime) -> None:
    """Derive the transcripts of the people whose hours moved; tell those whose stamped hours did."""
    own, stamped = periods_moved(registry, movements)
    await _derive(tx, registry, await judge(tx, registry, own), stamped, now)


def periods_moved(registry: Registry, movements: Iterable[Movement]) -> tuple[dict[Pair, str], set[Pair]]:
    """Return the periods that movements touch, each with the jurisdiction of the last, and those with stamped hours."""
    own: dict[Pair, str] = {}
    stamped: set[Pair] = set()
    for move in movements:
        jurisdiction = registry.rulebook.jurisdictions[move.stake.jurisdiction]
        for period in {move.stake.period_of(day, jurisdiction) for day in move.days}:
            pair = (move.stake.person_key, period)
            own[pair] = jurisdiction.code
            if move.account == "stamped":
                stamped.add(pair)
    return own, stamped


async def judge(tx: Transaction, registry: Registry, own: Mapping[Pair, str]) -> dict[Pair, Judged]:
    """Judge the people's periods from the ledger and the employments as they stand.

    `own` gives for each the jurisdiction under which hours were entered.
    """
    if not own:
        return {}
    employments = await people_store.employments_of(tx, {key for key, _ in own})
    totals = await ledger.totals(tx, own)
    return {
        pair: judge_period(registry.rulebook, pair[1], own[pair], employments.get(pair[0], ()), totals[pair])
        for pair in sorted(own)
    }


async def judge_cycle(tx: Transaction, registry: Registry, key: PersonKey, period: str) -> Judged | None:
    """Judge a person's cycle or tenure (LJ-03, LJ-04) from the hours of its days; None where no hours are known at all.

    Raises `UnknownPeriodError`. Nothing of it is kept: it is judged when it is asked for.
    """
    own = next(iter((await store.jurisdictions(tx, [key])).values()), None)
    if own is None:
        return None
    totals = await ledger.totals_between(tx, key, *registry.rulebook.jurisdiction(own).days_of(period))
    employments = await people_store.employments_of(tx, [key])
    return judge_period(registry.rulebook, period, own, employments.get(key, ()), totals)


async def judge_people(tx: Transaction, registry: Registry, keys: Collection[PersonKey]) -> dict[Pair, Judged]:
    """Judge every period in which these people have a transcript."""
    return await judge(tx, registry, await store.jurisdictions(tx, keys))


async def derive_changed(
    tx: Transaction, registry: Registry, before: Mapping[Pair, Judged], keys: Collection[PersonKey]
) -> None:
    """Derive the people's transcripts that are judged otherwise than `before`, which `judge_people` gave.

    Told are those of which something has been told before: hours of theirs are or were stamped.
    """
    after = await judge_people(tx, registry, keys)
    changed = {pair: judged for pair, judged in after.items() if judged != before.get(pair)}
    stamped = {pair for pair, judged in changed.items() if judged.totals.stamped}
    await _derive(tx, registry, changed, stamped, registry.clock.now())


async def _derive(
    tx: Transaction, registry: Registry, judged: Mapping[Pair, Judged], telling: Collection[Pair], now: datetime
) -> None:
    """Write transcripts as they were judged, and tell those of `telling`."""
    if not judged:
        return
    rows = [
        TranscriptRow(*pair, each.jurisdiction, *each.totals, each.progress.verdict) for pair, each in judged.items()
    ]
    revisions = await store.save(tx, rows, registry.rulebook.hash, now)
    if not telling:
        return
    lines = await store.stamped_lines(tx, telling)
    identities = await people_store.identities(tx, {key for key, _ in telling})
    events = []
    for row in rows:
        pair = (row.person_key, row.period)
        if pair not in telling:
            continue
        event = wire.transcript(
            row,
            judged[pair].progress,
            lines[pair],
            identity=identities[row.person_key],
            revision=revisions[pair],
            rulebook=registry.rulebook,
            now=now,
        )
        events.append(OutboxEvent(f"{row.person_key.hex}:{row.period}", row.person_key.bytes, event))
    await registry.outbox.append(tx, events)
