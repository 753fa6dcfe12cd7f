"""`xueshi rulebook cases | explain | coverage`: questions put to the rules."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from xueshi_cli.rulebook.shown import console, print_json, refusals, table_of
from xueshi_cli.rulebook.versions import With, cases_of, open_version, read
from xueshi_rulebook import Rulebook
from xueshi_rulebook import cases as asked
from xueshi_rulebook.cases import mutating
from xueshi_rulebook.loading import read_content

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def cases(
    files: Annotated[list[Path] | None, typer.Argument(help="Case files; those beside the data unless given.")] = None,
    version: With = "",
    as_json: AsJson = False,
) -> None:
    """Run case files and compare each answer with what its case expects; exit code 1 when one fails."""
    with refusals():
        rulebook = open_version(version)
        chosen = asked.unique(case for file in files for case in _read(file)) if files else cases_of(version)
        asked.check_cases(rulebook, chosen)
        outcomes = [asked.run_case(rulebook, case) for case in chosen]
    if as_json:
        print_json([_as_json(outcome) for outcome in outcomes])
    else:
        _print_outcomes(outcomes)
    if not all(outcome.passed for outcome in outcomes):
        raise typer.Exit(1)


def _read(file: Path) -> list[asked.Case]:
    if not file.is_file():
        message = f"no case and no file {file}"
        raise typer.BadParameter(message)
    return asked.read_cases(read(file), str(file))


def _as_json(outcome: asked.Outcome) -> dict[str, object]:
    case = outcome.case
    return {
        "id": case.id,
        "title": case.title,
        "place": f"{case.file}:{case.line}",
        "passed": outcome.passed,
        "faults": list(outcome.faults),
        "answer": dict(outcome.answer),
    }


def _print_outcomes(outcomes: Iterable[asked.Outcome]) -> None:
    table = table_of("", "case", "rules", "title")
    failed = 0
    for outcome in outcomes:
        case = outcome.case
        mark = "[green]✓[/]" if outcome.passed else "[bold red]✗[/]"
        faults = "".join(f"\n[red]{escape(fault)}[/]" for fault in outcome.faults)
        table.add_row(mark, case.id, " ".join(case.rules), f"{escape(case.title)}{faults}")
        failed += not outcome.passed
    console.print(table)
    console.print(f"{table.row_count - failed} passed, {failed} failed")


def explain(
    case: Annotated[str, typer.Argument(help="The id of a case, or a case file.")],
    lang: Annotated[Literal["zh", "en"], typer.Option(help="The explanation's language.")] = "zh",
    version: With = "",
) -> None:
    """Show a question, its answer, and how it comes about: rule, clause, arithmetic, what is a reading."""
    with refusals():
        rulebook = open_version(version)
        known = cases_of(version)
        chosen = [each for each in known if each.id == case] or _read(Path(case))
        asked.check_cases(rulebook, chosen)
        for each in chosen:
            _print_explained(rulebook, each, lang)


def _print_explained(rulebook: Rulebook, case: asked.Case, language: Literal["zh", "en"]) -> None:
    outcome = asked.run_case(rulebook, case)
    console.rule(f"{case.id} {escape(case.title)}")
    console.print(f"[bold]{case.jurisdiction}[/] {case.ask}?", highlight=False)
    print_json(case.given.scalars())
    print_json(outcome.answer)
    for fault in outcome.faults:
        console.print(f"[bold red]✗[/] {escape(fault)}")
    told = asked.explain_case(rulebook, case, language)
    console.print(escape(told), highlight=False, soft_wrap=True)


def coverage(
    as_json: AsJson = False,
    values: Annotated[bool, typer.Option(help="Also change each number and date: which changes no case sees.")] = False,
    version: With = "",
) -> None:
    """Count the cases of each rule that computes or checks, and name the rules without any."""
    with refusals():
        rulebook, known = open_version(version), cases_of(version)
        covered = asked.coverage(rulebook, known)
        survivors = _survivors(version, known) if values else []
    if as_json:
        counts = [{"rule": each.rule_id, "kind": each.kind, "cases": list(each.cases)} for each in covered]
        unseen = [{"place": each.figure.place, "old": each.old, "new": each.new} for each in survivors]
        print_json({"rules": counts, **({"unseen_changes": unseen} if values else {})})
        return
    table = table_of("rule", "kind", "cases", "")
    for each in covered:
        table.add_row(each.rule_id, each.kind, str(len(each.cases)), "" if each.cases else "[bold red]none[/]")
    console.print(table)
    without = [each.rule_id for each in covered if not each.cases]
    console.print(f"{len(covered) - len(without)} of {len(covered)} rules have cases")
    if without:
        console.print(f"without: {', '.join(without)}", soft_wrap=True)
    if values:
        _print_survivors(survivors)


def _survivors(version: str, known: list[asked.Case]) -> list[mutating.Survivor]:
    folder = Path(version) if version else resources.files("xueshi_rulebook")
    if not folder.is_dir():
        raise typer.BadParameter("--values needs the packaged rulebook or a draft's folder")
    content = read_content(folder)
    return list(mutating.survivors(content, known, mutating.figures(content)))


def _print_survivors(survivors: list[mutating.Survivor]) -> None:
    for each in survivors:
        path = ".".join(each.figure.path)
        console.print(f"{each.figure.place}  {path}  {each.old} → {each.new}", highlight=False, soft_wrap=True)
    console.print(f"{len(survivors)} changes of a number or date are seen by no case")
