"""Deliveries to begin with: well-formed ones of every change, with records that stand and records that are new."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.odd.trees import Tree, plant
from tests.fuzz.requests import genuine_records
from tests.integration.gateway.stand import id_number

KNOWN = 2000


@dataclass(slots=True)
class Known:
    """Records of one platform that were accepted in this run, so that later bodies can correct and void them."""

    record_ids: deque[str] = field(default_factory=lambda: deque(maxlen=KNOWN))

    def any(self, rng: random.Random) -> str:
        """Return the id of one that stands, or of none where none stands yet."""
        return rng.choice(self.record_ids) if self.record_ids else "none"


def delivery(change: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the body of a delivery."""
    return {
        "type": f"hour_records.{change}",
        "timestamp": "2025-06-03T18:20:00+08:00",
        "data": {"records": records},
    }


def completed(rng: random.Random, count: int = 0) -> dict[str, Any]:
    """Return new records; some name their days as a range, some leave out what may be left out."""
    records = genuine_records(rng, count or rng.choice([1, 1, 1, 2, 5]))
    for record in records:
        if rng.random() < 0.2:
            record["learned"] = {"from": "2025-05-01", "to": "2025-06-01"}
        for name in ("employer", "industry", "major"):
            if rng.random() < 0.1:
                del record[name]
    return delivery("completed", records)


def corrected(rng: random.Random, known: Known) -> dict[str, Any]:
    """Return other contents for standing records, some of other people."""
    body = completed(rng)
    for record in body["data"]["records"]:
        record["record_id"] = known.any(rng)
        record["course"]["title"] = f"更正 {rng.randrange(1000)}"
    return delivery("corrected", body["data"]["records"])


def voided(rng: random.Random, known: Known) -> dict[str, Any]:
    """Return voids of standing records."""
    count = rng.choice([1, 1, 2, 5])
    return delivery("voided", [{"record_id": known.any(rng), "reason": "重复上报"} for _ in range(count)])


def repeated(rng: random.Random, known: Known) -> dict[str, Any]:
    """Return records of which some stand already, with this or other content, and some come twice."""
    body = completed(rng, 4)
    records = body["data"]["records"]
    records[0]["record_id"] = known.any(rng)
    records.append(dict(records[1]))
    records.append({**records[2], "learner": {**records[2]["learner"], "id_number": id_number(rng.randrange(1000))}})
    rng.shuffle(records)
    return body


def any_delivery(rng: random.Random, known: Known) -> Tree:
    """Return a well-formed delivery of any change as a tree."""
    makers: list[Callable[[], dict[str, Any]]] = [
        *[lambda: completed(rng)] * 6,
        lambda: corrected(rng, known),
        lambda: voided(rng, known),
        lambda: repeated(rng, known),
    ]
    return plant(rng.choice(makers)())
