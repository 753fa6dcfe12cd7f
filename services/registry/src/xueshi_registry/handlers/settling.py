"""One way to change hours: gather what a batch changes, settle the days, write, derive transcripts, tell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from xueshi.registry.v1 import hours_pb2
from xueshi_kit.db import Transaction
from xueshi_kit.events import bucket_of, slices
from xueshi_kit.outbox import OutboxEvent
from xueshi_registry import wire
from xueshi_registry.domain.model import HELD, QUEUED, REGISTERED, STAMPED, PersonKey
from xueshi_registry.domain.settling import Movement, Settlement, Stake, restamp, settle
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.transcripts import tell_movements
from xueshi_registry.store import ledger, records
from xueshi_rulebook import Rulebook

ECHOED = frozenset({QUEUED, STAMPED})
"""States that verification told first: it takes nothing from their echo, so hours that moved along are said besides."""


@dataclass(slots=True)
class Batch:
    """What a batch of work changes, gathered before anything is written.

    `entered` are new versions; `rejudged` held ones judged anew; `changed` versions that stood already and have a new
    state; `shares_touched` those among all of these whose days are to be shared anew. `labels` are for officers.
    """

    entered: list[records.Version] = field(default_factory=list)
    rejudged: list[records.Version] = field(default_factory=list)
    changed: list[Stake] = field(default_factory=list)
    shares_touched: list[Stake] = field(default_factory=list)
    superseded_by: dict[int, int] = field(default_factory=dict)
    labels: dict[PersonKey, str] = field(default_factory=dict)

    entered_ids: set[int] = field(default_factory=set)
    # Of `changed`, those that a decision has moved between the states that count: they keep place and hours.
    restamped_ids: set[int] = field(default_factory=set)
    _changed_ids: set[int] = field(default_factory=set)

    def enter(self, version: records.Version) -> None:
        """Add a new version."""
        self.entered.append(version)
        self.entered_ids.add(version.stake.id)

    def change(self, stake: Stake) -> None:
        """Add a version that stood already, once."""
        self.restamped_ids.discard(stake.id)
        if stake.id not in self._changed_ids:
            self._changed_ids.add(stake.id)
            self.changed.append(stake)

    def restamp(self, stake: Stake) -> None:
        """Add a version that stood already and goes on counting, whatever else it may have been through."""
        is_new = stake.id not in self._changed_ids
        self.change(stake)
        if is_new:
            self.restamped_ids.add(stake.id)

    def successor(self, stake_id: int) -> int:
        """Return the version that took this one's place in the end; itself where none did or it was voided."""
        while (next_id := self.superseded_by.get(stake_id, stake_id)) != stake_id:
            stake_id = next_id
        return stake_id


async def write(tx: Transaction, registry: Registry, batch: Batch) -> None:
    """Settle and store the batch, append the ledger's entries, refresh transcripts, append the events.

    The people's rows are locked by the caller, so what is read here cannot change before the commit.
    """
    now = registry.clock.now()
    sharing = sharing_of(batch)
    others = await records.placed_overlapping(tx, sharing) if sharing else []
    rulebooks = await registry.shelf.read(tx, (each.rulebook for each in (*sharing, *others)))
    settlement = settle_batch(rulebooks, batch, others)
    touched_ids = {each.id for each in _all_stakes(batch)}
    neighbours = [each for each in settlement.changed if each.id not in touched_ids]
    touched: list[records.Version | Stake] = [*batch.entered, *batch.rejudged, *batch.changed, *neighbours]
    said = [stake.id for each in touched if batch.successor((stake := _stake_of(each)).id) == stake.id]
    if not said:
        return
    changed_ids = {each.id for each in batch.changed}
    echoed = [each for each in settlement.changed if each.id in changed_ids and each.state in ECHOED]
    first = await ledger.next_positions(tx, ledger.HOURS_FEED, len(said) + len(echoed))
    position_of = {stake_id: first + n for n, stake_id in enumerate(said)}
    besides = list(enumerate(echoed, first + len(said)))
    position_of.update({old: position_of[batch.successor(old)] for old in batch.superseded_by})
    _note_registrations(batch, position_of)
    _name_causes(batch, neighbours)
    await records.insert_versions(tx, batch.entered, position_of)
    await records.update_judged(tx, batch.rejudged)
    overtaken = [each.stake for each in batch.entered if each.stake.id in batch.superseded_by]
    in_place = batch.restamped_ids - {each.id for each in settlement.changed}
    await records.update_verdicts(tx, [each for each in batch.changed if each.id in in_place])
    others = [each for each in batch.changed if each.id not in in_place]
    await records.update_stakes(
        tx,
        [*overtaken, *(each.stake for each in batch.rejudged), *others, *neighbours],
        {old: position_of[old] for old in batch.superseded_by},
    )
    await _enter(tx, registry, settlement, now)
    await _tell_hours(tx, registry, batch, neighbours, position_of, besides, now)
    await tell_movements(tx, registry, settlement.movements, now)


def sharing_of(batch: Batch) -> list[Stake]:
    """Return the stakes whose days are to be shared anew."""
    return [each for each in batch.shares_touched if each.days and each.jurisdiction]


