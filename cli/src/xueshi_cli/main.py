"""The `xueshi` command."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from xueshi_cli.demo.run import RunOptions
from xueshi_cli.demo.run import run as run_demo
from xueshi_cli.demo.show import newest_proofs, read_fate
from xueshi_cli.operations import parked, replay
from xueshi_cli.platforms import app as platforms
from xueshi_cli.rulebook import app as rulebook
from xueshi_cli.runtime.errors import RuntimeFailure

app = typer.Typer(no_args_is_help=True, add_completion=False, help="学时 Xueshi: continuing-education hours.")
console = Console()

DATA = Path("data")
Data = Annotated[Path | None, typer.Option(help="The site's data folder; data/<bus> unless given.")]


app.add_typer(platforms, name="platforms")
app.add_typer(rulebook, name="rulebook")
app.command()(parked)
app.command()(replay)


@app.callback()
def root() -> None:
    """Run and operate Xueshi."""


@app.command()
def run(
    bus: Annotated[str, typer.Option(help="embedded (in PostgreSQL) or kafka.")] = "embedded",
    data: Data = None,
    people: Annotated[int, typer.Option(min=30, help="How many sample people.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the sample world.")] = 7,
    once: Annotated[bool, typer.Option(help="End with the table, exit code 0 when it is right.")] = False,
) -> None:
    """Start everything on this machine and let the samples through."""
    if bus not in {"embedded", "kafka"}:
        raise typer.BadParameter("embedded or kafka", param_hint="--bus")
    options = RunOptions(bus, data or DATA / bus, people, seed, once)
    try:
        code = asyncio.run(run_demo(options, console))
    except RuntimeFailure as error:
        console.print(f"[bold red]{type(error).__name__}[/]: {error}")
        code = 1
    raise typer.Exit(code)


@app.command()
def fate(platform: str, record_id: str, data: Data = None) -> None:
    """Show what became of one record, as its platform sees it: state, rule, clause, what to do."""
    found = asyncio.run(read_fate(data or DATA / "embedded", platform, record_id))
    console.print_json(json.dumps(found, ensure_ascii=False))


@app.command()
def proofs(data: Data = None, count: Annotated[int, typer.Option(min=1, max=100)] = 5) -> None:
    """List the newest proofs with their public pages and PDFs."""
    for number, page in asyncio.run(newest_proofs(data or DATA / "embedded", count)):
        console.print(f"{number}  {page}  {page}.pdf")
