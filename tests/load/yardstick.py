"""Runs the reference (`tests/load/reference`) beside the gateway: the same bodies, sender and number of processes."""

import asyncio
import base64
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from tests.load.deliveries import Delivery, requests
from tests.load.figures import Figures
from tests.load.gateways import Served, processes
from tests.load.reference.tables import Base
from tests.load.sender import Load, Sender
from xueshi_cli.runtime.postgres import EmbeddedPostgres
from xueshi_cli.runtime.provision import provision
from xueshi_kit.webhooks import HmacKey, SigningKey

DATABASE = "reference"


@asynccontextmanager
async def reference(server: EmbeddedPostgres, key: SigningKey, count: int, logs: Path) -> AsyncIterator[Served]:
    """Run the reference on a database of its own; it knows the platform's key."""
    made = (await provision(server.dsn, [DATABASE], server.passwords))[DATABASE]
    engine = create_async_engine(make_url(made.owner_dsn).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    assert isinstance(key, HmacKey)
    environment = {
        "REFERENCE_DATABASE_URL": make_url(made.app_dsn)
        .set(drivername="postgresql+asyncpg")
        .render_as_string(hide_password=False),
        "REFERENCE_SECRET": base64.b64encode(key.secret).decode(),
        "REFERENCE_INDEX_KEY": secrets.token_hex(32),
        "REFERENCE_SEAL_KEY": secrets.token_hex(32),
        "REFERENCE_PORT": "{port}",
    }
    command = (sys.executable, "-m", "tests.load.reference")
    async with processes("reference", command, environment, count, logs, ready="/readyz") as served:
        yield served


class Yardstick:
    """The reference that is up, and the process that sends to it."""

    def __init__(self, served: Served, postgres_pid: int, key: SigningKey, sender: Sender, connections: int) -> None:
        """Send as to the gateway: with as many connections, under the same key."""
        self._served = served
        self._pids = {"reference": served.pids, "postgres": [postgres_pid]}
        self._key = key
        self._sender = sender
        self._connections = connections

    async def round(self, deliveries: list[Delivery], accepted_per_second: float, figures: Figures) -> None:
        """Send it the deliveries that the gateway accepted in this round at that speed."""
        work = await asyncio.to_thread(requests, deliveries, self._key)
        sent = await self._sender.send(Load(self._served.ports, work, self._connections, self._pids))
        figures.note(
            reference_per_second_500=sent.per_second, accept_vs_reference=accepted_per_second / sent.per_second
        )
        figures.note_cpu("reference 500", sent.cpu_us_per_record())
