"""Training platforms under way: fresh records, repeats, corrections (also of the person), voids, and what is refused.

Each sender keeps to records of its own, one delivery after the other, so that it knows what every answer must be.
"""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.cast import OTHER_NAME, Author, Subject
from tests.faults.story import Person, RecordKey, Story, Version, pause
from tests.faults.wire import Delivery, NoAnswerError, RefusedError, Sender
from xueshi_kit.webhooks import SigningKey

STATED_AT = "2025-12-31T12:00:00+08:00"
KEPT = 300
"""How many of its last deliveries and records a sender comes back to."""

CUT_SHARE = 0.06
AT_ONCE_SHARE = 0.1
TIMES_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """One record of a delivery and what must become of it; `version` is what is accepted, or stands already."""

    content: Mapping[str, Any]
    status: str
    version: Version | None = None
    code: str = ""


@dataclass(slots=True)
class Own:
    """A live record of this sender, with what was sent as its versions, the newest last."""

    subject: Subject
    version: Version
    contents: list[Mapping[str, Any]]
    alone: bool


class Platforms:
    """One sender of deliveries for several platforms."""

    def __init__(
        self, name: str, story: Story, author: Author, sender: Sender, keys: Mapping[str, SigningKey], seed: str
    ) -> None:
        self._name = name
        self._story = story
        self._author = author
        self._sender = sender
        self._keys = keys
        self._chance = random.Random(seed)
        self._sent = 0
        self._records = 0
        self._own: dict[RecordKey, Own] = {}
        self._ended: list[RecordKey] = []
        self._past: list[Delivery] = []

    async def run(self, stop: asyncio.Event, pause_seconds: float) -> None:
        """Go on until told to stop; what is under way then is brought to its end."""
        acts = {
            self._fresh: 8,
            self._special: 2,
            self._correct: 4,
            self._correct_person: 1.5,
            self._void: 1.5,
            self._repeat: 2,
            self._same_again: 1.5,
            self._refused: 1,
        }
        try:
            while not stop.is_set():
                (act,) = self._chance.choices(list(acts), list(acts.values()))
                await act()
                await pause(stop, pause_seconds * (0.5 + self._chance.random()))
        except (RefusedError, NoAnswerError) as error:
            self._story.surprises.append(f"{type(error).__name__}: {error}")
        finally:
            self._sender.close()

    async def _fresh(self) -> None:
        subject = self._author.subject()
        for_platform = [subject] + [self._author.subject(subject.platform) for _ in range(self._chance.randrange(9))]
        pieces = []
        for each in for_platform:
            person = self._chance.choice(self._author.cast.people)
            mistaken = person.claimed and self._chance.random() < 0.05
            pieces.append(self._new(each, person, OTHER_NAME if mistaken else None))
        await self._send("completed", pieces)

    async def _special(self) -> None:
        """Send something that is held: of an employer not known yet, or of a person under two names."""
        cast = self._author.cast
        subject = self._author.subject()
        if self._chance.random() < 0.6:
            piece = self._new(subject, self._chance.choice(cast.late), alone=True)
        else:
            name = OTHER_NAME if self._chance.random() < 0.4 else None
            piece = self._new(subject, self._chance.choice(cast.disputed), name, alone=True)
        await self._send("completed", [piece])

    async def _correct(self) -> None:
        chosen = self._some(self._chance.randrange(1, 4))
        await self._send("corrected", [self._next(own, self._person_of(own.version)) for own in chosen])

    async def _correct_person(self) -> None:
        chosen = [own for own in self._some(1) if not own.alone]
        others = self._author.cast.people
        await self._send("corrected", [self._next(own, self._chance.choice(others)) for own in chosen])

    async def _void(self) -> None:
        chosen = self._some(self._chance.randrange(1, 3))
        pieces = []
        for own in chosen:
            last = own.version
            void = Version(
                last.platform, last.record_id, last.number + 1, last.person, last.name, last.kind, "", (), is_void=True
            )
            pieces.append(Piece({"record_id": last.record_id, "reason": "演练作废"}, "accepted", void))
        await self._send("voided", pieces)

    async def _repeat(self) -> None:
        """Send an old delivery again, the same bytes under the same id: the same receipt."""
        if self._past:
            delivery = self._chance.choice(self._past)
            self._compare(delivery, await self._sender.deliver(delivery))
            self._story.count("repeats")

    async def _same_again(self) -> None:
        """Send records that stand already under a new id: duplicates."""
        chosen = self._some(self._chance.randrange(1, 5))
        await self._send("completed", [Piece(own.contents[-1], "duplicate", own.version) for own in chosen])

    async def _refused(self) -> None:
        """Send what is refused, beside a good record that must not sink with it."""
        subject = self._author.subject()
        good = self._new(subject, self._chance.choice(self._author.cast.people))
        pieces = [good, self._bad_number(subject)]
        for own in self._some(1, subject.platform):
            _, other = self._author.write(own.subject, own.version.record_id, 0, self._person_of(own.version))
            if other not in own.contents:
                pieces.append(Piece(other, "rejected", code="CONFLICT"))
        if (ended := [each for each in self._ended if each[0] == subject.platform]) and self._chance.random() < 0.5:
            _, other = self._author.write(subject, ended[-1][1], 0, self._chance.choice(self._author.cast.people))
            pieces.append(Piece(other, "rejected", code="VOIDED"))
        await self._send("completed", pieces)

    def _bad_number(self, subject: Subject) -> Piece:
        piece = self._new(subject, self._chance.choice(self._author.cast.people))
        number = piece.content["learner"]["id_number"]
        wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
        content = {**piece.content, "learner": {**piece.content["learner"], "id_number": wrong}}
        del self._own[subject.platform, content["record_id"]]
        return Piece(content, "rejected", code="ID_NUMBER_INVALID")

    def _new(self, subject: Subject, person: Person, name: str | None = None, *, alone: bool = False) -> Piece:
        self._records += 1
        version, content = self._author.write(subject, f"{self._name}-{self._records}", 1, person, name, alone=alone)
        self._own[version.record] = Own(subject, version, [content], alone)
        return Piece(content, "accepted", version)

    def _next(self, own: Own, person: Person) -> Piece:
        last, content = own.version, own.contents[-1]
        while content == own.contents[-1]:  # by chance it may say the same again, which is no correction
            version, content = self._author.write(own.subject, last.record_id, last.number + 1, person, alone=own.alone)
        return Piece(content, "accepted", version)

    def _some(self, count: int, platform: str | None = None) -> list[Own]:
        """Choose live records of one platform among the last ones."""
        recent = list(self._own.values())[-KEPT:]
        if platform is None and recent:
            platform = self._chance.choice(recent).version.platform
        fitting = [own for own in recent if own.version.platform == platform]
        return self._chance.sample(fitting, min(count, len(fitting)))

    def _person_of(self, version: Version) -> Person:
        return self._story.people[version.person]

    async def _send(self, change: str, pieces: Sequence[Piece]) -> None:
        """Deliver the pieces and compare each answer with what it must be."""
        if not pieces:
            return
        delivery = self._delivery(change, pieces)
        if self._chance.random() < CUT_SHARE:
            whole = self._chance.random() < 0.5
            await self._sender.cut(delivery, whole=whole)
            self._story.count("fault: cut behind a request" if whole else "fault: cut within a request")
        if self._chance.random() < AT_ONCE_SHARE:
            receipts = await self._at_once(delivery)
        else:
            receipts = [await self._sender.deliver(delivery)]
        for receipt in receipts:
            self._compare(delivery, receipt)
        self._take(change, pieces, json.loads(receipts[0]))
        self._past = [*self._past, delivery][-KEPT:]

    async def _at_once(self, delivery: Delivery) -> list[bytes]:
        """Send the same several times at once, each time over connections of its own."""
        others = [self._sender, *(self._sender.another() for _ in range(TIMES_AT_ONCE - 1))]
        try:
            self._story.count("repeats", TIMES_AT_ONCE - 1)
            return list(await asyncio.gather(*(each.deliver(delivery) for each in others)))
        finally:
            for each in others[1:]:
                each.close()

    def _delivery(self, change: str, pieces: Sequence[Piece]) -> Delivery:
        self._sent += 1
        platform = next(each.version.platform for each in pieces if each.version is not None)
        body = {
            "type": f"hour_records.{change}",
            "timestamp": STATED_AT,
            "data": {"records": [each.content for each in pieces]},
        }
        encoded = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return Delivery(platform, f"{self._name}-{self._sent}", encoded, self._keys[platform])

    def _compare(self, delivery: Delivery, receipt: bytes) -> None:
        known = self._story.receipts.setdefault((delivery.platform, delivery.webhook_id), receipt)
        if known != receipt:
            self._story.surprises.append(f"{delivery.platform}/{delivery.webhook_id}: another receipt than before")

    def _take(self, change: str, pieces: Sequence[Piece], receipt: Mapping[str, Any]) -> None:
        for piece, result in zip(pieces, receipt["results"], strict=True):
            number = None if piece.version is None else piece.version.number
            wanted = (piece.status, number, piece.code or None)
            got = (result["status"], result.get("version"), result.get("code"))
            if wanted != got:
                record = f"{receipt['delivery']}: {result['record_id']}"
                self._story.surprises.append(f"{record}: answered {got} where it must be {wanted}")
            if piece.version is not None and result["status"] == "accepted":
                self._story.accept(piece.version)
                self._keep(change, piece.version, piece.content)
            self._story.count(result["status"])

    def _keep(self, change: str, version: Version, content: Mapping[str, Any]) -> None:
        self._story.count(change if change != "completed" else "fresh")
        if version.is_void:
            del self._own[version.record]
            self._ended.append(version.record)
            return
        own = self._own.pop(version.record)
        self._story.count("persons changed", by=int(own.version.person != version.person))
        if change == "corrected":
            own.contents.append(content)
        own.version = version
        self._own[version.record] = own  # at the end: the newest are come back to
