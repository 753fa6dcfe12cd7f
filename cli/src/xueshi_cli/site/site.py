"""A local site: PostgreSQL, the bus and every service under one supervisor."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from xueshi_cli.runtime.child import ChildSpec
from xueshi_cli.runtime.kafka import LocalKafka
from xueshi_cli.runtime.passwords import Passwords
from xueshi_cli.runtime.ports import LOOPBACK
from xueshi_cli.runtime.postgres import EmbeddedPostgres
from xueshi_cli.runtime.processes import Supervisor
from xueshi_cli.runtime.provision import Provisioned, provision, with_database
from xueshi_cli.site.folder import SiteFolder
from xueshi_cli.site.keys import ClientKeys, make_key_files
from xueshi_cli.site.layout import AUDIENCE, BUCKETS, BUS_DATABASE, SERVICES, ServiceSpec
from xueshi_cli.site.outside import admit_title_review, write_subject_key
from xueshi_kit import migrations
from xueshi_kit.bus import Bus
from xueshi_kit.bus.embedded.schema import install
from xueshi_kit.bus.open import open_bus
from xueshi_kit.clock import SystemClock
from xueshi_kit.token_client import TokenSource, public_jwk


@dataclass(frozen=True, slots=True)
class SiteClient:
    """A client that the site's issuer knows from the start."""

    client_id: str
    kind: str
    subject: str
    name: str
    scopes: tuple[str, ...]


