"""A whole run: a gateway of its own, mutants, then odd bodies; what is reported of it."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.fuzz.bounds import Cost, costs
from tests.fuzz.client import Connection
from tests.fuzz.effects import crashes, half_done, leaks, state_of, stored_versions
from tests.fuzz.gateway import Gateway, running_gateway
from tests.fuzz.judge import Tally, fire
from tests.fuzz.mutations import mutants
from tests.fuzz.odd import Bodies
from tests.fuzz.receipts import Ledger, send_bodies
from tests.fuzz.requests import Pool
from tests.support.databases import DatabaseFactory

SHOWN = 20
STEPS = 10
SHORT_PATIENCE = {"head_seconds": "1", "body_seconds": "2"}
"""A gateway's settings under which slow clients are told so soon."""

Each = TypeVar("Each")


def now() -> int:
    """Return the moment in seconds since 1970."""
    return int(time.time())


@dataclass(slots=True)
class Outcome:
    """What a run has found. `mistakes` are empty where all is well."""

    seed: int
    tally: Tally = field(default_factory=Tally)
    ledger: Ledger = field(default_factory=Ledger)
    seconds: dict[str, float] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    half_done: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    costs: dict[str, Cost] = field(default_factory=dict)

    @property
    def mistakes(self) -> list[object]:
        """Return whatever must not be."""
        found: list[object] = [*self.tally.failures, *self.ledger.failures, *self.half_done, *self.leaks, *self.crashes]
        return [*found, *self.changed.items(), *(each for each in self.costs.items() if not each[1].is_little)]

    def as_json(self) -> dict[str, Any]:
        """Return the report."""
        kinds = {kind: dict(sorted(answers.items())) for kind, answers in sorted(self.ledger.kinds.items())}
        return {
            "seed": self.seed,
            "seconds": {name: round(taken, 1) for name, taken in self.seconds.items()},
            "mutations": self.tally.sent,
            "mutations_accepted": self.tally.accepted,
            "mutations_answered_wrongly": self.tally.failed,
            "mutation_kinds": dict(sorted(self.tally.kinds.items())),
            "mutation_answers": dict(self.tally.answers.most_common()),
            "rows_changed_by_mutations": self.changed,
            "bodies": self.ledger.sent,
            "bodies_answered_wrongly": self.ledger.failed,
            "server_errors": self.ledger.server_errors,
            "half_done": len(self.half_done),
            "personal_data_found": len(self.leaks),
            "crashes_logged": len(self.crashes),
            "cost_of_refusals": {name: asdict(cost) for name, cost in self.costs.items()},
            "deliveries_taken": len(self.ledger.accepted),
            "record_results": dict(self.ledger.results.most_common()),
            "body_kinds": kinds,
            "mistakes": [repr(each) for each in self.mistakes[:SHOWN]],
        }


def counted(them: Iterable[Each], count: int, tell: Callable[[str], None], what: str) -> Iterator[Each]:
    """Yield so many of them, and tell how far it is."""
    step = max(count // STEPS, 1)
    for place, each in enumerate(itertools.islice(them, count), 1):
        yield each
        if place % step == 0:
            tell(f"{place:,} {what}")


async def run(
    make_database: DatabaseFactory, folder: Path, seed: int, mutations: int, bodies: int, tell: Callable[[str], None]
) -> Outcome:
    """Run a gateway, send it so much of each and compare what it has done with what it has said."""
    async with running_gateway(make_database, folder) as gateway:
        outcome = Outcome(seed)
        await _mutate(gateway, outcome, mutations, tell)
        await _send_odd_bodies(gateway, outcome, bodies, tell)
        outcome.leaks = await leaks(gateway)
        outcome.crashes = crashes(gateway)
    tell("too much of everything")
    apart = folder / "apart"
    await asyncio.to_thread(apart.mkdir)
    async with running_gateway(make_database, apart, **SHORT_PATIENCE) as gateway:
        outcome.costs = await costs(gateway)
        outcome.crashes += crashes(gateway)
    return outcome


async def _mutate(gateway: Gateway, outcome: Outcome, count: int, tell: Callable[[str], None]) -> None:
    """Send mutants to a gateway that has taken genuine requests, and takes them still at the end."""
    await send_genuine(gateway, outcome.seed)
    before, started_at = await state_of(gateway), time.monotonic()
    them = mutants(outcome.seed, gateway.platforms, now)
    outcome.tally = await fire(gateway, counted(them, count, tell, "mutations"))
    outcome.seconds["mutations"] = time.monotonic() - started_at
    after = await state_of(gateway)
    if before != after:
        outcome.changed = {"before": asdict(before), "after": asdict(after)}
    await send_genuine(gateway, -outcome.seed - 1)


async def send_genuine(gateway: Gateway, seed: int) -> None:
    """Have a pool of genuine requests accepted. Raises `AssertionError` where one is not."""
    async with Connection(gateway.host, gateway.port) as connection:
        for genuine in Pool.draw(random.Random(f"genuine {seed}"), gateway.platforms, now).requests:
            answer = await connection.ask(genuine.request().render())
            assert answer.status == 200, answer
            assert answer.json()["counts"]["rejected"] == 0, answer


async def _send_odd_bodies(gateway: Gateway, outcome: Outcome, count: int, tell: Callable[[str], None]) -> None:
    earlier = await stored_versions(gateway)
    started_at = time.monotonic()
    bodies = Bodies(outcome.seed, gateway.platforms, now)
    outcome.ledger = await send_bodies(gateway, bodies, counted(bodies, count, tell, "odd bodies"))
    outcome.seconds["bodies"] = time.monotonic() - started_at
    outcome.half_done = await half_done(gateway, {**earlier, **outcome.ledger.accepted})
