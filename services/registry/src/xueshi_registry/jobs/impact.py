"""`python -m xueshi_registry impact --with DRAFT`: what a changed rulebook would make of everybody's hours."""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from xueshi_kit.service import Job
from xueshi_kit.settings import ServiceSettings
from xueshi_registry.domain.previewing import Flip, Line
from xueshi_registry.handlers.recomputing import Outlook, Previewed, preview_part
from xueshi_registry.jobs import parts
from xueshi_registry.jobs.common import NOT_DONE, add_common, look_ahead, not_done, say_pending
from xueshi_registry.jobs.listing import listing
from xueshi_registry.jobs.watching import Watch
from xueshi_rulebook import Rulebook, RulebookDataError, format_hours, read_canonical, read_rulebook
from xueshi_rulebook.diffing import Change, diff

_COUNTED = ("people", "records", "periods", "recredited", "flipped")
_VERSION_DIGITS = 12


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--with", dest="draft", type=Path, required=True, metavar="DRAFT", help="a draft's folder or canonical file"
    )
    add_common(parser, "changed verdicts")


def run(arguments: argparse.Namespace, settings: ServiceSettings) -> int:
    """Try the draft on everybody; return 0 when it was done, 2 when the draft is refused or it could not be done."""
    database_url = settings.database_url.get_secret_value()
    console = Console(stderr=True)
    try:
        draft = _read(arguments.draft)
    except RulebookDataError as error:
        console.print(f"[bold red]refused[/] {escape(str(error))}", soft_wrap=True)
        return NOT_DONE
    outlook = look_ahead(database_url)
    if outlook is None:
        return not_done(console)
    try:
        _preview(arguments, database_url, draft, outlook, console)
    except parts.PartFailedError:
        return not_done(console)
    return 0


def _preview(
    arguments: argparse.Namespace, database_url: str, draft: Rulebook, outlook: Outlook, console: Console
) -> None:
    whole, tally = Previewed(), _Tally(arguments.limit)
    with listing(arguments.json, "flips") as told, Watch(console, outlook.people, "records") as watch:
        for found in parts.run(partial(preview_part, database_url, draft.canonical), arguments.processes):
            for name in _COUNTED:
                setattr(whole, name, getattr(whole, name) + getattr(found, name))
            whole.outcomes.update(found.outcomes)
            tally.add(found.flips)
            for flip in found.flips:
                told.add(_as_json(flip))
            watch.advance(found.people, found.rows)
        changes = _changes(outlook, tally.versions, draft)
        told.end(_summary(whole, tally, changes, draft, watch))
    _show(Console(), whole, tally, changes, draft, watch)
    say_pending(console, outlook)


