"""The whole chain, from the webhook to the title-review topic: rules, routing, stamping, transcripts, encryption.

All six services run, each as one process, with PostgreSQL and the bus on the same machine. Records are pushed as fast
as the gateway takes them, and the clock stops when no outbox and no topic holds anything under way. Then the topic is
read: its last state must hold every record with its hours. The limit is COPY on the same server, before and after.

Latency is measured at half of that speed, in the same deliveries: for each record from the moment at which its delivery
was due to the moment at which a reader of the topic has the first message that contains it.
"""

import asyncio
import statistics
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.load.deliveries import BATCH, Course, Delivery
from tests.load.figures import Figures
from tests.load.pilot import Pilot
from tests.load.site import Chain
from tests.load.watch import drained_at

WARM_UP = 4
_CENT = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: `people` get `batches` deliveries of 500 a round; then steady load for some seconds."""

    rounds: int
    people: int
    batches: int
    steady_seconds: float


async def measure(
    chain: Chain, pilot: Pilot, course: Course, plan: Plan, bus: str, figures: Figures, tell: Callable[[str], None]
) -> None:
    """Measure throughput and latency on a running site through which something has gone before."""
    speeds = []
    for number in range(plan.rounds):
        tell(f"chain on {bus}: round {number + 1} of {plan.rounds}")
        before = await pilot.copy()
        passed = await chain.pass_through(course.deliveries(plan.batches, BATCH))
        limit = statistics.mean([before, await pilot.copy()])
        speeds.append(passed.per_second)
        figures.note(
            **{
                f"chain_per_second_{bus}": passed.per_second,
                f"chain_copy_all_per_second_{bus}": limit,
                f"chain_ratio_{bus}": passed.per_second / limit,
                f"chain_accepts_per_second_{bus}": passed.sent.per_second,
            }
        )
        figures.note_cpu(f"chain, {bus}", passed.cpu_us_per_record())
    tell(f"chain on {bus}: latency at half load")
    await _latency(chain, course, plan, bus, statistics.median(speeds) / 2, figures)


async def _latency(
    chain: Chain, course: Course, plan: Plan, bus: str, records_per_second: float, figures: Figures
) -> None:
    """Keep a steady load up while the topic is read."""
    per_second = records_per_second / BATCH
    deliveries = course.deliveries(max(1, int(plan.steady_seconds * per_second)), BATCH)
    reading = asyncio.create_task(chain.outside.read_forever())
    sent = await chain.send(deliveries, per_second)
    await drained_at(chain.site, chain.bus)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    chain.outside.expect(deliveries)
    await chain.outside.read_all()
    took = _milliseconds(deliveries, sent.due_at_ns, chain.outside.first_seen_at_ns)
    cuts = statistics.quantiles(took, n=_CENT)
    suffix = "" if bus == "kafka" else f"_{bus}"
    figures.note(
        **{
            f"chain_p50_ms_half_load{suffix}": cuts[49],
            f"chain_p99_ms_half_load{suffix}": cuts[98],
            f"chain_half_load_per_second{suffix}": records_per_second,
        }
    )


def _milliseconds(deliveries: Sequence[Delivery], due_at_ns: Sequence[int], seen_at_ns: dict[str, int]) -> list[float]:
    return [
        (seen_at_ns[record["record_id"]] - due_ns) / 1e6
        for delivery, due_ns in zip(deliveries, due_at_ns, strict=True)
        for record in delivery.records
    ]
