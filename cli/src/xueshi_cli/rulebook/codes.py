"""`xueshi rulebook codes`: what a case may be written with."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import typer
from rich.markup import escape

from xueshi_cli.rulebook.shown import console, refusals, table_of
from xueshi_cli.rulebook.versions import With, open_version
from xueshi_rulebook.loading import code_words

LEFT_OUT = ("jurisdiction", "sources", "rules")
"""Sections that name nothing that is asked with."""
WORKS = ("items", "levels")
"""Keys of codes that the data itself gives no names."""


def codes(
    jurisdiction: Annotated[str, typer.Argument(help="A jurisdiction's code; without one, theirs are listed.")] = "",
    find: Annotated[str, typer.Option(help="Only where place, code or name has this text.")] = "",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The names' language.")] = "zh",
    version: With = "",
) -> None:
    """List the codes that a case is written with: kinds, forms with their works, facts, papers, deadlines and more."""
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
    rows = [(path, code, name[lang]) for path, code, name in _named(sections, ())]
    words = code_words()
    for path, code in _works(sections["forms"], ("forms",)):
        name = words.get(f"{path[-1].removesuffix('s')}.{code}") or words.get(code)
        rows.append((path, code, name.within(lang) if name else code))
    for row in dict.fromkeys((".".join(path), *rest) for path, *rest in rows):
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


def _works(part: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the kinds of work and the levels that a form tells apart: the form, and the code."""
    if isinstance(part, list):
        for item in part:
            yield from _works(item, path)
    elif isinstance(part, Mapping):
        inner = (*path, str(part["code"])) if len(path) == 1 and "code" in part else path
        for key, value in part.items():
            listed = value.get("list") if isinstance(value, Mapping) else value
            if key in WORKS and isinstance(listed, list):
                yield from (((*inner, key), code) for code in listed)
            else:
                yield from _works(value, inner)


def _code_of(part: Mapping[str, object]) -> str:
    """Return an item's code, or the papers of which it asks for one; empty for what its key names."""
    papers = part.get("documents")
    if isinstance(papers, list) and all(isinstance(each, str) for each in papers):
        return " | ".join(papers)
    return str(part.get("code", ""))
