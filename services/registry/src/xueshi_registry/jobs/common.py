"""What both jobs ask and say alike."""

import argparse
import asyncio
from pathlib import Path

import structlog
from rich.console import Console

from xueshi_registry.handlers.recomputing import Outlook, look
from xueshi_registry.jobs.parts import usual_processes

log = structlog.get_logger()

NOT_DONE = 2
"""Exit code of a job that could not be done."""
_SHOWN = 20


def add_common(parser: argparse.ArgumentParser, listed: str) -> None:
    """Add what both jobs take; `listed` says what the list is of."""
    parser.add_argument("--json", type=Path, metavar="FILE", help=f"write all {listed} and the counts to a file")
    parser.add_argument("--limit", type=int, default=_SHOWN, help=f"how many {listed} are shown (default %(default)s)")
    parser.add_argument(
        "--processes", type=int, default=usual_processes(), help="processes, each on its part of the people"
    )


def look_ahead(database_url: str) -> Outlook | None:
    """Return what is known beforehand; None, with a log line, where the database does not say."""
    try:
        return asyncio.run(look(database_url))
    except Exception:
        log.exception("recomputing.not_begun")
        return None


def not_done(console: Console) -> int:
    """Say that it could not be done; return the exit code."""
    console.print("[bold red]not done[/], the log lines above say why")
    return NOT_DONE


def say_pending(console: Console, outlook: Outlook) -> None:
    """Say where the registry was still working off changes."""
    if outlook.pending:
        console.print(
            f"{outlook.pending} changes of platforms, employers or rules are still being worked off by the registry."
        )
