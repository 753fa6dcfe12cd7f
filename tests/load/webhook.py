"""The parts that are about accepting, on one PostgreSQL: the gateway beside COPY, pgbench and the reference."""

from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass

import asyncpg

from tests.load import single
from tests.load.accepts import CONNECTIONS, WARM_UP, Accepting, Sizes
from tests.load.deliveries import BATCH
from tests.load.figures import Figures
from tests.load.gateways import gateways, make_door, postgres, scratch
from tests.load.machine import describe_postgres
from tests.load.sender import Sender
from tests.load.yardstick import Yardstick, reference

ACCEPTS, SINGLE, REFERENCE = "accepts", "single", "reference"
PARTS = (ACCEPTS, SINGLE, REFERENCE)
_IDS_A_SECOND = 100_000
"""More than pgbench inserts: each round's ids begin behind those of the last."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `processes` are those of the gateway and of the reference: one for each core."""

    rounds: int
    processes: int
    sizes: Sizes
    reference_batches: int
    singles: int
    pgbench_seconds: int


async def measure(plan: Plan, parts: Collection[str], figures: Figures, tell: Callable[[str], None]) -> None:
    """Measure these of `PARTS`; accepting itself is always part of it. `tell` hears what is under way."""
    async with AsyncExitStack() as stack:
        root = await stack.enter_async_context(scratch())
        tell("PostgreSQL and the gateway start")
        server = await stack.enter_async_context(postgres(root))
        sender = await stack.enter_async_context(Sender())
        async with make_door(server.dsn, server.passwords, root) as (door, _):
            pass
        served = await stack.enter_async_context(gateways(door, plan.processes, root))
        owner = await asyncpg.connect(door.database.owner_dsn)
        stack.push_async_callback(owner.close)
        admin = await asyncpg.connect(server.dsn)
        stack.push_async_callback(admin.close)
        assert server.pid is not None
        accepting = Accepting(served, server.pid, door.key, sender, owner)
        figures.postgres = await describe_postgres(server.dsn)
        tell("warming up")
        await accepting.warm_up()
        script = await single.prepare(owner, root) if SINGLE in parts else None
        yardstick = None
        if REFERENCE in parts:
            rivals = await stack.enter_async_context(reference(server, door.key, plan.processes, root))
            yardstick = Yardstick(rivals, server.pid, door.key, sender, CONNECTIONS)
            await yardstick.round(accepting.course.deliveries(WARM_UP * plan.processes, BATCH), 1.0, Figures())
        for number in range(plan.rounds):
            tell(f"accepting, round {number + 1} of {plan.rounds}")
            await admin.execute("CHECKPOINT")  # so that none falls into a round by chance
            fresh, per_second = await accepting.round(plan.sizes, figures)
            if yardstick is not None:
                await yardstick.round(fresh[: plan.reference_batches], per_second, figures)
            if script is not None:
                first = number * plan.pgbench_seconds * _IDS_A_SECOND
                await single.measure(
                    accepting, script, door.database.owner_dsn, first, plan.singles, plan.pgbench_seconds, figures
                )
