"""A whole run: for each bus a site of its own, its rounds, its replays, its figures."""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

from rich.console import Console

from tests.faults import plan, rounds
from tests.faults.acts import Faults
from tests.faults.disk import NoDiskError, SmallDisk, clear
from tests.faults.replays import replay
from tests.faults.report import BusReport, felt, show
from tests.faults.site import KAFKA, POSTGRES, FaultSite, Place, apart
from tests.faults.tap import tapping
from xueshi_cli.demo.load import load_world
from xueshi_samples import generate

PEOPLE = 40
PAUSE_SECONDS = 1.2


@dataclass(frozen=True, slots=True)
class Options:
    """What a run was asked for. `minutes` goes on with rounds for so long, whatever their number."""

    rounds: int
    seed: int
    minutes: float
    replays: int
    data: Path


@asynccontextmanager
async def staged(
    root: Path,
    bus: str,
    seed: int,
    places: Sequence[Place],
    disks: Mapping[str, SmallDisk] = MappingProxyType({}),
    *,
    offices_only: bool = False,
) -> AsyncIterator[rounds.Stage]:
    """Bring a site up with its world loaded, and a tap on its topics; take everything down at the end.

    With `offices_only` there are no industry bodies, so that HRSS stamps everything (FJ-08): entering is quicker.
    """
    world = await asyncio.to_thread(generate, seed, PEOPLE)
    if offices_only:
        world = replace(world, authorities=tuple(each for each in world.authorities if each.kind == "hrss"))
    site = FaultSite(root, bus, world, places)
    try:
        await site.start()
        await load_world(site, world, lambda _step: None)
        async with tapping(site) as tap:
            yield rounds.stage_of(site, tap, disks)
    finally:
        await site.stop()


async def run_bus(bus: str, options: Options, console: Console) -> BusReport:
    """Play the rounds and the replays on one bus."""
    root = (options.data / bus).resolve()
    report = BusReport(bus)
    with_disks = _small_disks(root, bus, report)
    try:
        console.print(f"[bold]{bus}[/]: starting {len(apart())} processes")
        async with staged(root, bus, options.seed, apart(), with_disks) as stage:
            await _play(stage, options, report, console)
            report.counts = stage.story.counts
            report.felt = await asyncio.to_thread(felt, stage.site.folder.logs)
    finally:
        for disk in with_disks.values():
            disk.unmount()
    if report.good:
        shutil.rmtree(root)
    return report


async def _play(stage: rounds.Stage, options: Options, report: BusReport, console: Console) -> None:
    until = time.monotonic() + options.minutes * 60
    number = 0
    while number < options.rounds or time.monotonic() < until:
        number += 1
        kafka = stage.site.bus_kind == "kafka"
        seed = f"{options.seed}-{report.bus}-{number}"
        make = partial(_acts, kafka=kafka, all_in_turn=number == 1)
        outcome = await rounds.play(stage, seed, rounds.Load(), make, PAUSE_SECONDS)
        report.outcomes.append(outcome)
        await show(console, stage, outcome)
    if options.replays:
        report.replays = (await replay(stage, options.replays, f"{options.seed}-{report.bus}")).figures()
        console.print(f"replays: {report.replays}", markup=False)


def _acts(faults: Faults, chance: random.Random, *, kafka: bool, all_in_turn: bool) -> Sequence[plan.Act]:
    return plan.in_turn(faults, kafka=kafka) if all_in_turn else plan.at_random(faults, chance, kafka=kafka)


def _small_disks(root: Path, bus: str, report: BusReport) -> dict[str, SmallDisk]:
    """Begin with an empty folder; put the servers' data on small disks where the machine allows it."""
    folders = {POSTGRES: root / "postgres"} | ({KAFKA: root / "kafka"} if bus == "kafka" else {})
    for place in folders.values():
        clear(place)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    disks: dict[str, SmallDisk] = {}
    for server, place in folders.items():
        try:
            disks[server] = SmallDisk(root / f"{server}.ext4", place)
        except NoDiskError as error:
            report.not_done.append(f"filling the disk of {server}: {error}")
    return disks
