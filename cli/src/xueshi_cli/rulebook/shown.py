"""What all commands of the rulebook print alike."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from xueshi_cli.runtime.errors import RuntimeFailure
from xueshi_rulebook import RulebookDataError

console = Console(emoji=False)  # "file.yaml:100:" is a place


@contextmanager
def refusals() -> Iterator[None]:
    """End with exit code 1, saying why on one line: refused data, a file that is not to be had, a site that is not."""
    try:
        yield
    except (RulebookDataError, RuntimeFailure, OSError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
        console.print(f"[bold red]refused[/] {escape(reason)}", soft_wrap=True)
        raise typer.Exit(1) from error


def table_of(*headings: str) -> Table:
    """Return an empty table whose words fold: Chinese has no spaces to break at."""
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def print_json(content: object) -> None:
    """Print JSON for programs."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))


def short(value: object, length: int = 60) -> str:
    """Write a JSON value on one line, cut where it is long; text without quotes."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= length else f"{text[: length - 1]}…"