def _read(path: Path) -> Rulebook:
    if path.is_dir():
        return read_rulebook(path)
    try:
        return read_canonical(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RulebookDataError(str(path), 1, f"not readable: {error}") from error


class _Tally:
    """Flips counted by jurisdiction, period and verdicts; the first few of them, and the changed rules behind all."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.counts: Counter[tuple[str, str, str, str]] = Counter()
        self.shown: list[Flip] = []
        self.rules: Counter[str] = Counter()
        self.versions: Counter[str] = Counter()

    def add(self, flips: Iterable[Flip]) -> None:
        for flip in flips:
            self.counts[_arrow(flip.jurisdiction), flip.period, *flip.verdict] += 1
            self.rules.update(flip.rules)
            self.versions[flip.version] += 1
            if len(self.shown) < self._limit:
                self.shown.append(flip)


def _changes(outlook: Outlook, versions: Iterable[str], draft: Rulebook) -> dict[str, list[Change]]:
    """Return what differs between the draft and each of the versions whose verdicts it changes."""
    known = sorted(each for each in versions if each in outlook.versions)
    return {each: diff(outlook.versions[each], draft.canonical) for each in known}


def _summary(
    whole: Previewed, tally: _Tally, changes: Mapping[str, list[Change]], draft: Rulebook, watch: Watch
) -> dict[str, Any]:
    keys = ("jurisdiction", "period", "before", "after")
    return {
        "draft": draft.hash,
        "counts": {name: getattr(whole, name) for name in _COUNTED},
        "by_period": [{**dict(zip(keys, key, strict=True)), "flips": n} for key, n in sorted(tally.counts.items())],
        "outcomes": [
            {"before": before, "after": after, "records": n} for (before, after), n in sorted(whole.outcomes.items())
        ],
        "rules": [
            {"rule": rule, "clause": _clause(draft, rule), "flips": n} for rule, n in sorted(tally.rules.items())
        ],
        "changes": {version: [each._asdict() for each in found] for version, found in changes.items()},
        "seconds": round(watch.seconds, 1),
    }


def _as_json(flip: Flip) -> dict[str, Any]:
    lines = [
        {
            "kind": line.kind,
            "required": [None if each is None else format_hours(each) for each in line.required],
            "counted": [None if each is None else format_hours(each) for each in line.counted],
        }
        for line in flip.lines
    ]
    return {**flip._asdict(), "person_key": flip.person_key.hex, "lines": lines}


def _show(
    console: Console,
    whole: Previewed,
    tally: _Tally,
    changes: Mapping[str, list[Change]],
    draft: Rulebook,
    watch: Watch,
) -> None:
    console.print(f"draft {draft.hash[:_VERSION_DIGITS]}, compared with what stands")
    console.print(
        f"{whole.people:,} people, {whole.periods:,} periods, {whole.records:,} live records;"
        f" {watch.seconds:.1f} s, {watch.per_second:,.0f} records/s"
    )
    console.print(f"{whole.recredited:,} records are credited other hours")
    console.print(f"[bold]people whose verdict changes: {whole.flipped:,}[/]")
    _show_table(console, ("jurisdiction", "period", "before", "by the draft", "changed verdicts"), tally.counts.items())
    _show_table(console, ("record before", "by the draft", "records"), whole.outcomes.items())
    _show_reasons(console, tally, changes, draft)
    if tally.shown:
        _show_people(console, tally)


def _show_table(console: Console, columns: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]) -> None:
    table = Table(*columns)
    for key, number in sorted(counts):
        table.add_row(*key, f"{number:,}")
    if table.rows:
        console.print(table)


def _show_reasons(console: Console, tally: _Tally, changes: Mapping[str, list[Change]], draft: Rulebook) -> None:
    """Print the changed rules behind the changed verdicts, and which of their values differ."""
    if not tally.rules:
        return
    table = Table("rule", "clause", "changed verdicts", "value", "before", "by the draft")
    for rule, number in sorted(tally.rules.items()):
        first = (rule, escape(_clause(draft, rule)), f"{number:,}")
        for change in dict.fromkeys(_of_rule(changes, rule)):
            table.add_row(*first, *(escape(each) for each in change))
            first = ("", "", "")
    console.print(table)


def _of_rule(changes: Mapping[str, list[Change]], rule: str) -> Iterable[tuple[str, str, str]]:
    for found in changes.values():
        for each in found:
            if each.rule == rule:
                yield each.path, _value(each.old), _value(each.new)


def _value(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _show_people(console: Console, tally: _Tally) -> None:
    table = Table("person", "period", "jurisdiction", "verdict", "counted of required", "changed rules")
    for flip in tally.shown:
        table.add_row(
            escape(flip.label) or flip.person_key.hex,
            flip.period,
            _arrow(flip.jurisdiction),
            _arrow(flip.verdict),
            "\n".join(map(_line, flip.lines)),
            " ".join(flip.rules),
        )
    console.print(table)
    console.print(f"{len(tally.shown):,} of {sum(tally.counts.values()):,} changed verdicts are shown")


def _line(line: Line) -> str:
    sides = [
        "none" if required is None or counted is None else f"{format_hours(counted)} of {format_hours(required)}"
        for required, counted in zip(line.required, line.counted, strict=True)
    ]
    return f"{line.kind}: {_arrow((sides[0], sides[1]))}"


def _arrow(pair: tuple[str, str]) -> str:
    return pair[0] if pair[0] == pair[1] else f"{pair[0] or '?'} → {pair[1] or '?'}"


def _clause(draft: Rulebook, rule_id: str) -> str:
    """Return the clause of a rule, empty where the draft no longer has it."""
    return draft.rule(rule_id).citation if rule_id in draft.rule_ids() else ""


IMPACT = Job("impact", "preview a changed rulebook on the whole ledger: whose verdict changes, and why", describe, run)
