"""Records that the gateway accepted: entered, corrected, voided."""

from collections.abc import Collection, Iterable, Sequence

from xueshi_kit.db import Transaction
from xueshi_registry.domain.judging import Judgement, World, judge
from xueshi_registry.domain.model import (
    COUNTING,
    HELD,
    LIVE,
    NAME_DISPUTED,
    NAME_PROVISIONAL,
    RETURNED,
    REVOKED,
    SUPERSEDED,
    VOIDED,
    Content,
    Person,
    PersonKey,
)
from xueshi_registry.domain.settling import Stake
from xueshi_registry.handlers.labels import label_of
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.settling import Batch, write
from xueshi_registry.store import people as people_store
from xueshi_registry.store import records as records_store
from xueshi_registry.store import releases
from xueshi_registry.wire import Incoming


async def enter_records(tx: Transaction, registry: Registry, incoming: Sequence[Incoming]) -> None:
    """Enter a batch of accepted versions: match the person, judge, settle the days, tell.

    A correction keeps its record's place in the ledger's order; a void frees its hours for whoever is next.
    """
    await releases.share_reference(tx)
    await registry.shelf.keep(tx, registry.clock.now())
    people = await _people(tx, registry, incoming)
    disputed = note_disputes(people, incoming)
    if disputed:
        await people_store.set_name_state(tx, disputed, NAME_DISPUTED, registry.clock.now())
    world = await world_of(tx, registry, people, [(each.ref.platform, each.content) for each in incoming])
    standing = await standing_of(tx, incoming, disputed, people)
    numbers = await records_store.draw_numbers(tx, len(incoming))
    await write(tx, registry, plan_entry(world, incoming, standing, disputed, numbers))


def plan_entry(
    world: World,
    incoming: Sequence[Incoming],
    standing: Iterable[Stake],
    disputed: Collection[PersonKey],
    numbers: Iterable[int],
) -> Batch:
    """Return what entering these versions changes. No I/O: the dry run plans by the same.

    `standing` are the live versions that they correct or void, and all of the people newly `disputed`, whose stakes
    change with the plan; `numbers` are ids and places to give, one for each of `incoming`.
    """
    batch = Batch(labels={key: person.label for key, person in world.people.items()})
    live_of = {(each.ref.platform, each.ref.record_id, each.person_key): each for each in standing}
    _hold_disputed(batch, live_of.values(), disputed)
    for each, number in zip(incoming, numbers, strict=True):
        name = (each.ref.platform, each.ref.record_id, each.person_key)
        live = live_of.get(name)
        if each.content is None:
            _void(batch, live, each)
        else:
            made = _version(world, each, each.content, number, live)
            if live is not None:
                _supersede(batch, live, made.stake)
            batch.enter(made)
            batch.shares_touched.append(made.stake)
            live_of[name] = made.stake
    return batch


async def world_of(
    tx: Transaction,
    registry: Registry,
    people: dict[PersonKey, Person],
    contents: Iterable[tuple[str, Content | None]],
) -> World:
    """Look up all that a batch's records are judged against."""
    platforms: set[str] = set()
    named: set[str] = set()
    for platform, content in contents:
        platforms.add(platform)
        if content is not None:
            named.add(content.employer)
    return World(
        rulebook=registry.rulebook,
        people=people,
        employments=await people_store.employments_of(tx, people),
        employers=await people_store.employers(tx, named),
        platforms=await people_store.platforms(tx, platforms),
    )


async def _people(tx: Transaction, registry: Registry, incoming: Sequence[Incoming]) -> dict[PersonKey, Person]:
    """Lock the batch's people; those not known yet are entered as their first record names them, unclaimed."""
    keys = {each.person_key for each in incoming}
    people = await people_store.lock_people(tx, keys)
    new: dict[PersonKey, people_store.NewPerson] = {}
    for each in incoming:
        if each.person_key not in people and each.person_key not in new and each.content is not None:
            new[each.person_key] = people_store.NewPerson(
                key=each.person_key,
                identity=each.identity,
                name_digest=each.content.name_digest,
                label=label_of(registry.sealer, each.identity, each.person_key),
                claimed=False,
                name_state=NAME_PROVISIONAL,
            )
    if new:
        await people_store.add_people(tx, list(new.values()), registry.clock.now())
        # Another batch may have entered one of them meanwhile: what stands in the table counts.
        people.update(await people_store.lock_people(tx, new))
    return people


