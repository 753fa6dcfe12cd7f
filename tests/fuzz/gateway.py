"""The gateway as a process of its own, with platforms whose keys the tests hold."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr

from tests.integration.gateway.stand import Tokens
from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.child import Child, ChildSpec
from xueshi_cli.runtime.ports import LOOPBACK, free_ports
from xueshi_cli.runtime.provision import Provisioned
from xueshi_gateway.app import build
from xueshi_gateway.settings import Settings
from xueshi_kit.bus.embedded.schema import install
from xueshi_kit.keyring import KeyKind, KeyRing
from xueshi_kit.migrations import upgrade
from xueshi_kit.webhooks import PrivateKey, SigningKey, generate_private_key, parse_signing_key

BUCKETS = 4
UNLIMITED = 10_000_000
PURPOSES = {"person-index": KeyKind.INDEX, "identity": KeyKind.SEAL_AES, "platform-secrets": KeyKind.SEAL_AES}
NEW_PLATFORM = {"name": "福建网络学院", "base_level": "province", "base_region": "350000"}


@dataclass(slots=True)
class Platform:
    """A platform and the keys that it signs with: those that count, and those that no longer do."""

    name: str
    live: list[SigningKey] = field(default_factory=list)
    ended: list[SigningKey] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that runs. `environment` is what it was started under, so that another can join it."""

    host: str
    port: int
    pid: int
    log_file: Path
    database: Provisioned
    platforms: tuple[Platform, ...]
    environment: Mapping[str, str]

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Ask the database as its owner."""
        connection = await asyncpg.connect(self.database.owner_dsn)
        try:
            return await connection.fetch(query, *arguments)
        finally:
            await connection.close()


@asynccontextmanager
async def running_gateway(make_database: DatabaseFactory, folder: Path, **settings: str) -> AsyncIterator[Gateway]:
    """Run `python -m xueshi_gateway api` on a database of its own; `settings` go into its environment."""
    database, bus = make_database("gateway"), make_database("bus")
    await asyncio.to_thread(upgrade, "xueshi_gateway", database.owner_dsn)
    await install(bus.owner_dsn, BUCKETS)
    keys_file = folder / "keys.json"
    KeyRing.generate(PURPOSES).write(keys_file)
    platforms = await _enter_platforms(database, bus, keys_file)
    (port,) = free_ports(1)
    given = {
        "database_url": database.app_dsn,
        "bus_url": bus.app_dsn,
        "buckets": str(BUCKETS),
        "keys_file": str(keys_file),
        "port": str(port),
        "records_per_minute": str(UNLIMITED),
        "waiting_events": str(UNLIMITED),
        **settings,
    }
    environment = {f"XUESHI_{name.upper()}": value for name, value in given.items()}
    child = Child(
        ChildSpec(
            name="gateway",
            command=(sys.executable, "-m", "xueshi_gateway", "api"),
            log_file=folder / "gateway.log",
            env=environment,
            ready=f"http://{LOOPBACK}:{port}/readyz",
        )
    )
    await child.start()
    try:
        assert child.pid is not None
        yield Gateway(LOOPBACK, port, child.pid, child.spec.log_file, database, platforms, environment)
    finally:
        await child.stop()


async def _enter_platforms(database: Provisioned, bus: Provisioned, keys_file: Path) -> tuple[Platform, ...]:
    """Enter two platforms, as an administrator does: each with keys of both kinds in rotation, ended ones beside."""
    settings = Settings(
        database_url=SecretStr(database.app_dsn), bus_url=SecretStr(bus.app_dsn), buckets=BUCKETS, keys_file=keys_file
    )
    service = await build(settings)
    service.app.state.token_verifier = Tokens()
    transport = httpx.ASGITransport(app=service.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as http:
        desk = _Desk(http)
        platforms = (await desk.enter("mooc"), await desk.enter("haixi-online"))
    await service.parts.close()
    return platforms


class _Desk:
    """An administrator's desk."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def enter(self, name: str) -> Platform:
        platform = Platform(name)
        await self._post("", {"id": name, **NEW_PLATFORM})
        for version in ("v1", "v1a"):
            first_id, first = await self._key(f"/{name}/keys", version)
            successor_id, successor = await self._key(
                f"/{name}/keys/{first_id}/rotate", version, overlap_seconds=86_400
            )
            revoked_id, revoked = await self._key(f"/{name}/keys", version)
            await self._post(f"/{name}/keys/{revoked_id}/revoke", {"reason": "检查"})
            expired_id, expired = await self._key(f"/{name}/keys", version)
            _, after = await self._key(f"/{name}/keys/{expired_id}/rotate", version, overlap_seconds=0)
            platform.live += [first, successor, after]
            platform.ended += [revoked, expired]
            assert len({first_id, successor_id, revoked_id, expired_id}) == len("four")
        return platform

    async def _key(self, path: str, version: str, **more: object) -> tuple[str, SigningKey]:
        """Have a key made; return its id and what signs with it."""
        own: SigningKey | None = None
        body: dict[str, object] = dict(more)
        if "rotate" not in path:
            body["version"] = version
        if version == "v1a":
            own = PrivateKey.parse(generate_private_key())
            body["public_key"] = own.public()
        made = await self._post(path, body)
        return made["key"]["key_id"], own or parse_signing_key(made["secret"])

    async def _post(self, path: str, body: object) -> dict[str, Any]:
        answer = await self._http.post(f"/v1/platforms{path}", json=body, headers={"authorization": "Bearer admin"})
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def process_environment() -> dict[str, str]:
    """Return this process's environment without settings of its own that a service would read."""
    return {name: value for name, value in os.environ.items() if not name.startswith("XUESHI_")}
