"""What the service does: tell verified hours, take acknowledgements. Every effect is in the given transaction."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from xueshi_kit.clock import Clock
from xueshi_kit.crypto import KeyedIndex, Sealer
from xueshi_kit.db import Transaction
from xueshi_kit.outbox import Outbox, OutboxEvent
from xueshi_rulebook import Rulebook
from xueshi_rulebook.identifiers import contains_id_number
from xueshi_title_review import store
from xueshi_title_review.domain import (
    Acknowledgement,
    Answered,
    Key,
    PersonKey,
    Proof,
    Standing,
    Subject,
    SubjectRef,
    Told,
)
from xueshi_title_review.wire.events import TranscriptCame, document_of, event_key, verified_hours

log = structlog.get_logger()

MAX_REASON_CHARACTERS = 500
WITHHELD = "[withheld: it contained an ID number]"


@dataclass(frozen=True, slots=True)
class Subjects:
    """Makes the receiver's refs of people: HMAC-SHA-256 under the receiver's own key."""

    index: KeyedIndex
    key_id: str
    sealer: Sealer

    def of(self, person_key: PersonKey, identity: bytes) -> Subject:
        """Return the subject of a sealed identity. Raises what `Sealer.open` does."""
        id_type, number = document_of(self.sealer.open(identity, person_key.bytes))
        return Subject(subject_ref(self.index, id_type, number), self.key_id)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every handler needs, wired by `app.py`."""

    outbox: Outbox
    rulebook: Rulebook
    clock: Clock
    subjects: Subjects


def subject_ref(index: KeyedIndex, id_type: str, number: str) -> SubjectRef:
    """Return the ref of a document: lower-case hex over type, zero byte, normalised number."""
    return SubjectRef(index.digest(id_type.encode(), number.encode()).hex())


async def take_transcripts(tx: Transaction, desk: Desk, came: Mapping[Key, TranscriptCame]) -> None:
    """Join the newest transcripts to what stands, and tell what changed (FJ-19)."""

    def join(standing: Standing, now: datetime) -> Standing:
        each = came[standing.key]
        return standing.with_transcript(each.hours, each.revision, now)

    identities = {key: each.identity for (key, _), each in came.items()}
    await _know_and_tell(tx, desk, came, join, store.save_transcripts, identities)


async def take_proofs(tx: Transaction, desk: Desk, states: Sequence[tuple[Key, Proof]]) -> None:
    """Join the newest proofs to what stands, and tell what changed; a proof without a transcript waits for it."""
    by_key: dict[Key, list[Proof]] = {}
    for key, proof in states:
        by_key.setdefault(key, []).append(proof)

    def join(standing: Standing, now: datetime) -> Standing:
        newest = standing.proof
        for proof in by_key[standing.key]:
            newest = proof if proof.follows(newest) else newest
        return standing if newest is None else standing.with_proof(newest, now)

    await _know_and_tell(tx, desk, by_key, join, store.save_proofs, {})


async def _know_and_tell(
    tx: Transaction,
    desk: Desk,
    keys: Iterable[Key],
    join: Callable[[Standing, datetime], Standing],
    save: Callable[[Transaction, Sequence[Standing], Mapping[Key, int]], Awaitable[None]],
    identities: Mapping[PersonKey, bytes],
) -> None:
    """Lock what stands under the keys, change it by `join`, `save` it, and publish what the receiver must know."""
    now = desk.clock.now()
    before = await store.lock_standings(tx, set(keys))
    pairs = [(each, join(each, now)) for each in before]
    changed = [after for known, after in pairs if after is not known]
    telling = [after for known, after in pairs if after.revision != known.revision]
    subjects = await _subjects(tx, desk, {each.person_key for each in telling}, identities)
    positions: dict[Key, int] = {}
    if telling:
        numbers = await store.draw_positions(tx, len(telling))
        positions = {each.key: number for each, number in zip(telling, numbers, strict=True)}
    if changed:
        await save(tx, changed, positions)
    await desk.outbox.append(tx, [_event(_told(each, subjects[each.person_key], now)) for each in telling])


async def _subjects(
    tx: Transaction, desk: Desk, people: set[PersonKey], identities: Mapping[PersonKey, bytes]
) -> dict[PersonKey, Subject]:
    """Return the subjects of people who are told of; a new one's identity came with their first transcript."""
    known = await store.subjects(tx, people)
    new = {key: desk.subjects.of(key, identities[key]) for key in people - known.keys()}
    if new:
        await store.add_subjects(tx, new)
    return {**known, **new}


def _told(standing: Standing, subject: Subject, now: datetime) -> Told:
    if standing.hours is None:
        message = "nothing is told before a transcript is there"
        raise AssertionError(message)
    return Told(subject, standing.period, standing.revision, now, standing.hours, standing.proof)


def _event(told: Told) -> OutboxEvent:
    return OutboxEvent(event_key(told), told.subject.ref.encode(), verified_hours(told))


async def take_acknowledgements(tx: Transaction, desk: Desk, said: Sequence[Acknowledgement]) -> None:
    """Note what the receiver says of revisions; what names nothing that was told leaves but a line in the log."""
    sound = [each for each in said if each.is_sound]
    answered = await store.lock_answered(tx, {(each.subject_ref, each.period) for each in sound})
    changed: dict[Key, Answered] = {}
    meaningless = len(said) - len(sound)
    for each in sound:
        found = answered.get((each.subject_ref, each.period))
        if found is None or each.revision > found[1].revision:
            meaningless += 1
            continue
        key, before = found
        after = before.after(replace(each, reason=_fit_to_keep(each.reason)))
        if after != before:
            answered[each.subject_ref, each.period] = key, after
            changed[key] = after
    if changed:
        await store.save_answered(tx, changed, desk.clock.now())
    if meaningless:
        log.warning("acknowledgements.meaningless", count=meaningless)


def _fit_to_keep(reason: str) -> str:
    """Return a reason from outside as it may stand in a table: printable, short, without anybody's number."""
    printable = "".join(sign if sign.isprintable() else " " for sign in reason)
    return WITHHELD if contains_id_number(printable) else printable.strip()[:MAX_REASON_CHARACTERS]
