"""Sends mutants and odd bodies over many connections at once, and judges every answer."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from tests.fuzz.client import Answer, Connection
from tests.fuzz.gateway import Gateway
from tests.fuzz.mutations import Mutant

CONNECTIONS = 16
MAX_KEPT_FAILURES = 20

Each = TypeVar("Each")
Ask = Callable[[Mutant], Awaitable[Answer]]


@dataclass(slots=True)
class Tally:
    """What became of the mutants. `failures` hold the first ones that were not refused as they must be."""

    kinds: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    failed: int = 0
    failures: list[dict[str, object]] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many were sent."""
        return self.kinds.total()

    def enter(self, mutant: Mutant, answer: Answer) -> None:
        """Judge one answer."""
        self.kinds[mutant.kind.name] += 1
        self.answers[f"{answer.status} {answer.code}".strip()] += 1
        self.accepted += 200 <= answer.status < 300
        if (answer.status, answer.code) in mutant.kind.answers:
            return
        self.failed += 1
        if len(self.failures) < MAX_KEPT_FAILURES:
            self.failures.append(
                {
                    "kind": mutant.kind.name,
                    "number": mutant.number,
                    "request": repr(mutant.request.render()),
                    "answer": f"{answer.status} {answer.body!r}",
                }
            )


async def judge(mutants: Iterable[Mutant], ask: Ask) -> Tally:
    """Ask with each mutant in turn; return the tally."""
    tally = Tally()
    for mutant in mutants:
        tally.enter(mutant, await ask(mutant))
    return tally


async def fire(gateway: Gateway, mutants: Iterator[Mutant]) -> Tally:
    """Send every mutant to a gateway, over many connections."""
    tally = Tally()

    async def one(connection: Connection, mutant: Mutant) -> None:
        answer = await connection.ask(mutant.request.render(), keep=not mutant.kind.on_wire)
        tally.enter(mutant, answer)

    await spread(gateway, mutants, one)
    return tally


async def spread(gateway: Gateway, them: Iterator[Each], send: Callable[[Connection, Each], Awaitable[None]]) -> None:
    """Share what is to be sent among connections that each send one thing after the other."""

    async def sender() -> None:
        async with Connection(gateway.host, gateway.port) as connection:
            for each in them:
                await send(connection, each)

    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(sender())
