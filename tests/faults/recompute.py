"""Records, ledger, transcripts and verdicts recomputed from what was sent and decided, by another way.

Pure: plain data in and out. Only three things come from the product: the officers' decisions, the order in which a
person's versions first stood on the bus (nobody outside can know in which order two platforms were served), and who
was held back, which the harness itself brings about.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from tests.faults.story import Holds, RecordKey, Version

DAY_CAP = 800
REQUIRED = {"public": 3000, "professional": 6000}
"""FJ-03 and FJ-01, in hundredths of an hour, not asked of the code under test."""

AUTOMATIC = "online"
"""The form that is stamped without an officer (FJ-09)."""

REFUSALS = frozenset({"returned", "revoked"})
COUNTING = frozenset({"queued", "stamped"})


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision in verification's log, in its order. `officer` is empty for an automatic stamp."""

    platform: str
    record_id: str
    version: int
    person: UUID
    outcome: str
    officer: str


@dataclass(slots=True)
class Expected:
    """What must be there. Hours by day follow the version's own days."""

    states: dict[Version, str] = field(default_factory=dict)
    credited: dict[Version, tuple[int, ...]] = field(default_factory=dict)
    transcripts: dict[tuple[UUID, str], "Totals"] = field(default_factory=dict)


@dataclass(slots=True)
class Totals:
    """One person's period: hundredths by kind, registered and stamped, and the stamped records with their hours."""

    registered: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    stamped: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    entries: dict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))

    @property
    def verdict(self) -> str:
        """The verdict of FJ-01."""
        enough = all(self.stamped.get(kind, 0) >= least for kind, least in REQUIRED.items())
        return "compliant" if enough else "short"


def recompute(
    records: Mapping[RecordKey, Sequence[Version]],
    holds: Holds,
    decisions: Iterable[Decision],
    arrivals: Mapping[tuple[str, str, int], int],
) -> Expected:
    """Return what must be there. `arrivals` numbers versions in the order in which they came, per person."""
    decided = _last_words(decisions)
    expected = Expected()
    places: dict[Version, int] = {}
    for versions in records.values():
        for earlier, later in itertools.pairwise(versions):
            if not earlier.is_void:
                goes_on = not later.is_void and later.person == earlier.person
                expected.states[earlier] = "superseded" if goes_on else "voided"
        live = versions[-1]
        if not live.is_void:
            expected.states[live] = _state(live, holds, decided)
            places[live] = _place(versions, holds, arrivals)
    _share_days(expected, places)
    _sum_up(expected)
    return expected


def _last_words(decisions: Iterable[Decision]) -> dict[tuple[str, str, int, UUID], str]:
    """Return what stands decided of each version: a refusal is final for its version."""
    decided: dict[tuple[str, str, int, UUID], str] = {}
    for each in decisions:
        key = (each.platform, each.record_id, each.version, each.person)
        if each.outcome in REFUSALS or decided.get(key) not in REFUSALS:
            decided[key] = each.outcome
    return decided


def _state(live: Version, holds: Holds, decided: Mapping[tuple[str, str, int, UUID], str]) -> str:
    if holds.code(live):
        return "held"
    outcome = decided.get((*live.record, live.number, live.person))
    if outcome in REFUSALS:
        return str(outcome)
    return "stamped" if outcome == "stamped" or live.form == AUTOMATIC else "queued"


def _place(versions: Sequence[Version], holds: Holds, arrivals: Mapping[tuple[str, str, int], int]) -> int:
    """Return when the record took its place: a correction keeps it, a hold or another person loses it."""
    first = versions[-1]
    for earlier in reversed(versions[:-1]):
        if earlier.is_void or earlier.person != first.person or holds.code(earlier):
            break
        first = earlier
    return arrivals.get((*first.record, first.number), 0)


def _share_days(expected: Expected, places: Mapping[Version, int]) -> None:
    left: dict[tuple[UUID, date], int] = defaultdict(lambda: DAY_CAP)
    for version in sorted(places, key=lambda each: (str(each.person), places[each])):
        taken = []
        for day, claimed in version.days:
            counts = expected.states[version] in COUNTING
            share = min(claimed, left[version.person, day]) if counts else 0
            left[version.person, day] -= share
            taken.append(share)
        expected.credited[version] = tuple(taken)


def _sum_up(expected: Expected) -> None:
    for version, shares in expected.credited.items():
        for (day, _), share in zip(version.days, shares, strict=True):
            if not share:
                continue
            totals = expected.transcripts.setdefault((version.person, str(day.year)), Totals())
            totals.registered[version.kind] += share
            if expected.states[version] == "stamped":
                totals.stamped[version.kind] += share
                totals.entries[*version.record, version.number] += share