def settle_batch(rulebooks: Mapping[str, Rulebook], batch: Batch, others: Iterable[Stake]) -> Settlement:
    """Share the touched days anew; where only stamps changed, move those alone. No I/O.

    `others` are the placed records that share a day with what `sharing_of` gives; `rulebooks` the versions by hash that
    judged all of these.
    """
    settlement = Settlement()
    sharing = sharing_of(batch)
    if sharing:
        known = {each.id: each for each in _all_stakes(batch)}
        stakes = [*sharing, *(known.get(each.id, each) for each in others)]

        def cap_of(stake: Stake, day: date) -> int | None:
            return rulebooks[stake.rulebook].jurisdictions[stake.jurisdiction].day_cap_centihours(day)

        settlement = settle(stakes, sharing, cap_of)
    shared = {each.id for each in sharing}
    stamps = restamp(each for each in batch.changed if each.id not in shared)
    settlement.movements.extend(stamps.movements)
    # In one order, whichever the database gave: the last is the newest record's, under whose rules its period stands.
    settlement.movements.sort(key=lambda each: each.stake.id)
    return settlement


def _note_registrations(batch: Batch, position_of: Mapping[int, int]) -> None:
    """Give each new registration the position under which it is told, which decisions on it name."""
    for version in [*batch.entered, *batch.rejudged]:
        if version.stake.state == REGISTERED:
            version.stake.registered_position = position_of[version.stake.id]


def _name_causes(batch: Batch, neighbours: Sequence[Stake]) -> None:
    """Say at each neighbour whose change moved its hours: the touched records that share one of its days."""
    by_day: dict[tuple[PersonKey, date], list[Stake]] = {}
    for touched in batch.shares_touched:
        for day in touched.days:
            by_day.setdefault((touched.person_key, day), []).append(touched)
    for stake in neighbours:
        causes = {cause.ref for day in stake.days for cause in by_day.get((stake.person_key, day), ())}
        stake.caused_by = ", ".join(sorted(f"{ref.platform}/{ref.record_id}/{ref.version}" for ref in causes))


def _all_stakes(batch: Batch) -> Iterable[Stake]:
    yield from (each.stake for each in batch.entered)
    yield from (each.stake for each in batch.rejudged)
    yield from batch.changed


def _stake_of(each: records.Version | Stake) -> Stake:
    return each.stake if isinstance(each, records.Version) else each


async def _enter(tx: Transaction, registry: Registry, settlement: Settlement, now: datetime) -> None:
    """Append the ledger's entries, one for each record, account and period."""
    entries: list[tuple[Movement, str, Sequence[int]]] = []
    for move in settlement.movements:
        jurisdiction = registry.rulebook.jurisdictions[move.stake.jurisdiction]
        by_period: dict[str, list[int]] = {}
        for n, day in enumerate(move.days):
            by_period.setdefault(move.stake.period_of(day, jurisdiction), []).append(n)
        entries.extend((move, period, chosen) for period, chosen in by_period.items())
    if entries:
        await ledger.enter_movements(tx, entries, registry.rulebook.hash, now)


async def _tell_hours(
    tx: Transaction,
    registry: Registry,
    batch: Batch,
    neighbours: Sequence[Stake],
    position_of: dict[int, int],
    besides: Sequence[tuple[int, Stake]],
    now: datetime,
) -> None:
    """Append one event a bucket that says what became of every record that the batch touched.

    `besides` are, with positions of their own, the records whose hours moved along with a stamp or a queue.
    """
    rulebook, now_ms, buckets = registry.rulebook.hash, wire.milliseconds(now), registry.outbox.buckets
    by_bucket: dict[int, tuple[list[hours_pb2.HoursChange], dict[str, dict[str, str]]]] = {}
    await registry.shelf.words(tx, (each.rulebook for each in (*batch.changed, *neighbours)))

    def say(stake: Stake, state: str, code: str, position: int | None = None) -> hours_pb2.HoursChange:
        change = hours_pb2.HoursChange()
        wire.fill_change(change, stake, state, code, position_of[stake.id] if position is None else position)
        change.rulebook, change.changed_at_ms = rulebook, now_ms
        if stake.rulebook != rulebook:
            change.registered_rulebook = stake.rulebook
        changes, clauses = by_bucket.setdefault(bucket_of(stake.person_key.bytes, buckets), ([], {}))
        changes.append(change)
        registry.shelf.cite(clauses, stake.rulebook, stake.rule_ids)
        return change

    for version in [*batch.entered, *batch.rejudged]:
        stake = version.stake
        if batch.successor(stake.id) != stake.id:
            continue
        change = say(stake, stake.state, stake.code if stake.state == HELD else cap_code(stake))
        if stake.state == REGISTERED:
            label = batch.labels.get(stake.person_key, "")
            wire.fill_registration(
                change.registration, version.judgement, version.content, score=version.score, label=label
            )
    for stake in batch.changed:
        if batch.successor(stake.id) == stake.id:
            say(stake, stake.state, stake.code or cap_code(stake))
    for stake in neighbours:
        say(stake, "credited", cap_code(stake))
    for position, stake in besides:
        say(stake, "credited", cap_code(stake), position)
    await registry.outbox.append(
        tx,
        [
            OutboxEvent(part.changes[0].person_key.hex(), part.changes[0].person_key, part)
            for changes, clauses in by_bucket.values()
            for part in slices(changes, partial(wire.hours_changed, clauses=clauses))
        ],
    )


def cap_code(stake: Stake) -> str:
    """Return the code that says that the day had no hours left for a part of this record (FJ-03)."""
    return "DAY_CAP_REACHED" if stake.counts and sum(stake.credited) < sum(stake.claimed) else ""
