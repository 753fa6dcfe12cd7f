"""What accepting is measured on: PostgreSQL that syncs every commit, and gateway processes as in production."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.integration.gateway.stand import Stand
from tests.load.deliveries import PLATFORM
from xueshi_cli.runtime.child import Child, ChildSpec
from xueshi_cli.runtime.passwords import Passwords
from xueshi_cli.runtime.ports import LOOPBACK, free_ports
from xueshi_cli.runtime.postgres import EmbeddedPostgres
from xueshi_cli.runtime.provision import Provisioned, provision
from xueshi_cli.site.layout import BUCKETS
from xueshi_gateway.app import build
from xueshi_gateway.settings import Settings
from xueshi_kit import migrations
from xueshi_kit.bus.embedded import install
from xueshi_kit.clock import FixedClock
from xueshi_kit.keyring import KeyKind, KeyRing
from xueshi_kit.webhooks import SigningKey

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build"
RECORDS_PER_MINUTE = 10_000_000
"""The most that can be set: here the limit is not what is measured."""
_STOP_SECONDS = 20.0
_READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Served:
    """Processes of one kind: their ports, their process ids."""

    ports: list[int]
    pids: list[int]


@dataclass(frozen=True, slots=True)
class Door:
    """A gateway's database with one platform, and the key with which that platform signs."""

    database: Provisioned
    environment: Mapping[str, str]
    key: SigningKey


@asynccontextmanager
async def scratch() -> AsyncIterator[Path]:
    """Give a folder that is removed afterwards, on the checkout's own disk: /tmp may be memory, where syncing is free.

    After a failure the logs stay behind in `build/bench-logs`.
    """
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD, ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        await asyncio.to_thread(root.chmod, 0o755)  # the server does not run as root
        try:
            yield root
        except BaseException:
            await asyncio.to_thread(_keep_logs, root)
            raise


def _keep_logs(root: Path) -> None:
    kept = BUILD / "bench-logs"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    for log in root.rglob("*.log"):
        shutil.copy(log, kept)


@asynccontextmanager
async def postgres(root: Path) -> AsyncIterator[EmbeddedPostgres]:
    """Run a server with the settings of the product, fsync on, in a folder of its own."""
    server = EmbeddedPostgres(root / "postgres")
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def processes(
    name: str, command: Sequence[str], environment: Mapping[str, str], count: int, logs: Path, *, ready: str
) -> AsyncIterator[Served]:
    """Run a server `count` times over, each on a port of its own, and give them once all are ready.

    `{port}` in the command and in the environment's values stands for the port; `ready` is a path that answers 200.
    """
    children: list[Child] = []
    ports = free_ports(count)
    for port in ports:

        def here(text: str, port: int = port) -> str:
            return text.replace("{port}", str(port))

        spec = ChildSpec(
            name=f"{name} at {port}",
            command=tuple(map(here, command)),
            log_file=logs / f"{name}-{port}.log",
            env={"PYTHONPATH": str(REPOSITORY), **{key: here(value) for key, value in environment.items()}},
            ready=f"http://{LOOPBACK}:{port}{ready}",
            ready_seconds=_READY_SECONDS,
            stop_seconds=_STOP_SECONDS,
        )
        children.append(Child(spec))
    try:
        for each in children:
            each.spawn()
        await asyncio.gather(*(each.wait_ready() for each in children))
        yield Served(ports, [each.pid for each in children if each.pid is not None])
    finally:
        await asyncio.gather(*(each.stop() for each in children))


@asynccontextmanager
async def make_door(
    admin_dsn: str, passwords: Passwords, root: Path, database: str = "gateway"
) -> AsyncIterator[tuple[Door, Stand]]:
    """Make a gateway's database and let one platform in, through a gateway in this process: it lasts for the block."""
    bus = f"{database}_bus"
    made = await provision(admin_dsn, [database, bus], passwords)
    await asyncio.to_thread(migrations.upgrade, "xueshi_gateway", made[database].owner_dsn)
    await install(made[bus].owner_dsn, BUCKETS)
    keys = KeyRing.generate(
        {"person-index": KeyKind.INDEX, "identity": KeyKind.SEAL_AES, "platform-secrets": KeyKind.SEAL_AES}
    )
    keys_file = root / f"{database}-keys.json"
    keys.write(keys_file)
    environment = {
        "XUESHI_DATABASE_URL": made[database].app_dsn,
        "XUESHI_BUS_URL": made[bus].app_dsn,
        "XUESHI_BUCKETS": str(BUCKETS),
        "XUESHI_KEYS_FILE": str(keys_file),
        "XUESHI_RECORDS_PER_MINUTE": str(RECORDS_PER_MINUTE),
        # No relay takes from the outbox here.
        "XUESHI_WAITING_EVENTS": str(RECORDS_PER_MINUTE),
    }
    clock = FixedClock(datetime.now(UTC))
    settings = Settings(
        database_url=made[database].app_dsn,
        bus_url=made[bus].app_dsn,
        buckets=BUCKETS,
        keys_file=keys_file,
        records_per_minute=RECORDS_PER_MINUTE,
    )
    stand = Stand(await build(settings, clock), made[database], clock, keys)
    try:
        (key,) = (await stand.platform(PLATFORM, RECORDS_PER_MINUTE)).keys
        yield Door(made[database], environment, key), stand
    finally:
        await stand.close()


@asynccontextmanager
async def gateways(door: Door, count: int, logs: Path) -> AsyncIterator[Served]:
    """Run gateway processes in the role `api`."""
    command = (sys.executable, "-m", "xueshi_gateway", "api")
    environment = {**door.environment, "XUESHI_PORT": "{port}"}
    async with processes("gateway", command, environment, count, logs, ready="/readyz") as served:
        yield served
