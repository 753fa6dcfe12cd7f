"""`python -m tests.faults`: see the package."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from rich.console import Console

from tests.faults.report import write_report
from tests.faults.run import Options, run_bus

BUSES = ("embedded", "kafka")


async def run(buses: list[str], options: Options, file: Path, console: Console) -> bool:
    """Run on each bus and write the report, also of what was reached when one ends badly."""
    reports = []
    for bus in buses:
        reports.append(await run_bus(bus, options, console))
        write_report(file, options.seed, reports)
    return all(report.good for report in reports)


def main() -> None:
    """Run and report; exit code 1 when anything is lost, doubled, out of order, diverged, or drains too slowly."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="The product under load and fire.")
    parser.add_argument("--rounds", type=int, default=3, help="on each bus")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--bus", choices=BUSES, action="append", help="both unless given")
    parser.add_argument("--minutes", type=float, default=0.0, help="go on with rounds for so long")
    parser.add_argument("--replays", type=int, default=10_000, help="deliveries sent five times at once; 0: none")
    parser.add_argument("--report", type=Path, default=Path("build/faults.json"))
    parser.add_argument("--data", type=Path, default=Path("build/faults"), help="kept where something went wrong")
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is away is no news here
    options = Options(given.rounds, given.seed, given.minutes, given.replays, given.data)
    console = Console(soft_wrap=True)
    good = asyncio.run(run(given.bus or list(BUSES), options, given.report, console))
    console.print_json(given.report.read_text())
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
