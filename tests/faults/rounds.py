"""One round: load and faults side by side, then quiet, then the comparison of everything with the truth."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.faults import checks, outside
from tests.faults.acts import Faults
from tests.faults.cast import Author, Cast, gather_cast
from tests.faults.disk import SmallDisk
from tests.faults.drain import PATIENCE_SECONDS, NotDrainedError, drain
from tests.faults.found import Reader, find, told_revisions
from tests.faults.officers import Officers, enter_employers
from tests.faults.order import firsts, out_of_order
from tests.faults.plan import Act, carry_out
from tests.faults.recompute import recompute
from tests.faults.senders import Platforms
from tests.faults.site import FaultSite
from tests.faults.story import Story
from tests.faults.tap import Tap
from tests.faults.wire import Sender
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_cli.demo.load import platform_keys
from xueshi_cli.site.layout import ACKNOWLEDGEMENTS, HOUR_RECORDS, SERVICES
from xueshi_kit.webhooks import SigningKey, parse_signing_key

DRAIN_LIMIT_SECONDS = 60.0

CONSUMERS = {group: topic for service in SERVICES for group, topic in service.listens if topic != ACKNOWLEDGEMENTS}
"""The groups that know our events by their ids."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much is sent: so many senders, each pausing so long after a delivery; officers and operator likewise."""

    senders: int = 8
    pause_seconds: float = 0.25
    officers_pause_seconds: float = 1.0
    operator_pause_seconds: float = 8.0


@dataclass(slots=True)
class Outcome:
    """What one round came to."""

    seed: str
    findings: checks.Findings
    surprises: list[str]
    drain_seconds: float
    fault_seconds: float
    exits: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the round shows what was promised."""
        return self.findings.clean and not self.surprises and self.drain_seconds < DRAIN_LIMIT_SECONDS


@dataclass(slots=True)
class Stage:
    """A running site with its load's people, its story so far, and the tap on its topics."""

    site: FaultSite
    story: Story
    cast: Cast
    tap: Tap
    disks: Mapping[str, SmallDisk] = field(default_factory=dict)

    def keys(self) -> dict[str, SigningKey]:
        """Return the platforms' signing keys."""
        return {platform: parse_signing_key(text) for platform, text in platform_keys(self.site).items()}

    def faults(self, chance: random.Random) -> Faults:
        """Return the means to bring faults."""
        return Faults(self.site, self.story, self.disks, chance)


def stage_of(site: FaultSite, tap: Tap, disks: Mapping[str, SmallDisk]) -> Stage:
    """Return a stage on a site whose world has been loaded."""
    cast = gather_cast(site.world, site.person_index_key())
    known = {each.code for each in site.world.employers if each.registered}
    return Stage(site, Story(people=cast.everybody(), entered=known), cast, tap, disks)


@asynccontextmanager
async def under_load(stage: Stage, load: Load, seed: str) -> AsyncIterator[None]:
    """Send and decide through the block; then bring what is under way to its end."""
    stop = asyncio.Event()
    keys = stage.keys()
    async with asyncio.TaskGroup() as group:
        for number in range(load.senders):
            name = f"{seed}-{number}"
            chance = random.Random(name)
            sender = Platforms(
                f"F{name}",
                stage.story,
                Author(stage.cast, chance),
                Sender(stage.site.gateway_ports(), random.Random(f"{name}-wire"), stage.story.count),
                keys,
                f"{name}-acts",
            )
            group.create_task(sender.run(stop, load.pause_seconds))
        officers = Officers(stage.site, stage.story, stage.cast, f"{seed}-officers")
        group.create_task(officers.run(stop, load.officers_pause_seconds))
        group.create_task(enter_employers(stage.site, stage.story, stop, load.operator_pause_seconds))
        try:
            yield
        finally:
            stop.set()


async def play(
    stage: Stage,
    seed: str,
    load: Load,
    make_acts: Callable[[Faults, random.Random], Sequence[Act]],
    pause_seconds: float,
) -> Outcome:
    """Play one round."""
    chance = random.Random(f"{seed}-faults")
    faults = stage.faults(chance)
    surprises, exits = len(stage.story.surprises), len(stage.site.exits)
    began_at = time.monotonic()
    async with under_load(stage, load, seed):
        await asyncio.sleep(1)
        async with faults.ending_well():
            await carry_out(make_acts(faults, chance), chance, pause_seconds)
        ended_at = time.monotonic()
    finishing_seconds = time.monotonic() - ended_at
    try:
        drain_seconds = finishing_seconds + await drain(stage.site)
    except NotDrainedError as error:
        drain_seconds = PATIENCE_SECONDS
        stage.story.surprises.append(str(error))
    findings = await compare(stage)
    return Outcome(
        seed,
        findings,
        stage.story.surprises[surprises:],
        drain_seconds,
        ended_at - began_at,
        stage.site.exits[exits:],
    )


async def compare(stage: Stage) -> checks.Findings:
    """Compare everything that stands in databases and topics with what was sent and decided."""
    await stage.tap.catch_up()
    reader = Reader(stage.site)
    try:
        found = await find(reader)
        revisions = await told_revisions(reader)
    finally:
        await reader.close()
    story, messages, findings = stage.story, stage.tap.messages, checks.Findings()
    expected = recompute(story.records, story.holds(), found.decisions, arrivals(stage.tap))
    checks.check_versions(findings, story, found)
    checks.check_parked(findings, found)
    checks.check_hops(findings, found, stage.tap.event_ids(), CONSUMERS)
    checks.check_ledger(findings, expected, found)
    checks.check_neighbours(findings, story, expected, found)
    key = stage.site.subject_key()
    refs = {person: outside.subject_ref(key, each.number) for person, each in story.people.items()}
    outside.check_topics(findings, expected, messages, refs, revisions)
    findings.out_of_order += [checks.Finding(each) for each in out_of_order(messages)]
    return findings


def arrivals(tap: Tap) -> Mapping[tuple[str, str, int], int]:
    """Return in which order versions first stood on the bus; it means something within one person only."""
    first, _ = firsts(each for each in tap.messages if each.topic == HOUR_RECORDS)
    order: dict[tuple[str, str, int], int] = {}
    for message in first:
        event = HourRecordsAccepted.FromString(message.value)
        for record in event.records:
            if record.change != "voided":
                order[event.platform, record.record_id, record.version] = len(order)
    return order
