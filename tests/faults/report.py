"""The figures of a run: `build/faults.json`, and what is printed of a round."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.faults.found import Reader
from tests.faults.path import path_of
from tests.faults.rounds import DRAIN_LIMIT_SECONDS, Outcome, Stage

SHOWN = 12
_GROUP = re.compile(r"^group \S+ ")
PATHS = 2
KINDS = ("lost", "doubled", "out_of_order", "diverged")
COUNTED = {
    "decisions": "decisions",
    "corrections": "corrected",
    "persons_changed": "persons changed",
    "voids": "voided",
    "repeats": "repeats",
    "rejected": "rejected",
}
SUMMED = ("rounds", "accepted", *KINDS, "decisions", "corrections", "voids", "repeats", "surprises")


@dataclass(slots=True)
class BusReport:
    """What the rounds on one bus came to."""

    bus: str
    outcomes: list[Outcome] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)
    replays: Mapping[str, Any] = field(default_factory=dict)
    felt: Mapping[str, int] = field(default_factory=dict)
    not_done: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether everything showed what was promised."""
        in_time = self.drain_seconds < DRAIN_LIMIT_SECONDS
        return in_time and all(outcome.good for outcome in self.outcomes) and not self.replays.get("wrong")

    @property
    def drain_seconds(self) -> float:
        """The longest that a backlog took."""
        return max(float(self.replays.get("drain_seconds", 0.0)), *(each.drain_seconds for each in self.outcomes), 0.0)

    def figures(self) -> dict[str, Any]:
        """Return the figures by name. What is found again in a later round counts once."""
        found = {kind: len({each for one in self.outcomes for each in one.findings.kinds()[kind]}) for kind in KINDS}
        return {
            "rounds": len(self.outcomes),
            "accepted": self.counts.get("accepted", 0),
            **found,
            "drain_seconds": round(self.drain_seconds, 1),
            **{name: self.counts.get(counted, 0) for name, counted in COUNTED.items()},
            "surprises": sum(len(each.surprises) for each in self.outcomes),
            "own_exits": sum(len(each.exits) for each in self.outcomes),
            "faults": self._counts("fault: "),
            "answers": self._counts("answer: "),
            "felt": dict(self.felt),
            "not_done": self.not_done,
            "replays": dict(self.replays),
        }

    def _counts(self, prefix: str) -> dict[str, int]:
        return {
            name.removeprefix(prefix): count for name, count in sorted(self.counts.items()) if name.startswith(prefix)
        }


def felt(logs: Path) -> dict[str, int]:
    """Return what the services' logs say of the faults: warnings and errors by their event, so many of each."""
    events: Counter[str] = Counter()
    for file in sorted(logs.glob("*.log")):
        for line in file.read_text("utf-8", "replace").splitlines():
            if line.startswith("{"):
                said = json.loads(line)
                if said["level"] != "info":
                    events[f"{said['level']}: {_GROUP.sub('group ', said['event'])[:60]}"] += 1
    return dict(events.most_common())


def write_report(file: Path, seed: int, reports: Sequence[BusReport]) -> None:
    """Write the figures of all buses, summed, and of each."""
    buses = {report.bus: report.figures() for report in reports}
    summed = {name: sum(each[name] for each in buses.values()) for name in SUMMED}
    worst = max((each["drain_seconds"] for each in buses.values()), default=0.0)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"seed": seed, **summed, "drain_seconds": worst, "buses": buses}, indent=1) + "\n")


async def show(console: Console, stage: Stage, outcome: Outcome) -> None:
    """Print a round; of a bad one enough to find and repeat it."""
    colour = "green" if outcome.good else "bold red"
    kinds = ", ".join(f"{kind} {len(found)}" for kind, found in outcome.findings.kinds().items())
    console.print(
        f"[{colour}]round {outcome.seed}[/]: {stage.story.counts.get('accepted', 0):,} accepted so far, {kinds},"
        f" faults for {outcome.fault_seconds:.0f} s, drained after {outcome.drain_seconds:.1f} s"
    )
    for each in outcome.exits:
        console.print(f"  ended by itself: {each}", markup=False)
    for each in outcome.surprises[:SHOWN]:
        console.print(f"  surprise: {each}", markup=False)
    records = []
    for kind, found in outcome.findings.kinds().items():
        for finding in found[:SHOWN]:
            console.print(f"  {kind}: {finding.what}", markup=False, soft_wrap=True)
        records += [finding.record for finding in found if finding.record is not None]
    if records:
        reader = Reader(stage.site)
        for record in list(dict.fromkeys(records))[:PATHS]:
            for line in await path_of(reader, stage.tap.messages, record):
                console.print(line, markup=False, soft_wrap=True)
        await reader.close()
    if not outcome.good:
        console.print(f"  again with: seed {outcome.seed}; the site's logs: {stage.site.folder.logs}", markup=False)
