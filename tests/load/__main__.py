"""`python -m tests.load`, behind `make bench`: measures the pipeline on this machine and writes `build/bench.json`."""

import argparse
import logging
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop
from rich.console import Console

from tests.load import accepts, chain, growth, machine, recomputing, report, rules, webhook
from tests.load.deliveries import BATCH, Course, learners
from tests.load.figures import Figures
from tests.load.gateways import BUILD, scratch
from tests.load.pilot import Pilot
from tests.load.sender import Sender
from tests.load.site import running
from xueshi_cli.runtime.errors import MissingPartError

CHAIN, GROWTH, RECOMPUTE, RULES = "chain", "growth", "recompute", "rules"
PARTS = (*webhook.PARTS, CHAIN, GROWTH, RECOMPUTE, RULES)
KAFKA, EMBEDDED = "kafka", "embedded"
BUSES = (KAFKA, EMBEDDED)
REPORT = BUILD / "bench.json"
_MILLION = 1_000_000
_PROCESSES = max(2, machine.cpus())
_LOG_COLUMNS = 130
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much each part measures."""

    webhook: webhook.Plan
    chain: chain.Plan
    growth: growth.Plan
    recompute: recomputing.Plan
    rules: rules.Plan

    def with_rounds(self, rounds: int) -> "Plan":
        """Return the plan with another number of rounds in every part."""
        return Plan(
            replace(self.webhook, rounds=rounds),
            replace(self.chain, rounds=rounds),
            self.growth.with_rounds(rounds),
            replace(self.recompute, rounds=rounds),
            self.rules,
        )


FULL = Plan(
    webhook.Plan(
        rounds=5,
        processes=_PROCESSES,
        sizes=accepts.Sizes(batches=40, fifties=200, ones=2000),
        reference_batches=16,
        singles=6000,
        pgbench_seconds=4,
    ),
    chain.Plan(rounds=3, people=4000, batches=40, steady_seconds=20),
    growth.Plan(small_rows=_MILLION, large_rows=10 * _MILLION, rounds=5, people=4000),
    recomputing.Plan(entries=_MILLION, rounds=2),
    rules.Plan(batches=200),
)
QUICK = Plan(
    webhook.Plan(
        rounds=2,
        processes=_PROCESSES,
        sizes=accepts.Sizes(batches=16, fifties=30, ones=300),
        reference_batches=6,
        singles=1000,
        pgbench_seconds=1,
    ),
    chain.Plan(rounds=1, people=1000, batches=8, steady_seconds=3),
    growth.Plan(small_rows=20_000, large_rows=60_000, rounds=1, people=250),
    recomputing.Plan(entries=40_000, rounds=1),
    rules.Plan(batches=50),
)


async def measure(plan: Plan, parts: Collection[str], buses: Collection[str], figures: Figures, tell: Tell) -> None:
    """Measure these of `PARTS`; the chain on these of `BUSES`, growth on the embedded one."""
    if wanted := set(webhook.PARTS).intersection(parts):
        await webhook.measure(plan.webhook, wanted, figures, tell)
    if RULES in parts:
        rules.measure(plan.rules, figures)
    if RECOMPUTE in parts:
        await recomputing.measure(plan.recompute, figures, tell)
    for bus in BUSES:
        grows = GROWTH in parts and bus == EMBEDDED
        goes_through = CHAIN in parts and bus in buses
        if grows or goes_through:
            try:
                await _on_site(plan, bus, figures, tell, goes_through=goes_through, grows=grows)
            except MissingPartError as error:
                figures.say(f"The chain on {bus} was not measured: {error}")


async def _on_site(plan: Plan, bus: str, figures: Figures, tell: Tell, *, goes_through: bool, grows: bool) -> None:
    """Measure what needs the whole product, on one site."""
    people = learners(plan.chain.people)
    everybody = [*people, *plan.growth.everybody()] if grows else people
    tell(f"the whole product starts, on {bus}")
    async with scratch() as root, Sender() as sender, running(root, bus, everybody, sender) as running_site:
        course = Course(people)
        figures.postgres = await machine.describe_postgres(running_site.site.admin_dsn)
        tell(f"chain on {bus}: warming up")
        await running_site.pass_through(course.deliveries(chain.WARM_UP, BATCH))
        if goes_through:
            async with Pilot.accepted(running_site, root, copies=2 * plan.chain.rounds) as pilot:
                await chain.measure(running_site, pilot, course, plan.chain, bus, figures, tell)
        if grows:
            await growth.measure(running_site, plan.growth, figures, tell)


def main() -> None:
    """Measure, write the report and show it."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything: under two minutes on an idle machine")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts of {','.join(PARTS)}")
    parser.add_argument("--bus", default=",".join(BUSES), help="on which buses the chain is measured")
    parser.add_argument("--rounds", type=int, help="rounds of every part")
    parser.add_argument("--out", type=Path, default=REPORT)
    given = parser.parse_args()
    parts, buses = given.only.split(","), given.bus.split(",")
    if unknown := {*parts, *buses} - {*PARTS, *BUSES}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    plan = QUICK if given.quick else FULL
    if given.rounds:
        plan = plan.with_rounds(given.rounds)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is only starting is no news
    console, figures = Console(), Figures()
    if not console.is_terminal:
        console.width = _LOG_COLUMNS
    started_at = time.monotonic()

    def tell(what: str) -> None:
        console.print(f"[dim]{time.monotonic() - started_at:5.0f} s[/]  {what}")

    about = {
        "quick": given.quick,
        "parts": parts,
        "gateway_processes": plan.webhook.processes,
        "machine": machine.describe(),
    }
    try:
        uvloop.run(measure(plan, parts, buses, figures, tell))
    except KeyboardInterrupt:
        sys.exit("Stopped; nothing is reported.")
    report.write(given.out, figures, about)
    report.show(console, figures)
    tell(f"written to {given.out}")


if __name__ == "__main__":
    main()
