"""Watches the pipeline: where records stand, and when everything has come to rest."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from xueshi_cli.runtime.errors import RuntimeFailure
from xueshi_cli.site.layout import SERVICES
from xueshi_cli.site.site import Site
from xueshi_kit.bus import Bus

QUIET_LOOKS = 3
LOOK_EVERY_SECONDS = 0.3
PATIENCE_SECONDS = 300.0


class NotSettledError(RuntimeFailure):
    """Events are still under way after a long wait."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where everything stands. `under_way` counts events not published or not consumed yet.

    `waiting` is by authority, or by the code of who else has to act; `verdicts` counts the years of people with hours,
    by jurisdiction and verdict.
    """

    under_way: int
    held: dict[str, int]
    states: dict[str, int]
    stamped_automatically: int
    waiting: dict[str, int]
    verdicts: dict[tuple[str, str], int]
    proofs: int
    published: int
    taken: int
    parked: int


async def look(site: Site, bus: Bus) -> Stand:
    """Take one look at every service."""
    held = await site.fetch("registry", "SELECT code, count(*) AS n FROM record WHERE state = 'held' GROUP BY code")
    states = await site.fetch(
        "registry", "SELECT state, count(*) AS n FROM record WHERE state <> 'superseded' GROUP BY state"
    )
    waiting = await site.fetch("registry", WAITING_SQL)
    verdicts = await site.fetch("registry", VERDICTS_SQL)
    (automatic,) = await site.fetch(
        "registry", "SELECT count(*) AS n FROM record WHERE state = 'stamped' AND registered_by = 'automatic'"
    )
    (proofs,) = await site.fetch("certificates", PROOFS_SQL)
    (title_review,) = await site.fetch("title_review", TITLE_REVIEW_SQL)
    return Stand(
        under_way=await _under_way(site, bus),
        held={row["code"]: row["n"] for row in held},
        states={row["state"]: row["n"] for row in states},
        stamped_automatically=automatic["n"],
        waiting={row["queue"]: row["n"] for row in waiting},
        verdicts={(row["jurisdiction"], row["verdict"]): row["n"] for row in verdicts},
        proofs=proofs["n"],
        published=title_review["published"],
        taken=title_review["taken"],
        parked=await _parked(site),
    )


WAITING_SQL = """
SELECT coalesce(nullif(authority, ''), code) AS queue, count(*) AS n FROM record WHERE state = 'queued' GROUP BY queue
"""
VERDICTS_SQL = """
SELECT jurisdiction, verdict, count(*) AS n FROM transcript WHERE 0 < ANY (registered) GROUP BY jurisdiction, verdict
"""
PROOFS_SQL = """
SELECT count(*) AS n FROM (
    SELECT DISTINCT ON (number) number, status FROM proof_status ORDER BY number, position DESC
) AS newest WHERE status = 'valid'
"""
TITLE_REVIEW_SQL = """
SELECT count(*) AS published, count(*) FILTER (WHERE taken_revision = revision) AS taken
FROM standing WHERE revision > 0
"""


async def _parked(site: Site) -> int:
    """Return how many events wait for an operator, since their handling has failed."""
    total = 0
    for service in SERVICES:
        if service.listens:
            (row,) = await site.fetch(service.database, "SELECT count(*) AS n FROM parked")
            total += row["n"]
    return total


async def _under_way(site: Site, bus: Bus) -> int:
    (releases,) = await site.fetch("registry", "SELECT count(*) AS n FROM release")
    total: int = releases["n"]
    for service in SERVICES:
        (row,) = await site.fetch(service.database, "SELECT count(*) AS n FROM outbox WHERE published_at IS NULL")
        total += row["n"]
        for group, topic in service.listens:
            total += sum((await bus.lag(group, [topic])).values())
    return total


async def settle(site: Site, bus: Bus, show: Callable[[Stand], None]) -> Stand:
    """Return where everything stands once nothing is under way any more. Raises `NotSettledError`."""
    quiet = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        try:
            while True:
                stand = await look(site, bus)
                show(stand)
                quiet = quiet + 1 if stand.under_way == 0 else 0
                if quiet == QUIET_LOOKS:
                    return stand
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        except asyncio.CancelledError as error:
            message = f"the pipeline has not come to rest within {PATIENCE_SECONDS:.0f} seconds; see the logs"
            raise NotSettledError(message) from error
