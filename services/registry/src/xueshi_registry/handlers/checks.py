"""The dry run: what would become of a record if it were entered now, or had been on an earlier day.

It plans and settles by the very functions that entering does, over one moment's state, and writes nothing: where
nothing else is committed between, entering the record comes to the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from xueshi_kit.clock import CHINA
from xueshi_kit.db import Transaction
from xueshi_records import RejectedError
from xueshi_registry.domain.judging import Judgement, World
from xueshi_registry.domain.model import NAME_PROVISIONAL, VOIDED, Content, Person, PersonKey, Ref
from xueshi_registry.domain.settling import Movement, Stake
from xueshi_registry.domain.transcripts import Judged, Totals, judge_period
from xueshi_registry.handlers.records import note_disputes, plan_entry, standing_of, world_of
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.settling import Batch, settle_batch, sharing_of
from xueshi_registry.handlers.transcripts import Pair, periods_moved
from xueshi_registry.store import asof, ledger
from xueshi_registry.store import people as people_store
from xueshi_registry.store import records as records_store
from xueshi_registry.store import transcripts as transcripts_store
from xueshi_registry.wire import Incoming

_LAST_PLACE = 2**62
"""Number and place of a record that is not entered: behind every one that was."""


class UnknownStateError(Exception):
    """What was known on that day can no longer be told; `changed` names what has changed since."""

    def __init__(self, changed: Sequence[str]) -> None:
        """Name it."""
        super().__init__(", ".join(changed))
        self.changed = tuple(changed)


@dataclass(frozen=True, slots=True)
class Asked:
    """A record to check. `record_id` is empty for a new one; `as_of` None asks about now."""

    platform: str
    record_id: str
    person_key: PersonKey
    content: Content
    as_of: date | None


class Share(NamedTuple):
    """One day of the record: what it claims, what it would be credited, and what others have of that day.

    `cap` None: none holds for the record on that day.
    """

    on: date
    cap: int | None
    claimed: int
    credited: int
    competing: tuple[tuple[Ref, int], ...]


class Checked(NamedTuple):
    """What would become of the record. `corrects` is the version that it would replace, None where it is new."""

    judgement: Judgement
    stake: Stake
    corrects: int | None
    shares: tuple[Share, ...]
    judged: Mapping[str, Judged]


class _Scene(NamedTuple):
    """What the check is made over: `standing` may change with it, `others` share days with it."""

    world: World
    disputed: frozenset[PersonKey]
    standing: Sequence[Stake]
    corrects: int | None


def end_of(day: date) -> datetime:
    """Return the moment at which a day in China is over."""
    return datetime.combine(day + timedelta(days=1), time(), CHINA).astimezone(UTC)


async def check_record(tx: Transaction, registry: Registry, asked: Asked) -> Checked:
    """Return what entering the record would come to. Reads alone, on a snapshot; locks nothing.

    Raises `RejectedError` for the id of a record that was voided, and `UnknownStateError` where `as_of` lies before a
    change of something that does not keep its older states, or where the record has come meanwhile: the ledger keeps
    what hours stood, not what waited for hours to be freed.
    """
    moment = None if asked.as_of is None else end_of(asked.as_of)
    incoming = _incoming(asked)
    if moment is None:
        scene = await _now(tx, registry, asked, incoming)
    else:
        scene = await _then(tx, registry, asked, incoming, moment)
    batch = plan_entry(scene.world, [incoming], scene.standing, scene.disputed, [_LAST_PLACE])
    others = await _others(tx, batch, asked, moment)
    rulebooks = await registry.shelf.read(tx, (each.rulebook for each in (*sharing_of(batch), *others)))
    settlement = settle_batch(rulebooks, batch, others)
    version = batch.entered[-1]
    judged = await _judge(tx, registry, scene.world, version.stake, settlement.movements, moment)
    shares = _shares(registry, version.stake, [*others, *scene.standing])
    return Checked(version.judgement, version.stake, scene.corrects, shares, judged)


async def _now(tx: Transaction, registry: Registry, asked: Asked, incoming: Incoming) -> _Scene:
    key = asked.person_key
    if asked.record_id and await records_store.newest_state(tx, asked.platform, asked.record_id) == VOIDED:
        raise RejectedError("VOIDED", "/record_id")
    person = await people_store.get_person(tx, key) or _newcomer(asked)
    people = {key: person}
    disputed = note_disputes(people, [incoming])
    world = await world_of(tx, registry, people, [(asked.platform, asked.content)])
    standing = await standing_of(tx, [incoming], disputed, people)
    named = (asked.platform, asked.record_id)
    corrects = next((each.ref.version for each in standing if each.ref[:2] == named), None)
    return _Scene(world, frozenset(disputed), standing, corrects)


async def _then(tx: Transaction, registry: Registry, asked: Asked, incoming: Incoming, moment: datetime) -> _Scene:
    """Return the scene at an earlier moment. Raises `UnknownStateError`."""
    key = asked.person_key
    employments = (await people_store.employments_of(tx, [key])).get(key, [])
    usccs = {asked.content.employer, *(each.employer.uscc for each in employments)}
    changed = await asof.changed_since(tx, moment, key, asked.platform, list(usccs))
    if asked.record_id and await records_store.newest_state(tx, asked.platform, asked.record_id) is not None:
        changed.append("record_id")
    if changed:
        raise UnknownStateError(changed)
    known = await asof.entered(tx, moment, key, asked.platform, list(usccs))
    person = await people_store.get_person(tx, key) if known.person else None
    people = {key: person or _newcomer(asked)}
    disputed = note_disputes(people, [incoming])
    present = await world_of(tx, registry, people, [(asked.platform, asked.content)])
    world = present._replace(
        employments={
            key: [
                each
                for each in employments
                if (each.employer.uscc, each.from_on) in known.employments and each.employer.uscc in known.employers
            ]
        },
        employers={uscc: each for uscc, each in present.employers.items() if uscc in known.employers},
        platforms=present.platforms if known.platform else {},
    )
    standing = await asof.stakes(tx, moment, key) if disputed else []
    return _Scene(world, frozenset(disputed), standing, None)


def _newcomer(asked: Asked) -> Person:
    """Return a person of whom nothing is known, as their first record would enter them."""
    return Person(asked.person_key, asked.content.name_digest, "", claimed=False, name_state=NAME_PROVISIONAL)


def _incoming(asked: Asked) -> Incoming:
    """Return the record as the gateway would send it: as a correction, which without a former version is a new one."""
    return Incoming(
        change="corrected",
        ref=Ref(asked.platform, asked.record_id, 0),
        person_key=asked.person_key,
        content=asked.content,
        identity=b"",
        score="",
        completed_at=datetime.fromtimestamp(0, UTC),
        digest=b"",
        reason="",
    )


async def _others(tx: Transaction, batch: Batch, asked: Asked, moment: datetime | None) -> list[Stake]:
    """Return the placed records that share a day with what the check touches, also with a record that is held."""
    touched = {each.id: each for each in (*sharing_of(batch), *(each.stake for each in batch.entered)) if each.days}
    if not touched:
        return []
    if moment is None:
        return await records_store.placed_overlapping(tx, touched.values())
    days = {day for each in touched.values() for day in each.days}
    found = await asof.stakes(tx, moment, asked.person_key)
    return [each for each in found if each.id not in touched and not days.isdisjoint(each.days)]


async def _judge(
    tx: Transaction,
    registry: Registry,
    world: World,
    stake: Stake,
    movements: Sequence[Movement],
    moment: datetime | None,
) -> dict[str, Judged]:
    """Judge the periods of the record's days, and those whose hours move with it, as they would stand."""
    own = await _own(tx, registry, stake, movements, moment)
    totals = await ledger.totals(tx, own, moment)
    employments = world.employments.get(stake.person_key, ())
    return {
        pair[1]: judge_period(
            registry.rulebook, pair[1], own[pair], employments, _moved(registry, totals[pair], pair[1], movements)
        )
        for pair in sorted(own)
    }


