"""`xueshi rulebook …`: check the rules, ask them, compare versions, print them for an official."""

import typer

from xueshi_cli.rulebook.asking import cases, coverage, explain
from xueshi_cli.rulebook.data import check, diff, docs, freeze

app = typer.Typer(no_args_is_help=True, help="The rules: check, ask, compare, print.")
for command in (check, cases, explain, coverage, diff, freeze, docs):
    app.command()(command)

__all__ = ["app"]
