"""Odd bodies by kind, each to be signed as genuine ones are."""

import itertools
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.fuzz.gateway import Platform
from tests.fuzz.odd import changes, values
from tests.fuzz.odd.deliveries import Known
from tests.fuzz.requests import Clock, Genuine
from tests.integration.gateway.stand import id_number

AS_IT_IS = "well-formed: members in another order"
MAX_SENT = 500
LARGE_EVERY = 10
"""Bodies of kinds that make very large ones come in every so many rounds."""

KINDS: dict[str, changes.Make] = {
    AS_IT_IS: changes.shuffled,
    "well-formed: corrections": changes.CORRECTED,
    "well-formed: voids": changes.VOIDED,
    "well-formed: repeats and conflicts": changes.REPEATED,
    "any place: another type": changes.at_any_place(values.scalar),
    "any place: an odd number": changes.at_any_place(values.number),
    "any place: odd text": changes.at_any_place(values.odd_text),
    "any place: a person's number": changes.at_any_place(values.number_of_a_person),
    "any place: an odd id": changes.at_any_place(values.choice_of(values.IDS)),
    "any place: an odd moment": changes.at_any_place(values.choice_of(values.MOMENTS)),
    "any place: values swapped": changes.swapped,
    "members: one gone": changes.of_members(changes.gone),
    "members: one twice": changes.of_members(changes.twice),
    "members: unknown ones": changes.of_members(changes.unknown),
    "members: one renamed": changes.of_members(changes.renamed),
    "members: one wrapped": changes.of_members(changes.wrapped),
    "decimals": changes.at(("hours", "score"), values.choice_of(values.DECIMALS)),
    "decimals: numbers in their place": changes.at(("hours", "score", "on", "passed"), values.number),
    "industry": changes.at(("industry",), values.number),
    "dates": changes.at(("on", "from", "to"), values.choice_of(values.DATES)),
    "dates: ranges": changes.ranges,
    "dates: very many days": changes.many_days,
    "moments": changes.at(("timestamp", "completed_at"), values.choice_of(values.MOMENTS)),
    "codes": changes.at(("id_type", "subject_kind", "learning_form", "type"), values.choice_of(values.CODES)),
    "ids": changes.at(("record_id", "id"), values.choice_of(values.IDS)),
    "ids: a person's number": changes.at(("record_id", "id"), values.number_of_a_person),
    "texts: odd characters in names": changes.inserted(("name",)),
    "texts: odd characters in titles and reasons": changes.inserted(("title", "major", "reason")),
    "texts: odd characters in codes and numbers": changes.inserted(("employer", "id_number", "id_type", "record_id")),
    "texts: a person's number": changes.at(("title", "major", "name", "employer"), values.number_of_a_person),
    "depth: as deep as is borne": changes.depth_limit,
    "bytes: bits flipped": changes.of_bytes(changes.flipped),
    "bytes: odd ones put in": changes.of_bytes(changes.put_in),
    "bytes: cut": changes.of_bytes(changes.cut),
    "bytes: something before or behind": changes.of_bytes(changes.framed),
    "bytes: another encoding": changes.of_bytes(changes.recoded),
    "bytes: nearly JSON": changes.of_bytes(changes.respelt),
    "bytes: noise": changes.noise,
    "bytes: another document": changes.whole,
}
LARGE: dict[str, changes.Make] = {
    "any place: a long text": changes.at_any_place(values.long_text),
    "any place: a long number": changes.at_any_place(values.long_number),
    "any place: deep nesting": changes.at_any_place(values.deep),
    "records: none, or a thousand and one more": changes.many_records(0, 999, 1000, 1001, 1002),
    "bytes: as many as are taken, or more": changes.too_large,
}
PERSONAL_ID = "delivery id: a person's number"
AGAIN, OTHERWISE = "again: the same delivery", "again: the same id with another body"


@dataclass(frozen=True, slots=True)
class Odd:
    """A validly signed body. `again` is the delivery whose id it takes up."""

    number: int
    kind: str
    genuine: Genuine
    again: "Odd | None" = None


@dataclass(slots=True)
class Bodies:
    """Yields odd bodies without end; `known` learns by platform what was accepted, `sent` what was answered."""

    seed: int
    platforms: Sequence[Platform]
    clock: Clock
    known: dict[str, Known] = field(default_factory=dict)
    sent: deque[Odd] = field(default_factory=lambda: deque(maxlen=MAX_SENT))

    def __iter__(self) -> Iterator[Odd]:
        """Go through the kinds in turn."""
        numbers = itertools.count(1)
        for turn in itertools.count():
            kinds = {**KINDS, **LARGE} if turn % LARGE_EVERY == 0 else KINDS
            for kind, make in kinds.items():
                yield self._draw(next(numbers), kind, make)
            yield self._personal_id(next(numbers))
            yield from self._repeat(next(numbers))

    def _draw(self, number: int, kind: str, make: changes.Make) -> Odd:
        rng = random.Random(f"{self.seed}:{number}")
        platform = rng.choice(self.platforms)
        body = make(rng, self.known.setdefault(platform.name, Known()))
        name = f"odd-{self.seed}-{number}".encode()
        return Odd(number, kind, Genuine(platform, name, self._now(), body, (rng.choice(platform.live),)))

    def _personal_id(self, number: int) -> Odd:
        rng = random.Random(f"{self.seed}:{number}")
        platform = rng.choice(self.platforms)
        name = rng.choice(["{}", "msg_{}", "{}x", "9{}", "{}-1", "m-{}-{}"]).replace(
            "{}", id_number(rng.randrange(1000))
        )
        body = changes.shuffled(rng, Known())
        return Odd(
            number, PERSONAL_ID, Genuine(platform, name.encode(), self._now(), body, (rng.choice(platform.live),))
        )

    def _repeat(self, number: int) -> Iterator[Odd]:
        """Send one of the last deliveries once more, as it was and with another body."""
        if not self.sent:
            return
        rng = random.Random(f"{self.seed}:{number}")
        before = rng.choice(self.sent)
        old = before.genuine
        same = Genuine(old.platform, old.webhook_id, self._now(), old.body, (rng.choice(old.platform.live),))
        other = Genuine(old.platform, old.webhook_id, self._now(), old.body + b" ", (rng.choice(old.platform.live),))
        yield Odd(number, AGAIN, same, before)
        yield Odd(number, OTHERWISE, other, before)

    def _now(self) -> bytes:
        return str(self.clock()).encode()