async def _own(
    tx: Transaction, registry: Registry, stake: Stake, movements: Iterable[Movement], moment: datetime | None
) -> dict[Pair, str]:
    """Return the periods to judge, each with the jurisdiction under which hours of it stand or would."""
    own: dict[Pair, str] = {}
    if stake.jurisdiction:
        jurisdiction = registry.rulebook.jurisdiction(stake.jurisdiction)
        own = {(stake.person_key, stake.period_of(day, jurisdiction)): stake.jurisdiction for day in stake.days}
    if moment is None:
        judged_last = await transcripts_store.jurisdictions(tx, [stake.person_key])
    else:
        judged_last = await asof.jurisdictions(tx, moment, stake.person_key)
    own.update({pair: code for pair, code in judged_last.items() if pair in own})
    moved, _ = periods_moved(registry, movements)
    own |= moved
    if not all(own.values()):
        raise UnknownStateError(["records"])
    return own


def _moved(registry: Registry, totals: Totals, period: str, movements: Iterable[Movement]) -> Totals:
    """Return a period's totals after the movements, as the ledger would then sum them up."""
    registered, stamped = dict(totals.registered), dict(totals.stamped)
    for move in movements:
        account = stamped if move.account == "stamped" else registered
        kind = move.stake.subject_kind
        stake, jurisdiction = move.stake, registry.rulebook.jurisdiction(move.stake.jurisdiction)
        moved = [
            delta
            for day, delta in zip(move.days, move.deltas, strict=True)
            if stake.period_of(day, jurisdiction) == period
        ]
        if moved:
            account[kind] = account.get(kind, 0) + sum(moved)
    return Totals(registered, stamped)


def _shares(registry: Registry, stake: Stake, others: Iterable[Stake]) -> tuple[Share, ...]:
    """Return the record's days with what others have of them."""
    rivals = sorted({each.id: each for each in others if each.counts}.values(), key=lambda each: each.place or 0)
    jurisdiction = registry.rulebook.jurisdiction(stake.jurisdiction) if stake.jurisdiction else None
    shares = []
    for day, claimed, credited in zip(stake.days, stake.claimed, stake.credited, strict=True):
        had = [(each.ref, each.credited[each.days.index(day)]) for each in rivals if day in each.days]
        has_cap = jurisdiction is not None and not stake.cap_exempt
        cap = jurisdiction.day_cap_centihours(day) if jurisdiction is not None and has_cap else None
        shares.append(Share(day, cap, claimed, credited, tuple(each for each in had if each[1])))
    return tuple(shares)
