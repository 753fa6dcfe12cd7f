"""How fast the gateway accepts, against the limit that PostgreSQL sets: `make bench`.

The limit is a binary COPY of the very rows that accepting has written, into a table with the same indexes, 500 rows a
commit, fsync on, one connection. Accepting goes through the whole application, signature to commit, without a socket.
Both are taken in turn, several rounds, and compared as medians; the figures go to `build/bench.json`.
"""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from rich.console import Console

from tests.integration.gateway.stand import BUCKETS, START, Sender, Stand
from xueshi_cli.runtime.postgres import EmbeddedPostgres
from xueshi_cli.runtime.provision import provision
from xueshi_gateway.api.openapi import EXAMPLE
from xueshi_gateway.app import build
from xueshi_gateway.settings import Settings
from xueshi_kit import migrations
from xueshi_kit.bus.embedded import install
from xueshi_kit.clock import FixedClock
from xueshi_kit.keyring import KeyKind, KeyRing

BATCH = 500
REPORT = Path("build/bench.json")


@asynccontextmanager
async def gateway() -> AsyncIterator[Stand]:
    """Give a gateway on a PostgreSQL of its own that syncs every commit to disk."""
    with tempfile.TemporaryDirectory(prefix="xueshi-bench-") as folder:
        root = Path(folder)
        await asyncio.to_thread(root.chmod, 0o755)  # the server does not run as root
        postgres = EmbeddedPostgres(root / "postgres")
        admin = await postgres.start()
        try:
            made = await provision(admin, ["gateway", "bus"], postgres.passwords)
            await asyncio.to_thread(migrations.upgrade, "xueshi_gateway", made["gateway"].owner_dsn)
            await install(made["bus"].owner_dsn, BUCKETS)
            keys = KeyRing.generate(
                {
                    "person-index": KeyKind.INDEX,
                    "identity": KeyKind.SEAL_AES,
                    "platform-secrets": KeyKind.SEAL_AES,
                }
            )
            keys.write(root / "keys.json")
            settings = Settings(
                database_url=made["gateway"].app_dsn,
                bus_url=made["bus"].app_dsn,
                buckets=BUCKETS,
                keys_file=root / "keys.json",
                records_per_minute=10_000_000,
            )
            clock = FixedClock(START)
            stand = Stand(await build(settings, clock), made["gateway"], clock, keys)
            yield stand
            await stand.close()
        finally:
            await postgres.stop()


async def accept(sender: Sender, deliveries: int) -> float:
    """Accept new deliveries of 500 records; return records a second."""
    example = json.loads(json.dumps(EXAMPLE))["data"]["records"][0]
    batches = [[{**example, "record_id": uuid.uuid4().hex} for _ in range(BATCH)] for _ in range(deliveries)]
    started_at = time.perf_counter()
    for batch in batches:
        answer = await sender.send(batch, delivery=uuid.uuid4().hex)
        assert answer.json()["counts"]["accepted"] == BATCH, answer.text
    return deliveries * BATCH / (time.perf_counter() - started_at)


async def copy(owner: asyncpg.Connection, deliveries: int) -> float:
    """COPY as many of the same rows, 500 a commit; return records a second."""
    rows = await owner.fetch("SELECT * FROM hour_record ORDER BY record_id DESC LIMIT $1", deliveries * BATCH)
    await owner.execute("TRUNCATE limit_of_copy")
    batches = [[tuple(row) for row in rows[start : start + BATCH]] for start in range(0, len(rows), BATCH)]
    started_at = time.perf_counter()
    for batch in batches:
        await owner.copy_records_to_table("limit_of_copy", records=batch)
    return len(rows) / (time.perf_counter() - started_at)


async def run(rounds: int, deliveries: int, console: Console) -> dict[str, float]:
    """Take turns between the limit and accepting; return the medians and their ratio."""
    accepts, copies = [], []
    async with gateway() as stand:
        sender = await stand.platform("bench")
        owner = await asyncpg.connect(stand.database.owner_dsn)
        await owner.execute("CREATE TABLE limit_of_copy (LIKE hour_record INCLUDING ALL)")
        await accept(sender, 2)
        for number in range(rounds):
            accepts.append(await accept(sender, deliveries))
            copies.append(await copy(owner, deliveries))
            console.print(f"round {number + 1}: accepts {accepts[-1]:,.0f}/s, COPY {copies[-1]:,.0f}/s")
        await owner.close()
    ratios = [accepted / copied for accepted, copied in zip(accepts, copies, strict=True)]
    return {
        "accepts_per_second_500": statistics.median(accepts),
        "copy_per_second_500": statistics.median(copies),
        "accept_ratio_500": statistics.median(ratios),
    }


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.accepts", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--deliveries", type=int, default=20, help="of 500 records, in each round")
    given = parser.parse_args()
    console = Console()
    figures = asyncio.run(run(given.rounds, given.deliveries, console))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(figures, indent=1) + os.linesep)
    for name, figure in figures.items():
        console.print(f"{name:<24} {figure:,.2f}")


if __name__ == "__main__":
    main()
