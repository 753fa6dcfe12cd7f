"""The table at the end, and the comparison with what the sample must give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from xueshi_cli.demo.decide import Plan
from xueshi_cli.demo.push import Tally
from xueshi_cli.demo.watch import Stand
from xueshi_samples import World

WAITING = "waiting:"
QUEUES_SHOWN = 8
VERDICTS = ("compliant", "short", "not_evaluated")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what was counted, and what it must be (None where the sample says nothing of it)."""

    name: str
    counted: int
    wanted: int | None

    @property
    def is_right(self) -> bool:
        """Whether the count is what it must be."""
        return self.wanted is None or self.counted == self.wanted


def lines_of(world: World, tally: Tally, stand: Stand, plan: Plan) -> list[Line]:
    """Return every line of the table."""
    wanted = world.expected
    decided = plan.decided()
    waiting = {name: count - decided[name] for name, count in wanted.waiting.items() if count > decided[name]}
    return [
        Line("accepted", tally.accepted, wanted.accepted),
        Line("duplicate", tally.duplicate, wanted.duplicate),
        *_by_name("rejected", tally.rejected, wanted.rejected),
        *_by_name("held", stand.held, wanted.held),
        Line("stamped automatically", stand.stamped_automatically, wanted.stamped_automatically),
        Line("approved by officers", stand.states.get("stamped", 0) - stand.stamped_automatically, len(plan.approved)),
        Line("returned by officers", stand.states.get("returned", 0), len(plan.returned)),
        *_by_name(WAITING, stand.waiting, waiting),
        Line("voided", stand.states.get("voided", 0), wanted.voided),
        Line("valid proofs", stand.proofs, plan.compliant),
        Line("taken by title review (people and years)", stand.taken, stand.published),
        Line("answers other than intended", len(tally.unexpected), 0),
        Line("events parked", stand.parked, 0),
        *_by_jurisdiction(stand.verdicts, plan.verdicts),
    ]


def _by_name(what: str, counted: Mapping[str, int], wanted: Mapping[str, int]) -> Iterable[Line]:
    for name in sorted({*counted, *wanted}):
        yield Line(f"{what} {name}", counted.get(name, 0), wanted.get(name, 0))


def _by_jurisdiction(counted: Mapping[tuple[str, str], int], wanted: Mapping[tuple[str, str], int]) -> Iterable[Line]:
    """Yield for each jurisdiction its people with hours and their verdicts."""
    known = dict.fromkeys(jurisdiction for jurisdiction, _ in (*wanted, *counted))
    for name in known:
        sides = [
            {verdict: count for (place, verdict), count in side.items() if place == name} for side in (counted, wanted)
        ]
        yield Line(f"{name}: people with hours", *(sum(side.values()) for side in sides))
        for verdict in dict.fromkeys((*VERDICTS, *sides[0])):
            yield Line(f"{name}: {verdict.replace('_', ' ')}", *(side.get(verdict, 0) for side in sides))


def _condensed(lines: Sequence[Line]) -> Iterable[Line]:
    """Show the longest queues; the others that are right become one line."""
    queues = [line for line in lines if line.name.startswith(WAITING)]
    longest = sorted(queues, key=lambda line: -line.counted)[:QUEUES_SHOWN]
    rest = [line for line in queues if line.is_right and line not in longest]
    for line in lines:
        if line not in rest:
            yield line
        elif line is rest[-1]:
            counted, wanted = (sum(getattr(each, name) or 0 for each in rest) for name in ("counted", "wanted"))
            yield Line(f"{WAITING} {len(rest)} others", counted, wanted)


def show(console: Console, lines: Sequence[Line]) -> bool:
    """Print the table; return whether every line is what the sample must give."""
    table = Table(title="What became of the samples", title_justify="left")
    table.add_column("records")
    table.add_column("counted", justify="right")
    table.add_column("must be", justify="right")
    for line in _condensed(lines):
        style = "" if line.is_right else "bold red"
        table.add_row(line.name, f"{line.counted:,}", "" if line.wanted is None else f"{line.wanted:,}", style=style)
    console.print(table)
    return all(line.is_right for line in lines)
