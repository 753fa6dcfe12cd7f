"""Deliveries of one record each, against `pgbench -c 16` that inserts the same row, a commit for each.

pgbench writes one row into a table LIKE the gateway's `hour_record`. An accepted delivery also makes itself, its event
and its receipt durable.
"""

import asyncio
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg

from tests.load.accepts import Accepting
from tests.load.deliveries import requests
from tests.load.figures import Figures
from tests.load.limit import RECORDS
from xueshi_cli.runtime.postgres import find_binaries

CONNECTIONS = 64
CLIENTS = 16
THREADS = 2
TABLE = "limit_single"
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


class PgbenchError(Exception):
    """pgbench did not end well; the message is its own."""


async def prepare(owner: asyncpg.Connection, folder: Path) -> Path:
    """Make the table and the script of one insert; there must be a record row to take after.

    Each client counts up ids of its own, as a platform does; every other column is that row's.
    """
    await owner.execute(f"CREATE TABLE {TABLE} (LIKE {RECORDS} INCLUDING ALL)")
    columns = await owner.fetch(
        "SELECT attname, quote_ident(attname) AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute"
        " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        " ORDER BY attnum",
        RECORDS,
    )
    literals = ", ".join(f"quote_nullable({each['name']}::text)" for each in columns)
    sample = await owner.fetchrow(f"SELECT {literals} FROM {RECORDS} LIMIT 1")  # noqa: S608 - from the catalogue
    assert sample is not None
    values = [
        "'KC26-' || (:client_id * 10000000 + :number)" if each["attname"] == "record_id" else f"{value}::{each['type']}"
        for each, value in zip(columns, sample, strict=True)
    ]
    script = folder / "single.sql"
    script.write_text(
        "\\set number :number + 1\n"
        f"INSERT INTO {TABLE} ({', '.join(each['name'] for each in columns)}) VALUES ({', '.join(values)});\n"
    )
    return script


async def measure(
    accepting: Accepting, script: Path, owner_dsn: str, first: int, count: int, seconds: int, figures: Figures
) -> None:
    """Take one round: `count` deliveries of one record, then `seconds` of pgbench, whose ids begin at `first`."""
    sent = await accepting.send(requests(accepting.course.deliveries(count, 1), accepting.key), CONNECTIONS)
    inserted = await _pgbench(script, owner_dsn, first, seconds)
    figures.note(
        single_per_second=sent.per_second,
        pgbench_per_second=inserted,
        single_vs_pgbench=sent.per_second / inserted,
    )
    figures.note_cpu("single requests", sent.cpu_us_per_record())


async def _pgbench(script: Path, dsn: str, first: int, seconds: int) -> float:
    """Return transactions a second."""
    parts = urlsplit(dsn)
    process = await asyncio.create_subprocess_exec(
        str(find_binaries() / "pgbench"),
        *("--host", parts.hostname or "", "--port", str(parts.port), "--username", unquote(parts.username or "")),
        *("--no-vacuum", "--protocol", "prepared", "--file", str(script), "--define", f"number={first}"),
        *("--client", str(CLIENTS), "--jobs", str(THREADS), "--time", str(seconds), parts.path.strip("/")),
        env={**os.environ, "PGPASSWORD": unquote(parts.password or "")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()
    rate = _RATE.search(output)
    if process.returncode != 0 or rate is None or "failed transactions: 0 " not in output:
        raise PgbenchError(output)
    return float(rate[1])