def note_disputes(people: dict[PersonKey, Person], incoming: Sequence[Incoming]) -> set[PersonKey]:
    """Mark the people whose provisional name a record contradicts; return those newly disputed."""
    disputed: set[PersonKey] = set()
    for each in incoming:
        person = people.get(each.person_key)
        if person is None or each.content is None or person.name_state != NAME_PROVISIONAL:
            continue
        if each.content.name_digest != person.name_digest:
            people[each.person_key] = person._replace(name_state=NAME_DISPUTED)
            disputed.add(each.person_key)
    return disputed


async def standing_of(
    tx: Transaction, incoming: Sequence[Incoming], disputed: Collection[PersonKey], people: Collection[PersonKey]
) -> list[Stake]:
    """Return the live versions that the batch corrects or voids, and all those of newly disputed people."""
    wanted = {(each.ref.platform, each.ref.record_id) for each in incoming if each.change != "completed"}
    stakes: dict[int, Stake] = {}
    if wanted:
        stakes.update({each.id: each for each in await records_store.changeable_stakes(tx, wanted, people)})
    if disputed:
        for each in await records_store.live_stakes_of_people(tx, disputed):
            stakes.setdefault(each.id, each)
    return list(stakes.values())


def _hold_disputed(batch: Batch, standing: Iterable[Stake], disputed: Collection[PersonKey]) -> None:
    """Hold both sides of a name dispute: what was entered before gives its hours back until a name is confirmed."""
    for stake in standing:
        if stake.person_key not in disputed or stake.state not in LIVE:
            continue
        if (stake.state, stake.code) != (HELD, "NAME_UNCONFIRMED"):
            leave(batch, stake, HELD, "NAME_UNCONFIRMED", cause="held")


def leave(batch: Batch, stake: Stake, state: str, code: str, *, cause: str) -> None:
    """Take a version out of the days it counts in; its hours are shared anew.

    A returned one, or one whose stamp was withdrawn, keeps its place for its correction.
    """
    if stake.state in COUNTING:
        batch.shares_touched.append(stake)
    stake.state, stake.code, stake.cause = state, code, cause
    if state not in {RETURNED, REVOKED}:
        stake.place = None
    if state == HELD:
        stake.rule_ids, stake.authority, stake.reason = (), "", ""
    batch.change(stake)


def _void(batch: Batch, live: Stake | None, each: Incoming) -> None:
    """End a record. Nothing stands under its id for this person when the void overtook a change of person."""
    if live is None or live.state in {VOIDED, SUPERSEDED}:
        return
    live.reason = each.reason
    _leave_entered(batch, live, VOIDED, cause="voided")
    batch.superseded_by[live.id] = live.id


def _supersede(batch: Batch, live: Stake, successor: Stake) -> None:
    """Let a correction take its record's place in the ledger's order."""
    if successor.place is not None and live.place is not None:
        successor.place = live.place
    _leave_entered(batch, live, SUPERSEDED, cause="corrected")
    batch.superseded_by[live.id] = successor.id


def _leave_entered(batch: Batch, live: Stake, state: str, *, cause: str) -> None:
    """As `leave`, also for a version entered in this same batch, whose row is yet to be written."""
    if live.id in batch.entered_ids:
        live.state, live.code, live.place, live.cause = state, "", None, cause
    else:
        leave(batch, live, state, "", cause=cause)


def _version(world: World, each: Incoming, content: Content, number: int, live: Stake | None) -> records_store.Version:
    judgement = judge(world, each.person_key, each.ref.platform, content)
    stake = new_stake(each, content, judgement, number, world.rulebook.hash)
    stake.cause = "accepted" if live is None else "corrected"
    person = world.people[each.person_key]
    own_name = content.name_digest == person.name_digest
    return records_store.Version(
        stake, content, judgement, None if own_name else each.identity, each.score, each.completed_at, each.digest
    )


def new_stake(each: Incoming, content: Content, judgement: Judgement, number: int, rulebook: str) -> Stake:
    """Return a new version's stake: placed when it counts, its claim waiting by day when it is held.

    `rulebook` is the content hash of the one that judged it.
    """
    days = judgement.days or content.learned_days
    return Stake(
        id=number,
        ref=each.ref,
        person_key=each.person_key,
        subject_kind=content.subject_kind,
        jurisdiction=judgement.jurisdiction,
        rule_ids=judgement.rule_ids,
        place=None if judgement.state == HELD else number,
        state=judgement.state,
        days=tuple(day for day, _ in days),
        claimed=tuple(centihours for _, centihours in days),
        credited=[0] * len(days),
        was_stamped=False,
        cap_exempt=judgement.cap_exempt,
        rulebook=rulebook,
        credit_year=content.credit_year,
        code=judgement.code if judgement.state == HELD else "",
    )
