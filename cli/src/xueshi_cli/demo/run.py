"""`xueshi run`: the whole product on this machine, with samples going through it."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from xueshi_cli.demo.clients import TITLE_REVIEW, clients_of
from xueshi_cli.demo.decide import decide, plan_of
from xueshi_cli.demo.load import RefusedError, load_world, platform_keys
from xueshi_cli.demo.people import show_people
from xueshi_cli.demo.push import Tally, push
from xueshi_cli.demo.report import lines_of, show
from xueshi_cli.demo.watch import Stand, settle
from xueshi_cli.runtime.processes import State, Status, Supervisor
from xueshi_cli.site.folder import SiteFolder
from xueshi_cli.site.site import Site
from xueshi_kit.clock import SystemClock
from xueshi_samples import World, generate, load, write


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `xueshi run` was asked for."""

    bus: str
    data: Path
    people: int
    seed: int
    once: bool


async def run(options: RunOptions, console: Console) -> int:
    """Bring the site up, let the samples through, show the table; stay up unless `once`. Returns the exit code."""
    started_at = time.monotonic()
    folder = SiteFolder(options.data.resolve())
    folder.make(bus=options.bus, people=options.people, seed=options.seed)
    world = await asyncio.to_thread(_world, folder, options)
    site = Site(folder, options.bus, clients_of(world), folder.choose_ports())
    code = 1
    async with Supervisor(changed=lambda status: _tell_crash(console, status)) as supervisor:
        await _bring_up(site, supervisor, console)
        is_right = await _let_through(site, world, folder, console)
        _addresses(site, world, console)
        console.print(f"Up with the samples done after {time.monotonic() - started_at:.0f} s.")
        code = 0 if is_right else 1
        if not is_right:
            console.print("[bold red]The table is not what the samples must give.[/]")
        if not options.once:
            console.print("It stays up; Ctrl-C stops it. A second run goes on with the same data.")
            await supervisor.wait()
        console.print("Stopping …")
    await site.close()
    if supervisor.asked_to_stop is not None:
        console.print("Stopped.")
    return code


def _world(folder: SiteFolder, options: RunOptions) -> World:
    if not (folder.samples / "expected.json").exists():
        write(generate(options.seed, options.people), folder.samples)
    return load(folder.samples)


def _tell_crash(console: Console, status: Status) -> None:
    if status.state is not State.READY and status.last_exit:
        console.print(f"[yellow]{status.name}: {status.state}, {status.last_exit} (see its log)[/]")


async def _bring_up(site: Site, supervisor: Supervisor, console: Console) -> None:
    with console.status("PostgreSQL" + (" and Kafka" if site.bus_kind == "kafka" else "")) as status:
        await site.start_stores(supervisor)
        status.update("migrating the databases")
        await site.migrate()
        status.update("starting the services")
        await site.start_services(supervisor)
    for name, port in site.ports.items():
        console.print(f"  {name:<13} http://127.0.0.1:{port}  ready")


async def _let_through(site: Site, world: World, folder: SiteFolder, console: Console) -> bool:
    """Load, push, watch and decide; return whether the table is what the samples must give."""
    loaded = folder.root / "loaded"
    if not loaded.exists():
        with console.status("loading") as status:
            await load_world(site, world, lambda step: status.update(f"loading {step}"))
        loaded.touch()
    tally = await _push(site, world, console)
    bus = await site.open_bus()
    try:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            await settle(site, bus, lambda stand: live.update(_moving(stand)))
        plan = plan_of(world)
        with console.status("officers decide"):
            await decide(site, world, plan)
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            await settle(site, bus, lambda stand: live.update(_moving(stand)))
        with console.status("the title-review system takes and acknowledges"):
            await _title_review(site)
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            stand = await settle(site, bus, lambda stand: live.update(_moving(stand)))
    finally:
        await bus.close()
    for line in tally.unexpected[:10]:
        console.print(f"[red]{line}[/]")
    is_right = show(console, lines_of(world, tally, stand, plan))
    await show_people(site, world, console)
    return is_right


async def _push(site: Site, world: World, console: Console) -> Tally:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("records pushed", total=sum(len(each.records) for each in world.deliveries))
        return await push(
            site.url("gateway"),
            platform_keys(site),
            world.deliveries,
            SystemClock(),
            lambda count: progress.advance(bar, count),
        )


async def _title_review(site: Site) -> None:
    """Let the sample title-review client take what is published, as the outside system would."""
    process = await asyncio.create_subprocess_exec(
        *site.title_review_command(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **site.title_review_environment()},
    )
    _, error = await process.communicate()
    if process.returncode != 0:
        message = f"the title-review client ended with {process.returncode}: {error.decode()[-500:]}"
        raise RefusedError(message)


def _moving(stand: Stand) -> str:
    states = ", ".join(f"{name} {count:,}" for name, count in sorted(stand.states.items()))
    return f"events under way {stand.under_way:,} | {states or 'no records yet'} | proofs {stand.proofs:,}"


def _addresses(site: Site, world: World, console: Console) -> None:
    fate = next(fate for fate in world.fates if fate.state == "held")
    console.print("Addresses:")
    for service in ("gateway", "registry", "verification", "certificates", "title-review", "identity"):
        console.print(f"  {service:<13} {site.url(service)}/docs")
    console.print("One record's fate, with its clause and what to do:")
    console.print(f"  .venv/bin/xueshi fate {fate.platform} {fate.record_id} --data {site.folder.root}")
    console.print("A proof's public page and PDF:")
    console.print(f"  .venv/bin/xueshi proofs --data {site.folder.root}")
    console.print(f"The title-review system is the client {TITLE_REVIEW}; its API: {site.url('title-review')}/docs")
