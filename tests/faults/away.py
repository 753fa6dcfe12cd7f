"""While title review is away everything upstream goes on, and it catches up afterwards."""

import asyncio
import os

import asyncpg

from tests.faults.drain import backlog, drain
from tests.faults.found import Reader
from tests.faults.rounds import Load, Outcome, Stage, compare, under_load
from tests.faults.site import TITLE_REVIEW
from xueshi_cli.site.layout import SERVICES, VERIFIED_HOURS
from xueshi_cli.site.outside import ROLE

UPSTREAM = tuple(each.name for each in SERVICES if each.name != TITLE_REVIEW)
_SENT_SECONDS = 3.0
_LOAD = Load(senders=2, pause_seconds=0.15, officers_pause_seconds=0.5, operator_pause_seconds=60.0)


async def without_title_review(stage: Stage, seed: str) -> tuple[Outcome, int, int]:
    """Stop title-review-sync, send and decide, let everything upstream drain, start it again.

    Returns what the comparison came to at the end, how many records were accepted meanwhile, and how many messages
    title-review-sync found waiting.
    """
    before = stage.story.counts.get("accepted", 0)
    await stage.site.stop_service(TITLE_REVIEW)
    told = _told(stage)
    async with under_load(stage, _LOAD, seed):
        await asyncio.sleep(_SENT_SECONDS)
    upstream_seconds = await drain(stage.site, UPSTREAM)
    waiting = await _waiting(stage)
    await stage.tap.catch_up()
    assert _told(stage) == told
    await stage.site.start_service(TITLE_REVIEW)
    drain_seconds = await drain(stage.site)
    outcome = Outcome(seed, await compare(stage), stage.story.surprises, drain_seconds, upstream_seconds)
    return outcome, stage.story.counts["accepted"] - before, waiting


async def _waiting(stage: Stage) -> int:
    """Return how many messages title-review-sync has not taken."""
    reader, bus = Reader(stage.site), await stage.site.open_bus()
    try:
        return sum((await backlog(reader, bus, [TITLE_REVIEW])).values())
    finally:
        await bus.close()
        await reader.close()


def _told(stage: Stage) -> int:
    return sum(each.topic == VERIFIED_HOURS for each in stage.tap.messages)


async def receive(stage: Stage) -> int:
    """Let the sample title-review system take and acknowledge everything; return its exit code."""
    process = await asyncio.create_subprocess_exec(
        *stage.site.title_review_command(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, **stage.site.title_review_environment()},
    )
    return await process.wait()


async def shut_receiver_out(stage: Stage, *, out: bool) -> None:
    """Keep the title-review system's own role from the embedded bus, or let it in again."""
    admin = await asyncpg.connect(stage.site.admin_dsn)
    try:
        await admin.execute(f"ALTER ROLE {ROLE} {'NOLOGIN' if out else 'LOGIN'}")
    finally:
        await admin.close()


async def taken(stage: Stage) -> tuple[int, int]:
    """Return how many subjects and periods were told, and how many of them are taken in their newest revision."""
    reader = Reader(stage.site)
    sql = (
        "SELECT count(*) AS told, count(*) FILTER (WHERE taken_revision = revision) AS taken"
        " FROM standing WHERE revision > 0"
    )
    (row,) = await reader.fetch("title_review", sql)
    await reader.close()
    return row["told"], row["taken"]
