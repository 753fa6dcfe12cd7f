"""`xueshi rulebook codes`: what a case may be written with."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import typer
from rich.markup import escape

from xueshi_cli.rulebook.shown import console, refusals, table_of
from xueshi_cli.rulebook.versions import With, open_version

LEFT_OUT = ("jurisdiction", "sources", "rules")
"""Sections that name nothing that is asked with."""


def codes(
    jurisdiction: Annotated[str, typer.Argument(help="A jurisdiction's code; without one, theirs are listed.")] = "",
    find: Annotated[str, typer.Option(help="Only where place, code or name has this text.")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The names' language.")] = "zh",
    version: With = "",
) -> None:
    """List the codes that a case is written with: kinds, forms with their facts and papers, deadlines, applications."""
    with refusals():
        rulebook = open_version(version)
    if jurisdiction not in rulebook.jurisdictions:
        known = ", ".join(rulebook.jurisdictions)
        if jurisdiction:
            message = f"{jurisdiction!r} is none of {known}"
            raise typer.BadParameter(message)
        console.print(known)
        return
    sections = json.loads(rulebook.canonical)["jurisdictions"][jurisdiction]
    table = table_of("where", "code", "name")
    rows = dict.fromkeys((".".join(path), code, name[lang]) for path, code, name in _named(sections, ()))
    for row in rows:
        if find in " ".join(row):
            table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def _named(part: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, str]]]:
    """Yield what bears a name in the data: where it stands, its code (several for papers of which one is asked)."""
    if isinstance(part, list):
        for item in part:
            yield from _named(item, path)
    if not isinstance(part, Mapping):
        return
    name, own = part.get("name"), _code_of(part)
    if isinstance(name, Mapping) and path:
        yield (path, own, name) if own else (path[:-1], path[-1], name)
    inner = (*path, str(part["code"])) if "code" in part else path
    for key, value in part.items():
        if key != "name" and (path or key not in LEFT_OUT):
            yield from _named(value, (*inner, key))


def _code_of(part: Mapping[str, object]) -> str:
    """Return an item's code, or the papers of which it asks for one; empty for what its key names."""
    papers = part.get("documents")
    if isinstance(papers, list) and all(isinstance(each, str) for each in papers):
        return " | ".join(papers)
    return str(part.get("code", ""))