class Site:
    """A running site, as the commands that use it see it."""

    def __init__(self, folder: SiteFolder, bus: str, clients: Sequence[SiteClient], ports: Mapping[str, int]) -> None:
        """Describe the site; `start_stores` and what follows bring it up."""
        self.folder = folder
        self.bus_kind = bus
        self.ports = ports
        self._clients = {client.client_id: client for client in clients}
        self._client_keys = ClientKeys(folder.keys / "clients.json", self._clients)
        self._databases: dict[str, Provisioned] = {}
        self._readers: dict[str, asyncpg.Connection[asyncpg.Record]] = {}
        self._bus_url = ""
        self._title_review_url = ""
        self.admin_dsn = ""
        self._kafka_address = folder.root / "kafka-address"
        self._subject_key_file = folder.keys / "title-review-refs.hex"
        self._clients_file = folder.keys / "declared-clients.json"
        self._http = httpx.AsyncClient()

    def url(self, service: str) -> str:
        """Return the base URL of a service."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def owner_dsn(self, database: str) -> str:
        """Return the URL under which a database's owner connects."""
        return self._databases[database].owner_dsn

    async def start_stores(self, supervisor: Supervisor) -> None:
        """Start PostgreSQL and, where it is the bus, Kafka; make databases, roles and tables."""
        postgres = EmbeddedPostgres(self.folder.root / "postgres")
        await asyncio.to_thread(postgres.prepare)
        stage = [postgres.child()]
        broker = None
        if self.bus_kind == "kafka":
            broker = LocalKafka(self.folder.root / "kafka")
            await asyncio.to_thread(broker.prepare)
            stage.append(broker.child())
        await supervisor.start(stage)
        self.admin_dsn = postgres.dsn
        names = [service.database for service in SERVICES] + [BUS_DATABASE]
        self._databases = await provision(postgres.dsn, names, postgres.passwords)
        if broker is None:
            await install(self._databases[BUS_DATABASE].owner_dsn, BUCKETS)
            self._bus_url = self._databases[BUS_DATABASE].app_dsn
            self._title_review_url = await admit_title_review(
                postgres.dsn, self._databases[BUS_DATABASE], postgres.passwords
            )
        else:
            self._bus_url = self._title_review_url = broker.bootstrap_servers
            self._kafka_address.write_text(self._bus_url)

    def attach(self) -> None:
        """Know the databases of a site that is up, from its folder alone."""
        folder = self.folder.root / "postgres"
        (port,) = json.loads((folder / "port").read_text())
        passwords = Passwords(folder / "passwords.json")
        server = f"postgresql://{LOOPBACK}:{port}/postgres"
        for name in [*(service.database for service in SERVICES), BUS_DATABASE]:
            owner, app = (
                with_database(server, role, passwords.of(role), name) for role in (f"{name}_owner", f"{name}_app")
            )
            self._databases[name] = Provisioned(name, owner_dsn=owner, app_dsn=app)
        if self.bus_kind == "kafka":
            self._bus_url = self._kafka_address.read_text()
        else:
            self._bus_url = self._databases[BUS_DATABASE].app_dsn

    async def migrate(self) -> None:
        """Bring every database to its newest version, under its owner."""
        for service in SERVICES:
            owner = self._databases[service.database].owner_dsn
            await asyncio.to_thread(migrations.upgrade, service.package, owner)

    async def start_services(self, supervisor: Supervisor) -> None:
        """Start every service as a process of its own and return when all are ready."""
        make_key_files(self.folder.keys)
        write_subject_key(self.folder.keys / "ring.json", self._subject_key_file)
        self._clients_file.write_text(json.dumps([self._declared(client) for client in self._clients.values()]))
        await supervisor.start([self._child(service) for service in SERVICES])

    def environment(self, service: ServiceSpec) -> dict[str, str]:
        """Return the settings under which a service runs here."""
        return {
            "XUESHI_DATABASE_URL": self._databases[service.database].app_dsn,
            "XUESHI_BUS": self.bus_kind,
            "XUESHI_BUS_URL": self._bus_url,
            "XUESHI_BUCKETS": str(BUCKETS),
            "XUESHI_PORT": str(self.ports[service.name]),
            "XUESHI_PUBLIC_URL": self.url(service.name),
            "XUESHI_KEYS_FILE": str(self.folder.keys / f"{service.name}.json"),
            "XUESHI_ISSUER": self.url("identity"),
            "XUESHI_AUDIENCE": AUDIENCE,
            "XUESHI_CLIENTS_FILE": str(self._clients_file),
        }

    def _child(self, service: ServiceSpec) -> ChildSpec:
        return ChildSpec(
            name=service.name,
            command=(sys.executable, "-m", service.package, "all"),
            log_file=self.folder.logs / f"{service.name}.log",
            env=self.environment(service),
            ready=f"{self.url(service.name)}/readyz",
            ready_seconds=180,
        )

    def _declared(self, client: SiteClient) -> Mapping[str, Any]:
        return {
            "client_id": client.client_id,
            "kind": client.kind,
            "subject": client.subject,
            "name": client.name,
            "public_keys": [public_jwk(self._client_keys.of(client.client_id))],
            "scopes": list(client.scopes),
            "audiences": [AUDIENCE],
        }

    def client(self, client_id: str, service: str, *, timeout_seconds: float = 60) -> httpx.AsyncClient:
        """Return an HTTP client of a service that carries the tokens of one of the site's clients."""
        auth = TokenSource(
            self._http,
            f"{self.url('identity')}/oauth2/token",
            client_id,
            self._client_keys.of(client_id),
            scope=" ".join(self._clients[client_id].scopes),
            audience=AUDIENCE,
            clock=SystemClock(),
            issuer=self.url("identity"),
        )
        return httpx.AsyncClient(base_url=self.url(service), auth=auth, timeout=timeout_seconds)

    def title_review_command(self) -> tuple[str, ...]:
        """Return the sample title-review client's command that takes and acknowledges all there is.

        Run it with `title_review_environment`.
        """
        return (
            *(sys.executable, "-m", "title_review_client", "follow", "--once"),
            *("--key-file", str(self._subject_key_file), "--memory", str(self.folder.root / "title-review.sqlite")),
        )

    def title_review_environment(self) -> dict[str, str]:
        """Return where that client finds the bus: not in its arguments, which every user of the machine can read."""
        return {"XUESHI_BUS_URL": self._title_review_url}

    async def open_bus(self) -> Bus:
        """Open the site's bus, to watch how far the consumers are."""
        return await open_bus("kafka" if self.bus_kind == "kafka" else "embedded", self._bus_url, BUCKETS)

    async def fetch(self, database: str, sql: str) -> list[asyncpg.Record]:
        """Read a service's database as its owner: for the site's own display, never for a service."""
        connection = self._readers.get(database)
        if connection is None or connection.is_closed():
            connection = self._readers[database] = await asyncpg.connect(self.owner_dsn(database))
        return await connection.fetch(sql)

    async def close(self) -> None:
        """Close what this object has opened itself; the supervisor stops the processes."""
        for connection in self._readers.values():
            connection.terminate()
        await self._http.aclose()
