"""Deliveries as a training platform sends them: made, and signed, before any clock starts.

Records have the shape of the contract's example. The learners live in an area that does not exist and bear real check
digits; there are many of them, so that every bucket is met. Ids count up as a platform's own sequence does.
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, cycle, islice

from tests.load.sender import Request
from xueshi_kit.webhooks import SigningKey, sign
from xueshi_samples.dice import Dice
from xueshi_samples.employers import build_employers, registered
from xueshi_samples.identifiers import resident_id
from xueshi_samples.industries import INDUSTRIES
from xueshi_samples.model import Employer, Json
from xueshi_samples.names import person_name

PLATFORM = "bench"
PATH = f"/v1/platforms/{PLATFORM}/deliveries"
BATCH = 500
_SEED = 2025
_EMPLOYERS = 40
_FIRST_BIRTH = date(1966, 1, 1)
_BIRTH_DAYS = 32 * 365
_YEAR = date(2025, 1, 1)
_PAIRS_OF_DAYS = 182
_HOURS = (("3", "1.5", "4.5"), ("2", "2", "4"), ("1.5", "1", "2.5"), ("4", "0.75", "4.75"), ("1", "2.25", "3.25"))
"""Hours of a record's two days, and their sum: below the day's cap, so that all of them are credited."""


@dataclass(frozen=True, slots=True)
class Learner:
    """A person who learns, and where they work."""

    number: int
    id_number: str
    name: str
    employer: Employer


def employers() -> list[Employer]:
    """Return the employers of all learners."""
    return registered(build_employers(Dice(_SEED, "employers")))[:_EMPLOYERS]


def learners(count_: int, first: int = 0) -> list[Learner]:
    """Return learners by number, from `first` on; the same number is the same person on every call."""
    places = employers()
    return [
        Learner(
            number,
            resident_id(_FIRST_BIRTH + timedelta(days=number % _BIRTH_DAYS), number // _BIRTH_DAYS + 1),
            person_name(Dice(_SEED, f"person {number}")),
            places[number % len(places)],
        )
        for number in range(first, first + count_)
    ]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery with its records; the first `fresh` of them are new to the gateway."""

    webhook_id: str
    records: Sequence[Json]
    fresh: int
    body: bytes

    def headers(self, key: SigningKey) -> dict[str, str]:
        """Return the headers that a sender sets, signed now."""
        return {"content-type": "application/json", **sign([key], self.webhook_id, datetime.now(UTC), self.body)}

    def request(self, key: SigningKey) -> Request:
        """Return the whole HTTP request, signed now."""
        headers = {"host": "127.0.0.1", "content-length": str(len(self.body)), **self.headers(key)}
        lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join([*lines, "", ""]).encode("ascii")
        return Request(head + self.body, accepted=self.fresh, duplicate=len(self.records) - self.fresh)


class Course:
    """Makes records: each learner in turn, each id once, each learner's records on days of their own."""

    def __init__(self, people: Sequence[Learner], prefix: str = "KC25") -> None:
        """Teach these people; `prefix` begins the ids."""
        self._turn = cycle(Dice(_SEED, prefix).shuffled(people))
        self._prefix = prefix
        self._dice = Dice(_SEED, f"{prefix} records")
        self._number = count(1)
        self._learned: dict[int, int] = {}

    def deliveries(self, how_many: int, records: int) -> list[Delivery]:
        """Return deliveries of new records."""
        return [deliver(self.records(records)) for _ in range(how_many)]

    def records(self, how_many: int) -> list[Json]:
        """Return new records, each of another learner as far as there are as many."""
        return [self._record(next(self._number), learner) for learner in islice(self._turn, how_many)]

    def _record(self, number: int, learner: Learner) -> Json:
        dice = self._dice
        before = self._learned[learner.number] = self._learned.get(learner.number, -1) + 1
        first = _YEAR + timedelta(days=2 * ((learner.number * 37 + before) % _PAIRS_OF_DAYS))
        second = first + timedelta(days=1)
        one, two, total = dice.pick(_HOURS)
        major, topics = dice.pick(list(INDUSTRIES[learner.employer.industry].majors.items()))
        return {
            "record_id": f"{self._prefix}-{number:08}",
            "learner": {"id_type": "resident_id", "id_number": learner.id_number, "name": learner.name},
            "employer": learner.employer.code,
            "subject_kind": "professional",
            "learning_form": "online",
            "course": {"id": f"C-2025-{dice.below(400):03}", "title": dice.pick(topics)},
            "industry": learner.employer.industry,
            "major": major,
            "learned": [{"on": first.isoformat(), "hours": one}, {"on": second.isoformat(), "hours": two}],
            "hours": total,
            "assessment": {"passed": True, "score": str(dice.between(60, 100))},
            "completed_at": f"{second.isoformat()}T{dice.between(8, 22):02}:{dice.below(60):02}:00+08:00",
        }


def deliver(records: Sequence[Json], fresh: int | None = None) -> Delivery:
    """Return a delivery of its own id; `fresh` of the records, all unless given, are new."""
    envelope = {
        "type": "hour_records.completed",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {"records": records},
    }
    body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
    return Delivery(f"msg_{uuid.uuid4().hex}", records, len(records) if fresh is None else fresh, body)


def requests(deliveries: Iterable[Delivery], key: SigningKey) -> list[Request]:
    """Return the signed requests of deliveries: good for five minutes."""
    return [each.request(key) for each in deliveries]
