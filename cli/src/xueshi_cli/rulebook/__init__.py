"""`xueshi rulebook …`: check the rules, ask them, compare versions, print them, try them on a site's ledger."""

import typer

from xueshi_cli.rulebook.asking import cases, coverage, explain
from xueshi_cli.rulebook.codes import codes
from xueshi_cli.rulebook.data import check, diff, docs, freeze
from xueshi_cli.rulebook.ledger import impact, recompute

app = typer.Typer(no_args_is_help=True, help="The rules: check, ask, compare, print, try on a ledger.")
for command in (check, cases, explain, codes, coverage, diff, freeze, docs, recompute, impact):
    app.command()(command)

__all__ = ["app"]
