"""The report: `build/bench.json`, and one table of records a second, ratios to COPY and CPU by process."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.load.figures import Figures


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table: a speed, the COPY that it is compared with, and the series whose CPU it shows."""

    label: str
    speed: str
    limit: str = ""
    series: str = ""


_ALL = "copy_all_per_second"
_SECTIONS: tuple[tuple[_Line, ...], ...] = (
    (
        _Line("COPY of all rows, 500 records a commit", _ALL),
        _Line("COPY of the record rows alone", "copy_records_only_per_second"),
    ),
    (
        _Line("accept, batches of 500", "accepts_per_second_500", _ALL, "accept 500"),
        _Line("  one duplicate in 500", "accepts_per_second_one_duplicate", _ALL, "accept 500, one duplicate"),
        _Line("  500 duplicates, new id", "accepts_per_second_duplicates", _ALL, "accept 500, 500 duplicates"),
        _Line("  the same delivery again", "accepts_per_second_replayed", _ALL, "accept 500, replayed"),
        _Line("accept, batches of 50", "accepts_per_second_50", _ALL, "accept 50"),
        _Line("accept, batches of 1", "accepts_per_second_1", _ALL, "accept 1"),
        _Line("the reference, batches of 500", "reference_per_second_500", _ALL, "reference 500"),
    ),
    (
        _Line("single requests, 64 in flight", "single_per_second", "", "single requests"),
        _Line("pgbench -c 16, one row", "pgbench_per_second"),
    ),
    tuple(
        _Line(f"whole chain on {bus}", f"chain_per_second_{bus}", f"chain_copy_all_per_second_{bus}", f"chain, {bus}")
        for bus in ("kafka", "embedded")
    ),
    (
        _Line("recomputed, ledger entries", "recomputed_entries_per_second"),
        _Line("a draft previewed, ledger entries", "previewed_entries_per_second"),
    ),
)
_GOALS = {
    "accept_ratio_500": "≥ 0.40",
    "accept_ratio_replayed": "≥ 1.3",
    "accept_ratio_one_duplicate": "≥ 0.7",
    "accept_vs_reference": "≥ 6",
    "single_vs_pgbench": "≥ 0.5",
    "chain_ratio_kafka": "≥ 0.15",
    "chain_p99_ms_half_load": "< 1000",
    "growth_10m": "0.90 to 1.10",
    "recompute_seconds": "< 60",
    "preview_seconds": "< 60",
    "rules_assess_us": "≤ 5",
}
_RATIOS = ("_ratio_", "_vs_", "_ms_", "growth_", "recompute_", "preview_", "rules_")
_LARGE = 100


def write(file: Path, figures: Figures, about: Mapping[str, Any]) -> None:
    """Write the medians, each round's figures beside them, and what they were taken on."""
    content = {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **about,
        "postgres": figures.postgres,
        **{name: _rounded(figure) for name, figure in figures.medians().items()},
        "cpu_us_per_record": {
            series: {process: round(used, 2) for process, used in by_process.items()}
            for series, by_process in figures.cpu().items()
        },
        "by_round": {name: [_rounded(each) for each in taken] for name, taken in figures.rounds.items()},
        "notes": figures.notes,
    }
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + os.linesep, "utf-8")


def show(console: Console, figures: Figures) -> None:
    """Print the table, the figures that are asked for by name, and the remarks."""
    cpu = figures.cpu()
    table = Table(title="Throughput (medians of the rounds)", title_justify="left")
    table.add_column("")
    table.add_column("records/s", justify="right")
    table.add_column("of COPY", justify="right")
    table.add_column("CPU, µs per record by process")
    for lines in _SECTIONS:
        for line in lines:
            speed = figures.median(line.speed)
            if speed is not None:
                limit = figures.median(line.limit)
                ratio = f"{speed / limit:.3f}" if limit else ""
                table.add_row(line.label, f"{speed:,.0f}", ratio, _by_process(cpu.get(line.series, {})))
        table.add_section()
    for series, by_process in cpu.items():
        if series.startswith("chain, ledger"):
            size = series.rpartition(" ")[2]
            us_per_record = figures.median(f"growth_us_per_record_{size}")
            speed_text = f"{1e6 / us_per_record:,.0f}" if us_per_record else ""
            table.add_row(f"whole chain, {size} ledger rows", speed_text, "", _by_process(by_process))
    console.print(table)
    _show_ratios(console, figures)
    for note in figures.notes:
        console.print(note)


def _show_ratios(console: Console, figures: Figures) -> None:
    table = Table(title="Ratios and latency (medians of the rounds)", title_justify="left")
    table.add_column("")
    table.add_column("figure", justify="right")
    table.add_column("to reach")
    for name, figure in figures.medians().items():
        if any(part in name for part in _RATIOS):
            table.add_row(name, _text(figure), _GOALS.get(name, ""))
    console.print(table)


def _by_process(us_per_record: Mapping[str, float]) -> str:
    ordered = sorted(us_per_record.items(), key=lambda each: -each[1])
    total = sum(us_per_record.values())
    parts = [f"{process} {_text(used)}" for process, used in ordered if used * _LARGE >= total > 0]
    return f"{_text(total)}: {', '.join(parts)}" if parts else ""


def _text(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= _LARGE else f"{figure:.3g}"


def _rounded(figure: float) -> float:
    """Return a figure to four significant digits, or whole where it is large."""
    return round(figure) if figure >= _LARGE**2 else float(f"{figure:.4g}")
