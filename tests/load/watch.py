"""When everything has come to rest: nothing unpublished in any outbox, nothing unread by any group."""

import asyncio
import time

from xueshi_cli.site.layout import SERVICES, VERIFIED_HOURS
from xueshi_cli.site.site import Site
from xueshi_kit.bus import Bus, UnknownTopicError

LOOK_EVERY_SECONDS = 0.05
QUIET_LOOKS = 3
"""Between two looks an event may have gone from where the second look has been to where the first was."""
PATIENCE_SECONDS = 240.0


class NotDrainedError(Exception):
    """Something is under way for too long; the message says where."""


class ParkedError(Exception):
    """A service could not apply an event and has parked it; the message names the services."""


async def topics_are_there(bus: Bus) -> None:
    """Wait for the topics: a service is ready before it has made those that it needs. Raises `TimeoutError`."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for group, topic in [*(each for service in SERVICES for each in service.listens), ("bench", VERIFIED_HOURS)]:
            while True:
                try:
                    await bus.lag(group, [topic])
                except UnknownTopicError:
                    await asyncio.sleep(LOOK_EVERY_SECONDS)
                else:
                    break


async def drained_at(site: Site, bus: Bus) -> float:
    """Wait until nothing is under way; return the moment of the first look that found it so (monotonic seconds).

    A look ends at the first thing that is under way, so that looking costs little while there is work. Raises
    `NotDrainedError`.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    quiet_since, quiet = 0.0, 0
    while quiet < QUIET_LOOKS:
        looked_at = time.monotonic()
        if where := await _where_under_way(site, bus):
            quiet = 0
            if looked_at > until:
                raise NotDrainedError(where)
        else:
            quiet_since = quiet_since if quiet else looked_at
            quiet += 1
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    return quiet_since


async def refuse_parked(site: Site) -> None:
    """Raise `ParkedError` where anything was parked: what was measured did less than it should have."""
    parked = {}
    for service in SERVICES:
        (row,) = await site.fetch(service.database, "SELECT count(*) AS n, min(error) AS error FROM parked")
        if row["n"]:
            parked[service.name] = f"{row['n']} events, {row['error']}"
    if parked:
        raise ParkedError(str(parked))


async def _where_under_way(site: Site, bus: Bus) -> str:
    """Return the first place found that holds something under way, empty where there is none."""
    for service in SERVICES:
        (row,) = await site.fetch(
            service.database, "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL) AS waits"
        )
        if row["waits"]:
            return f"the outbox of {service.name}"
        for group, topic in service.listens:
            if lag := await bus.lag(group, [topic]):
                return f"{group} is {sum(lag.values())} messages behind"
    return ""
