"""`python -m xueshi_registry recompute`: everybody's hours and verdicts from the ledger, compared with what stands."""

import argparse
from collections import Counter
from functools import partial
from itertools import islice

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from xueshi_kit.service import Job
from xueshi_kit.settings import ServiceSettings
from xueshi_registry.domain.recomputing import Difference
from xueshi_registry.handlers.recomputing import Outlook, recompute_part
from xueshi_registry.jobs import parts
from xueshi_registry.jobs.common import add_common, look_ahead, not_done, say_pending
from xueshi_registry.jobs.listing import Listing, listing
from xueshi_registry.jobs.watching import Watch

DIFFERENT = 1
"""Exit code where something stands otherwise than it is computed."""
_COUNTED = ("people", "records", "entries", "transcripts")


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_common(parser, "differences")


def run(arguments: argparse.Namespace, settings: ServiceSettings) -> int:
    """Recompute everybody; return 0 when all is equal, 1 when something differs, 2 when it could not be done."""
    database_url = settings.database_url.get_secret_value()
    console = Console(stderr=True)
    outlook = look_ahead(database_url)
    if outlook is None:
        return not_done(console)
    try:
        return _recompute(arguments, database_url, outlook, console)
    except parts.PartFailedError:
        return not_done(console)


def _recompute(arguments: argparse.Namespace, database_url: str, outlook: Outlook, console: Console) -> int:
    counts: Counter[str] = Counter()
    different: Counter[str] = Counter()
    shown: list[Difference] = []
    with listing(arguments.json, "differences") as told, Watch(console, outlook.people, "entries") as watch:
        for found in parts.run(partial(recompute_part, database_url), arguments.processes):
            counts.update({name: getattr(found, name) for name in _COUNTED})
            different.update(found.different)
            counts["differences"] += len(found.differences)
            shown.extend(islice(found.differences, max(0, arguments.limit - len(shown))))
            for each in found.differences:
                told.add({**each._asdict(), "person_key": each.person_key.hex})
            watch.advance(found.people, found.rows)
        _end(told, counts, different, watch, outlook)
    _show(Console(), counts, different, shown, watch)
    say_pending(console, outlook)
    return DIFFERENT if counts["differences"] else 0


def _end(told: Listing, counts: Counter[str], different: Counter[str], watch: Watch, outlook: Outlook) -> None:
    told.end(
        {
            "counts": {name: counts[name] for name in _COUNTED},
            "different": {name: different[name] for name in ("people", "records", "transcripts")},
            "pending": outlook.pending,
            "seconds": round(watch.seconds, 1),
        }
    )


def _show(
    console: Console, counts: Counter[str], different: Counter[str], shown: list[Difference], watch: Watch
) -> None:
    table = Table("", "number", "equal", "different")
    for name in _COUNTED:
        other = different[name]
        sides = ("", "") if name == "entries" else (f"{counts[name] - other:,}", f"{other:,}")
        table.add_row(name, f"{counts[name]:,}", *sides)
    console.print(table)
    console.print(f"{watch.seconds:.1f} s, {watch.per_second:,.0f} entries/s")
    if shown:
        table = Table("person", "period", "what", "record", "stored", "recomputed")
        for each in shown:
            table.add_row(each.person_key.hex, *map(escape, each[1:]))
        console.print(table)
        console.print(f"{len(shown):,} of {counts['differences']:,} differences are shown")


RECOMPUTE = Job(
    "recompute", "recompute every transcript from the ledger and compare; exit code 1 on a difference", describe, run
)
