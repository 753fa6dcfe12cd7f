"""Genuine deliveries replayed five times at once have exactly as many effects as there are deliveries.

Each delivery holds one record and goes out five times at the same moment, over connections of its own, to all
replicas of the gateway.
"""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.faults.cast import Author, Cast, person_key
from tests.faults.drain import drain
from tests.faults.found import Reader
from tests.faults.rounds import Stage, compare
from tests.faults.senders import STATED_AT
from tests.faults.story import Person, Version
from tests.faults.wire import Delivery, Sender
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_samples.identifiers import resident_id

TIMES = 5
LANES = 6
"""Deliveries under way at the same time; each has five connections."""

RECORDS_PER_PERSON = 5
_BORN = date(1970, 1, 1)


@dataclass(slots=True)
class Replays:
    """What became of it. `wrong` says what differs from one effect for each delivery."""

    deliveries: int
    seconds: float = 0.0
    drain_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {
            "deliveries": self.deliveries,
            "times": TIMES,
            "seconds": round(self.seconds, 1),
            "drain_seconds": round(self.drain_seconds, 1),
            "wrong": self.wrong,
        }


async def replay(stage: Stage, count: int, seed: str) -> Replays:
    """Send `count` deliveries five times at once each, let everything drain, and count the effects."""
    prefix = f"R{seed}"
    result = Replays(count)
    prepared = _prepare(stage, count, prefix)
    waiting = iter(prepared)
    started_at = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(LANES):
            chances = [random.Random(f"{prefix}-{number}-{time_}") for time_ in range(TIMES)]
            senders = [Sender(stage.site.gateway_ports(), chance, stage.story.count) for chance in chances]
            group.create_task(_lane(stage, waiting, senders, result))
    result.seconds = time.monotonic() - started_at
    result.drain_seconds = await drain(stage.site)
    await _count_effects(stage, count, prefix, result)
    found = await compare(stage)
    result.wrong += [f"{kind}: {each.what}" for kind, findings in found.kinds().items() for each in findings]
    return result


def _prepare(stage: Stage, count: int, prefix: str) -> list[tuple[Delivery, Version]]:
    people = _people(stage, 1 + count // RECORDS_PER_PERSON)
    stage.story.people |= {each.key: each for each in people}
    author = Author(Cast(people, (), (), stage.cast.subjects), random.Random(prefix))
    keys = stage.keys()
    made = []
    for number in range(count):
        subject = author.subject()
        record_id = f"{prefix}-{number}"
        version, content = author.write(subject, record_id, 1, people[number % len(people)], alone=True)
        body = {"type": "hour_records.completed", "timestamp": STATED_AT, "data": {"records": [content]}}
        encoded = json.dumps(body, ensure_ascii=False).encode()
        made.append((Delivery(subject.platform, record_id, encoded, keys[subject.platform]), version))
    return made


def _people(stage: Stage, count: int) -> Sequence[Person]:
    """Return people whom nobody knows yet, with a known employer: many, so that no transcript grows long."""
    employer = next(each.employer for each in stage.cast.people)
    index_key = stage.site.person_index_key()
    numbers = [resident_id(_BORN + timedelta(days=n // 900), 1 + n % 900) for n in range(count)]
    return [Person(person_key(index_key, each), each, "陈晓", employer, claimed=False, busy=False) for each in numbers]


async def _lane(stage: Stage, waiting: Any, senders: Sequence[Sender], result: Replays) -> None:  # noqa: ANN401
    for delivery, version in waiting:
        receipts = await asyncio.gather(*(sender.deliver(delivery) for sender in senders))
        if len(set(receipts)) > 1:
            result.wrong.append(f"{delivery.webhook_id}: {len(set(receipts))} different receipts")
        answered = json.loads(receipts[0])["results"][0]
        if (answered["status"], answered.get("version")) != ("accepted", 1):
            result.wrong.append(f"{delivery.webhook_id}: answered {answered}")
        stage.story.receipts[delivery.platform, delivery.webhook_id] = receipts[0]
        stage.story.accept(version)
        stage.story.count("accepted")
        stage.story.count("repeats", TIMES - 1)
    for sender in senders:
        sender.close()


async def _count_effects(stage: Stage, count: int, prefix: str, result: Replays) -> None:
    """Count versions, deliveries, outbox records and the registry's records: as many as deliveries, each."""
    reader = Reader(stage.site)
    like = f"{prefix}-%"
    (versions,) = await reader.fetch("gateway", "SELECT count(*) AS n FROM hour_record WHERE record_id LIKE $1", like)
    (deliveries,) = await reader.fetch("gateway", "SELECT count(*) AS n FROM delivery WHERE webhook_id LIKE $1", like)
    slices = await reader.fetch("gateway", "SELECT payload FROM outbox WHERE key LIKE $1", f"%:{like}")
    (records,) = await reader.fetch("registry", "SELECT count(*) AS n FROM record WHERE record_id LIKE $1", like)
    await reader.close()
    told = [record.record_id for row in slices for record in HourRecordsAccepted.FromString(row["payload"]).records]
    counted = {
        "versions": versions["n"],
        "deliveries": deliveries["n"],
        "outbox records": len(told),
        "different outbox records": len(set(told)),
        "records in the registry": records["n"],
    }
    result.wrong += [f"{name}: {found} instead of {count}" for name, found in counted.items() if found != count]
