"""Held records judged anew when what they waited for has come."""

from collections.abc import Iterable
from dataclasses import replace

from xueshi_kit.db import Transaction
from xueshi_registry.domain.judging import judge
from xueshi_registry.domain.model import HELD, Person, PersonKey
from xueshi_registry.handlers.records import world_of
from xueshi_registry.handlers.settling import Batch, Registry, write
from xueshi_registry.store import people as people_store
from xueshi_registry.store import records as records_store


async def judge_held_of_people(tx: Transaction, registry: Registry, keys: Iterable[PersonKey]) -> int:
    """Judge these people's held records anew; return how many are held no longer. Locks the people."""
    people = await people_store.lock_people(tx, set(keys))
    held = await records_store.held_versions(tx, keys=people)
    return await _judge_anew(tx, registry, people, held)


async def judge_held_of_platform(tx: Transaction, registry: Registry, platform: str) -> int:
    """Judge one platform's held records anew, as after a change of its scopes (FJ-15)."""
    waiting = await records_store.held_versions(tx, platform=platform)
    return await judge_held_of_people(tx, registry, {each.stake.person_key for each in waiting})


async def judge_held_of_employers(tx: Transaction, registry: Registry, usccs: Iterable[str]) -> int:
    """Judge the held records that name these employers anew, as after the employers were entered."""
    waiting = await records_store.held_versions(tx, employers=usccs)
    return await judge_held_of_people(tx, registry, {each.stake.person_key for each in waiting})


async def _judge_anew(
    tx: Transaction, registry: Registry, people: dict[PersonKey, Person], held: list[records_store.Version]
) -> int:
    if not held:
        return 0
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
        stake.state, stake.code = judgement.state, judgement.code if judgement.state == HELD else ""
        stake.jurisdiction, stake.rule_ids = judgement.jurisdiction, judgement.rule_ids
        stake.cap_exempt = judgement.cap_exempt
        if judgement.state != HELD:
            stake.days = tuple(day for day, _ in judgement.days)
            stake.claimed = tuple(centihours for _, centihours in judgement.days)
            stake.credited = [0] * len(stake.days)
            stake.place, stake.cause = number, "released"
            batch.shares_touched.append(stake)
            released += 1
        batch.rejudged.append(replace(version, judgement=judgement))
    await write(tx, registry, batch)
    return released
