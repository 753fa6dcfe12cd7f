"""What is still under way in the product, and how long it takes until nothing is."""

import asyncio
import time
from collections.abc import Collection

from tests.faults.found import AWAY, Reader
from tests.faults.site import FaultSite
from xueshi_cli.site.layout import SERVICES
from xueshi_kit.bus import Bus, BusError

LOOK_SECONDS = 0.25
QUIET_LOOKS = 3
PATIENCE_SECONDS = 180.0


class NotDrainedError(Exception):
    """Something is still under way after a long time; the message says what."""


async def backlog(reader: Reader, bus: Bus, services: Collection[str]) -> dict[str, int]:
    """Return what these services have not done: unpublished outbox rows, messages of their groups, releases."""
    under_way: dict[str, int] = {}
    for service in SERVICES:
        if service.name not in services:
            continue
        (row,) = await reader.fetch(
            service.database, "SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL"
        )
        under_way[f"outbox of {service.name}"] = row["n"]
        for group, topic in service.listens:
            under_way[group] = sum((await bus.lag(group, [topic])).values())
    if "registry" in services:
        (row,) = await reader.fetch("registry", "SELECT count(*)::int AS n FROM release")
        under_way["releases of registry"] = row["n"]
    return {name: count for name, count in under_way.items() if count}


async def drain(site: FaultSite, services: Collection[str] | None = None) -> float:
    """Wait until nothing is under way any more; return the seconds. Raises `NotDrainedError`."""
    wanted = {each.name for each in SERVICES} if services is None else set(services)
    started_at = time.monotonic()
    reader = Reader(site)
    bus: Bus | None = None
    quiet, done_at = 0, 0.0
    left: dict[str, int] = {"nothing was looked at": 1}
    try:
        while quiet < QUIET_LOOKS:
            if time.monotonic() - started_at > PATIENCE_SECONDS:
                message = f"still under way after {PATIENCE_SECONDS:.0f} s: {left}"
                raise NotDrainedError(message)
            try:
                bus = bus or await site.open_bus()
                left = await backlog(reader, bus, wanted)
            except (*AWAY, BusError) as error:
                left = {f"a server is away: {type(error).__name__}": 1}
            done_at = done_at if quiet and not left else time.monotonic()
            quiet = quiet + 1 if not left else 0
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await reader.close()
        if bus is not None:
            await bus.close()
    return done_at - started_at
