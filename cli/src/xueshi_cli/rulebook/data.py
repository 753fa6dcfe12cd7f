"""`xueshi rulebook check | diff | freeze | docs`: the data itself, its versions, its page."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.markup import escape

from xueshi_cli.rulebook import versions
from xueshi_cli.rulebook.shown import console, print_json, refusals, short, table_of
from xueshi_cli.rulebook.versions import With, cases_of, open_version
from xueshi_rulebook import Rulebook
from xueshi_rulebook.cases import check_cases, pin_answers
from xueshi_rulebook.cited import own_values
from xueshi_rulebook.diffing import Change
from xueshi_rulebook.diffing import diff as compare
from xueshi_rulebook.model import BasisKind, RuleKind
from xueshi_rulebook.pages import render_page

KINDS = get_args(RuleKind)
BASES = get_args(BasisKind)
COLOURS = {"added": "green", "removed": "red", "changed": "yellow"}


def check(
    folder: Annotated[str, typer.Argument(help="The same as --with.")] = "",
    version: With = "",
) -> None:
    """Read a rulebook with its cases: the first fault with file, line and reason, or what it holds."""
    if folder and version:
        raise typer.BadParameter("a folder is named twice", param_hint="--with")
    with refusals():
        rulebook, cases = open_version(version or folder), cases_of(version or folder)
        check_cases(rulebook, cases)
    table = table_of("", *KINDS, *BASES, "cases")
    content = json.loads(rulebook.canonical)["jurisdictions"]
    counted: Counter[str] = Counter()
    for name in rulebook.jurisdictions:
        row = _count(rulebook, name, content)
        row["cases"] = sum(case.jurisdiction == name for case in cases)
        counted.update(row)
        table.add_row(name, *(str(row[column]) for column in (*KINDS, *BASES, "cases")))
    table.add_section()
    table.add_row("all", *(str(counted[column]) for column in (*KINDS, *BASES, "cases")))
    console.print(table)
    console.print("Rules by kind, values by what they rest on; what is inherited counts where it stands.")
    console.print(f"version {rulebook.hash}", soft_wrap=True, highlight=False)


def _count(rulebook: Rulebook, name: str, content: dict[str, dict[str, object]]) -> Counter[str]:
    head = content[name]["jurisdiction"]
    above = head.get("inherits") if isinstance(head, dict) else None
    inherited = rulebook.jurisdiction(above).rules if above else {}
    found = Counter(rule.kind for rule in rulebook.jurisdiction(name).rules.values() if rule.id not in inherited)
    return Counter(found) + Counter(value.grounds.basis for value in own_values(content, name))


def diff(
    old: Annotated[str, typer.Argument(help=versions.HELP)],
    new: Annotated[str, typer.Argument(help="The same for the version compared with it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Compare two versions: each value added, removed or changed, with its clause."""
    with refusals():
        changes = compare(open_version(old).canonical, open_version(new).canonical)
    if as_json:
        print_json([change._asdict() for change in changes])
        return
    table = table_of("", "where", "old", "new", "rests on")
    for change in changes:
        where = f"{', '.join(change.jurisdictions)} {change.path}".strip()
        grounds = f"{change.rule} {change.clause}".strip()
        sides = ("" if side is None else escape(short(side)) for side in (change.old, change.new))
        table.add_row(f"[{COLOURS[change.kind]}]{change.kind}[/]", escape(where), *sides, escape(short(grounds)))
    console.print(table)
    console.print(_tally(changes))


def _tally(changes: list[Change]) -> str:
    counts = Counter[str](change.kind for change in changes)
    return ", ".join(f"{counts[kind]} {kind}" for kind in COLOURS)


def freeze(
    out: Annotated[Path, typer.Argument(help="A file (.json, .json.xz), or a folder, where the hash names the file.")],
    version: With = "",
    answers: Annotated[bool, typer.Option(help="Also write what each case is answered, as a case file.")] = False,
) -> None:
    """Write a version's canonical form, from which it can be loaded and asked again."""
    with refusals():
        rulebook, cases = open_version(version), cases_of(version)
        pinned = pin_answers(rulebook, cases) if answers else ""
        if out.is_dir():
            out /= f"{rulebook.hash[: versions.NAME_DIGITS]}{versions.FILE_SUFFIX}"
        written = [out]
        versions.write(rulebook.canonical, out)
        if answers:
            written.append(out.with_name(f"{out.name.split('.')[0]}{versions.ANSWERS_SUFFIX}"))
            versions.write(pinned, written[-1])
    for file in written:
        console.print(str(file), soft_wrap=True, highlight=False)


def docs(
    out: Annotated[Path, typer.Option(help="The page's file.")] = Path("build/rulebook.html"), version: With = ""
) -> None:
    """Write the rulebook as a page to read and tick beside the notices."""
    with refusals():
        page = render_page(open_version(version), cases_of(version))
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
    console.print(str(out), soft_wrap=True, highlight=False)
