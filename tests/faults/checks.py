"""Compares what must be there with what is there. Pure: `Story` and `Expected` on one side, plain rows on the other."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from tests.faults.order import COMPACTED
from tests.faults.recompute import COUNTING, Decision, Expected, Totals
from tests.faults.story import RecordKey, Story, Version


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `record` leads to the record's path through the product, where one is to blame."""

    what: str
    record: RecordKey | None = None


@dataclass(slots=True)
class Findings:
    """Everything that is wrong, by kind."""

    lost: list[Finding] = field(default_factory=list)
    doubled: list[Finding] = field(default_factory=list)
    out_of_order: list[Finding] = field(default_factory=list)
    diverged: list[Finding] = field(default_factory=list)

    def kinds(self) -> dict[str, list[Finding]]:
        """Return the findings by the names of the report."""
        return {
            "lost": self.lost,
            "doubled": self.doubled,
            "out_of_order": self.out_of_order,
            "diverged": self.diverged,
        }

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not any(self.kinds().values())


@dataclass(frozen=True, slots=True)
class Row:
    """One version in the registry."""

    platform: str
    record_id: str
    version: int
    person: UUID
    state: str
    code: str
    days: tuple[date, ...]
    credited: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a record stands for its platform or for officers: version, state, credited hundredths."""

    version: int
    state: str
    credited: int


@dataclass(slots=True)
class Found:
    """What the databases hold, read as their owners. `sums` are the ledger's: account, platform, record, version, day.

    `told` is what the outboxes have published: event ids by topic; `taken` what each consumer's inbox knows.
    """

    versions: Counter[tuple[str, str, int, UUID, bool]] = field(default_factory=Counter)
    deliveries: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: list[Row] = field(default_factory=list)
    sums: Mapping[tuple[str, str, str, int, date], int] = field(default_factory=dict)
    transcripts: Mapping[tuple[UUID, str], tuple[Mapping[str, int], Mapping[str, int], str]] = field(
        default_factory=dict
    )
    decisions: list[Decision] = field(default_factory=list)
    fates: Mapping[RecordKey, Stand] = field(default_factory=dict)
    items: Mapping[tuple[str, str, UUID], Stand] = field(default_factory=dict)
    parked: list[str] = field(default_factory=list)
    told: Mapping[str, set[str]] = field(default_factory=dict)
    taken: Mapping[str, set[str]] = field(default_factory=dict)


def check_versions(findings: Findings, story: Story, found: Found) -> None:
    """Compare the gateway's versions and deliveries and the registry's rows with what was accepted."""
    sent = {(each.platform, each.record_id, each.number, each.person, each.is_void) for each in story.versions()}
    _same(findings, "gateway: version", sent, found.versions)
    _same(findings, "gateway: delivery", set(story.receipts), found.deliveries)
    placed = {
        (each.platform, each.record_id, each.number, each.person) for each in story.versions() if not each.is_void
    }
    rows = Counter((each.platform, each.record_id, each.version, each.person) for each in found.rows)
    _same(findings, "registry: version", placed, rows)
    decided = {(each.platform, each.record_id, each.version, each.outcome) for each in found.decisions}
    for each in sorted(story.acknowledged - decided):
        findings.lost.append(Finding(f"verification: the decision {each} was acknowledged", each[:2]))


def check_ledger(findings: Findings, expected: Expected, found: Found) -> None:
    """Compare states, credited hours, both accounts of the ledger and the transcripts with the recomputation."""
    rows = {(each.platform, each.record_id, each.version): each for each in found.rows}
    none: dict[tuple[str, str, str, int, date], int] = dict.fromkeys(found.sums, 0)
    for version, state in expected.states.items():
        row = rows.get((*version.record, version.number))
        if row is None:
            continue  # lost, and said to be
        days = tuple(day for day, _ in version.days)
        shares = expected.credited.get(version, (0,) * len(days))
        _equal(findings, f"registry: {_name(version)}: state", state, row.state, version.record)
        if row.days or state in COUNTING:  # a range that was never judged has no days yet
            _equal(findings, f"registry: {_name(version)}: days", days, row.days, version.record)
            _equal(findings, f"registry: {_name(version)}: credited", shares, row.credited, version.record)
        for day, share in zip(days, shares, strict=True):
            none["registered", *version.record, version.number, day] = share
            none["stamped", *version.record, version.number, day] = share if state == "stamped" else 0
    for key, share in none.items():
        _equal(findings, f"ledger: {key}", share, found.sums.get(key, 0), (key[1], key[2]))
    _check_transcripts(findings, expected.transcripts, found)


def _check_transcripts(findings: Findings, wanted: Mapping[tuple[UUID, str], Totals], found: Found) -> None:
    for pair in sorted({*wanted, *found.transcripts}, key=str):
        totals = wanted.get(pair, Totals())
        registered, stamped, verdict = found.transcripts.get(pair, ({}, {}, "short"))
        name = f"registry: transcript {pair[0].hex}:{pair[1]}"
        _equal(findings, f"{name}: registered", _nonzero(totals.registered), _nonzero(registered))
        _equal(findings, f"{name}: stamped", _nonzero(totals.stamped), _nonzero(stamped))
        _equal(findings, f"{name}: verdict", totals.verdict, verdict)


_ITEM_STATES = {
    "queued": {"waiting", "unrouted"},
    "stamped": {"stamped"},
    "returned": {"returned"},
    "revoked": {"revoked"},
}
_OVER = {"held": {"held"}, "voided": {"voided"}}
"""What is over may also never have been seen: held from the first, or ended within one batch."""


def check_neighbours(findings: Findings, story: Story, expected: Expected, found: Found) -> None:
    """Compare the gateway's fates and verification's items with the states that the registry must have."""
    items = dict(found.items)
    for record, versions in story.records.items():
        live = versions[-1]
        state = "voided" if live.is_void else expected.states[live]
        credited = sum(expected.credited.get(live, ()))
        _equal(
            findings, f"gateway: fate of {record}", Stand(live.number, state, credited), found.fates.get(record), record
        )
        for person in {each.person for each in versions}:
            item = items.pop((*record, person), None)
            if live.is_void or live.person != person:
                _check_over(findings, record, "voided", item)
            elif state == "held":
                _check_over(findings, record, "held", item)
            elif item is None or item.state not in _ITEM_STATES[state]:
                findings.diverged.append(Finding(f"verification: item {record}: {item} where it is {state}", record))
            else:
                _equal(
                    findings,
                    f"verification: item {record}",
                    (live.number, credited),
                    (item.version, item.credited),
                    record,
                )
    for platform, record_id, person in items:
        findings.doubled.append(
            Finding(f"verification: item {platform}/{record_id} of {person}", (platform, record_id))
        )
    for record in found.fates.keys() - story.records.keys():
        findings.doubled.append(Finding(f"gateway: fate of {record}", record))


def _check_over(findings: Findings, record: RecordKey, state: str, item: Stand | None) -> None:
    if item is not None and item.state not in _OVER[state]:
        findings.diverged.append(Finding(f"verification: item {record}: {item} where it is {state}", record))


def check_hops(
    findings: Findings, found: Found, on_topics: Mapping[str, set[str]], consumers: Mapping[str, str]
) -> None:
    """Check that each event is on its topic, and each message of a topic in the inbox of each of its consumers.

    `on_topics` are the event ids that must be on each topic: of a compacted one, those of the last states.
    `consumers` gives each group's topic.
    """
    for topic, ids in on_topics.items():
        if topic not in COMPACTED:
            for event_id in sorted(found.told.get(topic, set()) - ids):
                findings.lost.append(Finding(f"{topic}: the event {event_id} was published and is not there"))
    for group, topic in consumers.items():
        for event_id in sorted(on_topics.get(topic, set()) - found.taken.get(group, set())):
            findings.lost.append(Finding(f"{group}: the event {event_id} of {topic} was not handled"))


def check_parked(findings: Findings, found: Found) -> None:
    """Count what is parked as lost: it has no effect."""
    findings.lost += [Finding(f"parked: {each}") for each in found.parked]


def _same(findings: Findings, what: str, wanted: set[tuple[str, ...]] | set[tuple], found: Counter[tuple]) -> None:  # type: ignore[type-arg]
    for key in sorted(wanted - found.keys(), key=str):
        findings.lost.append(Finding(f"{what} {key}", (key[0], key[1])))
    for key, count in found.items():
        if key not in wanted or count > 1:
            findings.doubled.append(
                Finding(f"{what} {key}: {count} there, {int(key in wanted)} sent", (key[0], key[1]))
            )


def _equal(findings: Findings, what: str, wanted: object, found: object, record: RecordKey | None = None) -> None:
    if wanted != found:
        findings.diverged.append(Finding(f"{what} must be {wanted}, is {found}", record))


def _nonzero(hours: Mapping[str, int]) -> dict[str, int]:
    return {kind: each for kind, each in hours.items() if each}


def _name(version: Version) -> str:
    return f"{version.platform}/{version.record_id}/{version.number}"
