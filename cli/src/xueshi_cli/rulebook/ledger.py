"""`xueshi rulebook recompute | impact`: a site's whole ledger computed anew, by its own rules or by a draft.

On a cluster the registry's own image does it: `python -m xueshi_registry recompute`, `… impact --with DRAFT`.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from xueshi_cli.operations import LOCAL, Data, run_role
from xueshi_cli.rulebook import versions
from xueshi_cli.rulebook.shown import refusals

Listed = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all that is found to a file.")]
Limit = Annotated[int, typer.Option(min=0, help="How many lines of it are shown.")]


def recompute(data: Data = LOCAL, file: Listed = None, limit: Limit = 20) -> None:
    """Recompute every transcript from the ledger and compare; exit code 1 when something differs."""
    with refusals():
        run_role("registry", data, "recompute", *_arguments(file, limit))


def impact(
    version: Annotated[str, typer.Option("--with", help=versions.HELP)],
    data: Data = LOCAL,
    file: Listed = None,
    limit: Limit = 20,
) -> None:
    """Preview a changed rulebook on the whole ledger: how many people's verdict changes, whose, and why."""
    with refusals():
        draft = versions.open_version(version)
        with tempfile.TemporaryDirectory() as folder:
            canonical = Path(folder) / "draft.json"
            versions.write(draft.canonical, canonical)
            run_role("registry", data, "impact", "--with", str(canonical), *_arguments(file, limit))


def _arguments(file: Path | None, limit: int) -> list[str]:
    return ["--limit", str(limit), *(["--json", str(file)] if file else [])]
