"""Held records judged anew when what they waited for has come, or returned when nothing will come."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from xueshi_kit.db import Database, Transaction, is_transient
from xueshi_registry.domain.judging import judge
from xueshi_registry.domain.model import HELD, RETURNED, PersonKey, Ref
from xueshi_registry.domain.settling import Stake
from xueshi_registry.handlers.records import leave, world_of
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.settling import Batch, write
from xueshi_registry.handlers.transcripts import derive_changed
from xueshi_registry.store import people as people_store
from xueshi_registry.store import records as records_store
from xueshi_registry.store import releases

log = structlog.get_logger()

RECORDS_AT_ONCE = 300
IDLE_SECONDS = 0.3


async def release_forever(db: Database, registry: Registry, told: Callable[[], None]) -> None:
    """Work off what was asked to be judged anew, for as long as the service runs; `told` is called after a commit."""
    asked = False
    while True:
        try:
            async with db.transaction() as tx:
                if not asked:
                    await registry.shelf.keep(tx, registry.clock.now())
                    await releases.request(tx, registry.clock.now(), rulebook=registry.rulebook.hash)
                more = await release_some(tx, registry)
            asked = True
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("releases.postponed", error=type(error).__name__)
            more = False
        if more:
            told()
        else:
            await asyncio.sleep(IDLE_SECONDS)


async def release_some(tx: Transaction, registry: Registry) -> bool:
    """Judge some held records, or derive some transcripts, of the oldest request anew; return whether there was one."""
    due = await releases.next_due(tx)
    if due is None:
        return False
    if due.transcripts:
        people, last = await releases.employed_people(tx, due, RECORDS_AT_ONCE)
        await derive_of_people(tx, registry, people)
    else:
        people, last = await releases.held_people(tx, due, RECORDS_AT_ONCE)
        if people:
            await judge_held_of_people(tx, registry, people, actor=due.actor)
    await releases.advance(tx, due, last)
    return True


async def derive_of_people(tx: Transaction, registry: Registry, keys: Iterable[PersonKey]) -> None:
    """Derive all transcripts of these people anew. Locks the people."""
    await releases.share_reference(tx)
    people = await people_store.lock_people(tx, set(keys))
    await derive_changed(tx, registry, {}, people)


async def judge_held_of_people(
    tx: Transaction, registry: Registry, keys: Iterable[PersonKey], *, actor: str = ""
) -> int:
    """Judge these people's held records anew; return how many are held no longer. Locks the people."""
    await releases.share_reference(tx)
    people = await people_store.lock_people(tx, set(keys))
    held = await records_store.held_versions(tx, people)
    if not held:
        return 0
    await registry.shelf.keep(tx, registry.clock.now())
    world = await world_of(tx, registry, people, [(each.stake.ref.platform, each.content) for each in held])
    batch = Batch(labels={key: person.label for key, person in people.items()})
    numbers = iter(await records_store.draw_numbers(tx, len(held)))
    released = 0
    for version in held:
        stake = version.stake
        judgement = judge(world, stake.person_key, stake.ref.platform, version.content)
        number = next(numbers)
        if judgement.state == HELD and judgement.code == stake.code:
            continue
        stake.state, stake.code, stake.actor = judgement.state, judgement.code if judgement.state == HELD else "", actor
        stake.jurisdiction, stake.rule_ids = judgement.jurisdiction, judgement.rule_ids
        stake.rulebook = registry.rulebook.hash
        # An exception that was granted outlives a hold.
        stake.cap_exempt = stake.cap_exempt or judgement.cap_exempt
        if judgement.state != HELD:
            stake.days = tuple(day for day, _ in judgement.days)
            stake.claimed = tuple(centihours for _, centihours in judgement.days)
            stake.credited = [0] * len(stake.days)
            stake.place, stake.cause = number, "released"
            batch.shares_touched.append(stake)
            released += 1
        batch.rejudged.append(version._replace(judgement=judgement))
    await write(tx, registry, batch)
    return released


async def return_held(tx: Transaction, registry: Registry, ref: Ref, actor: str, reason: str) -> Stake | None:
    """Return a held record that nothing will free; its platform may correct or void it. None when it is not held."""
    named = [(ref.platform, ref.record_id)]
    keys = {each.person_key for each in await records_store.changeable_stakes(tx, named)}
    people = await people_store.lock_people(tx, keys)
    stakes = await records_store.changeable_stakes(tx, named, people)
    stake = next((each for each in stakes if each.ref == ref and each.state == HELD), None)
    if stake is None:
        return None
    batch = Batch()
    leave(batch, stake, RETURNED, "RETURNED", cause=RETURNED)
    stake.actor, stake.reason = actor, reason
    await write(tx, registry, batch)
    return stake
