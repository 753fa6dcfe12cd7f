"""Reads what the databases hold, as their owners: the rows that the checks compare."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from tests.faults.checks import Found, Row, Stand
from tests.faults.recompute import Decision
from xueshi_cli.site.layout import SERVICES
from xueshi_cli.site.site import Site

_ROWS = """
SELECT platform, record_id, version, person_key, state, code, days, credited FROM record ORDER BY id
"""
_SUMS = """
SELECT account, platform, record_id, version, day, sum(delta)::int AS hours
FROM ledger CROSS JOIN LATERAL unnest(days, deltas) AS entry (day, delta)
GROUP BY account, platform, record_id, version, day
"""
_BAD_ENTRIES = """
SELECT id FROM ledger WHERE centihours <> (SELECT sum(delta) FROM unnest(deltas) AS entry (delta))
"""
_FATES = "SELECT platform, record_id, version, state, credited_centihours AS credited FROM fate"
_ITEMS = "SELECT platform, record_id, person_key, version, state, credited_centihours AS credited FROM item"


AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises while the server is away, or was while a statement ran."""


class Reader:
    """Connections to the services' databases as their owners, made anew after a fault."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._open: dict[str, asyncpg.Connection] = {}

    async def fetch(self, database: str, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Read. Raises what the driver does while the server is away; the next call connects anew."""
        connection = self._open.get(database)
        if connection is None or connection.is_closed():
            dsn = self._site.owner_dsn(database)
            connection = self._open[database] = await asyncpg.connect(dsn, timeout=5, command_timeout=60)
        try:
            return list(await connection.fetch(sql, *arguments))
        except BaseException:
            connection.terminate()  # whatever state the fault has left it in
            raise

    async def close(self) -> None:
        """Disconnect."""
        for connection in self._open.values():
            connection.terminate()


async def find(reader: Reader) -> Found:
    """Return what stands in every database once all has drained."""
    versions = await reader.fetch(
        "gateway", "SELECT platform, record_id, version, person_key, is_void FROM hour_record"
    )
    deliveries = await reader.fetch("gateway", "SELECT platform, webhook_id FROM delivery")
    fates = await reader.fetch("gateway", _FATES)
    items = await reader.fetch("verification", _ITEMS)
    return Found(
        versions=Counter((*_key(row), row["version"], _uuid(row), row["is_void"]) for row in versions),
        deliveries=Counter((row["platform"], row["webhook_id"]) for row in deliveries),
        rows=[_row(row) for row in await reader.fetch("registry", _ROWS)],
        sums=await _sums(reader),
        transcripts=await _transcripts(reader),
        decisions=await _decisions(reader),
        fates={_key(row): Stand(row["version"], row["state"], row["credited"]) for row in fates},
        items={(*_key(row), _uuid(row)): Stand(row["version"], row["state"], row["credited"]) for row in items},
        parked=await _parked(reader),
        told=await _told(reader),
        taken=await _taken(reader),
    )


async def told_revisions(reader: Reader) -> dict[tuple[str, str], int]:
    """Return the revision that title-review-sync has told last, by subject ref and period."""
    rows = await reader.fetch(
        "title_review",
        "SELECT subject_ref, period, revision FROM standing JOIN subject USING (person_key) WHERE revision > 0",
    )
    return {(row["subject_ref"], row["period"]): row["revision"] for row in rows}


async def _sums(reader: Reader) -> dict[tuple[str, str, str, int, date], int]:
    sums = {
        (row["account"], *_key(row), row["version"], row["day"]): row["hours"]
        for row in await reader.fetch("registry", _SUMS)
    }
    # An entry whose sum is not that of its days shows as hours of a day that nobody has learned on.
    for row in await reader.fetch("registry", _BAD_ENTRIES):
        sums["entry", str(row["id"]), "", 0, date.min] = 1
    return sums


async def _transcripts(
    reader: Reader,
) -> dict[tuple[UUID, str], tuple[Mapping[str, int], Mapping[str, int], str]]:
    rows = await reader.fetch(
        "registry", "SELECT person_key, period, kinds, registered, stamped, verdict FROM transcript"
    )
    return {
        (_uuid(row), row["period"]): (
            dict(zip(row["kinds"], row["registered"], strict=True)),
            dict(zip(row["kinds"], row["stamped"], strict=True)),
            row["verdict"],
        )
        for row in rows
    }


async def _decisions(reader: Reader) -> list[Decision]:
    rows = await reader.fetch(
        "verification",
        "SELECT platform, record_id, version, person_key, outcome, coalesce(officer, '') AS officer"
        " FROM decision ORDER BY id",
    )
    return [Decision(*_key(row), row["version"], _uuid(row), row["outcome"], row["officer"]) for row in rows]


async def _parked(reader: Reader) -> list[str]:
    found = []
    for service in SERVICES:
        rows = await reader.fetch(service.database, "SELECT consumer, key, event_id, error FROM parked ORDER BY id")
        found += [f"{row['consumer']}: event {row['event_id']} of {row['key']}: {row['error']}" for row in rows]
    return found


async def _told(reader: Reader) -> dict[str, set[str]]:
    told: dict[str, set[str]] = {}
    for service in SERVICES:
        rows = await reader.fetch(service.database, "SELECT topic, event_id FROM outbox WHERE published_at IS NOT NULL")
        for row in rows:
            told.setdefault(row["topic"], set()).add(str(row["event_id"]))
    return told


async def _taken(reader: Reader) -> dict[str, set[str]]:
    taken: dict[str, set[str]] = {}
    for service in SERVICES:
        for row in await reader.fetch(service.database, "SELECT consumer, event_id FROM inbox"):
            taken.setdefault(row["consumer"], set()).add(str(row["event_id"]))
    return taken


def _row(row: Any) -> Row:  # noqa: ANN401 - the driver's rows have no columns in their type
    return Row(
        *_key(row),
        row["version"],
        _uuid(row),
        row["state"],
        row["code"],
        tuple(row["days"]),
        tuple(row["credited"]),
    )


def _key(row: Any) -> tuple[str, str]:  # noqa: ANN401 - as above
    return row["platform"], row["record_id"]


def _uuid(row: Any) -> UUID:  # noqa: ANN401 - as above
    return UUID(int=row["person_key"].int)  # the driver's own class has another hash in sets of mixed origin
