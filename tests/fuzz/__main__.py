"""`python -m tests.fuzz`: mutated requests and validly signed odd bodies against a real gateway; see `make fuzz`."""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.fuzz.run import Outcome, run
from tests.support.databases import DatabaseFactory
from tests.support.parts import postgres_server

REPORT = Path("build/fuzz.json")
MANY = 100_000


def main() -> None:
    """Run, report and end with 1 where something is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--mutations", type=int, default=MANY, help="requests that nobody has signed")
    parser.add_argument("--bodies", type=int, default=MANY, help="odd bodies that a platform has signed")
    parser.add_argument("--seed", type=int, default=None, help="what is drawn; one is chosen and reported by default")
    parser.add_argument("--report", type=Path, default=REPORT)
    given = parser.parse_args()
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    console = Console()
    with postgres_server() as server, tempfile.TemporaryDirectory(prefix="xueshi-fuzz-") as folder:
        made = DatabaseFactory(server.dsn)
        try:
            outcome = asyncio.run(run(made, Path(folder), seed, given.mutations, given.bodies, console.print))
        finally:
            if server.outlives_session:
                made.drop_all()
    given.report.parent.mkdir(parents=True, exist_ok=True)
    given.report.write_text(json.dumps(outcome.as_json(), indent=1, ensure_ascii=False) + os.linesep)
    show(console, outcome)
    sys.exit(1 if outcome.mistakes else 0)


def show(console: Console, outcome: Outcome) -> None:
    """Print the figures, and the first of what went wrong."""
    figures = outcome.as_json()
    for name, figure in figures.items():
        if isinstance(figure, int):
            console.print(f"{name:<26} {figure:>12,}")
    for name, taken in outcome.seconds.items():
        console.print(f"{'seconds for ' + name:<26} {taken:>12,.0f}")
    for name, cost in outcome.costs.items():
        console.print(f"{name:<26} {cost.answer}, {cost.cpu_seconds:.2f} s of CPU, {cost.memory_mib:.1f} MiB")
    for mistake in figures["mistakes"]:
        console.print(mistake, markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
