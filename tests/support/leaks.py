"""Looks for personal data wherever a run leaves bytes: tables, write-ahead log, topics, logs, spans."""

import asyncio
import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

import asyncpg

from tests.support.site import RunningSite
from xueshi_cli.demo.show import open_site
from xueshi_cli.site.layout import ACKNOWLEDGEMENTS, BUS_DATABASE, SERVICES, VERIFIED_HOURS
from xueshi_cli.site.site import Site
from xueshi_kit.bus import Received

FILES = (("postgres", "**/pg_wal/*"), ("logs", "*.log"), ("postgres", "*.log"), ("kafka", "**/*.log"))
TOPICS = {topic for service in SERVICES for _, topic in service.listens} | {VERIFIED_HOURS, ACKNOWLEDGEMENTS}
"""Every topic of a site: what our services listen to, and the two that it shares with the title-review system."""
SHORTEST_IN_BASE64 = 9
"""Shorter texts leave too few characters of base64 to tell them from chance."""


def needles(text: str) -> list[bytes]:
    """Return how a text may stand in bytes: plain, hex of either case, base64 at any alignment."""
    raw = text.encode()
    found = [raw, raw.hex().encode(), raw.hex().upper().encode()]
    if len(raw) >= SHORTEST_IN_BASE64:
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + raw)
            # The first characters depend on what stands before, the last ones on what follows.
            found.append(encoded[4 if shift else 0 : len(encoded) - 4])
    return found


def find(haystack: Iterable[tuple[str, bytes]], texts: Iterable[str]) -> list[str]:
    """Return the places in which one of the texts stands in any form."""
    wanted = [needle for text in texts for needle in needles(text)]
    return sorted({place for place, content in haystack for needle in wanted if needle in content})


def haystack(running: RunningSite) -> Iterator[tuple[str, bytes]]:
    """Yield (place, content) of all that a running site has left so far."""
    site = open_site(running.data)
    site.attach()
    yield from asyncio.run(_databases(site)).items()
    for folder, pattern in FILES:
        for file in (running.data / folder).glob(pattern):
            if file.is_file():
                yield str(file.relative_to(running.data)), _read(file)
    if site.bus_kind == "kafka":
        yield from asyncio.run(_topics(site)).items()
    for number, body in enumerate(running.collector.bodies):
        yield f"span export {number}", body


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        # The server recycles its segments under our eyes.
        return b""


async def _databases(site: Site) -> dict[str, bytes]:
    found = {}
    for name in [*(service.database for service in SERVICES), BUS_DATABASE]:
        connection = await asyncpg.connect(site.owner_dsn(name))
        try:
            tables = await connection.fetch(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
            for table in tables:
                rows = await connection.fetch(f"SELECT t::text AS row FROM {table['name']} t")  # noqa: S608
                found[f"{name}.{table['name']}"] = "\n".join(row["row"] for row in rows).encode()
        finally:
            await connection.close()
    return found


async def _topics(site: Site) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    bus = await site.open_bus()
    try:
        for topic in sorted(TOPICS):
            messages: list[Received] = []
            async with bus.consume("leak-search", [topic]) as consumer:
                while batch := await consumer.poll(1000, 3.0):
                    messages.extend(batch)
            found[f"topic {topic}"] = b"\n".join(
                b"|".join([each.key.encode(), each.value or b"", repr(dict(each.headers)).encode()])
                for each in messages
            )
    finally:
        await bus.close()
    return found
