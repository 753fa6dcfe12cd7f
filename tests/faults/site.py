"""The whole product as real processes, each role a process of its own that can be killed by itself."""

import asyncio
import base64
import json
import os
import random
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xueshi_cli.demo.clients import clients_of
from xueshi_cli.runtime.child import ChildSpec
from xueshi_cli.runtime.kafka import REPOSITORY
from xueshi_cli.runtime.ports import is_free
from xueshi_cli.runtime.processes import BackOff, State, Status, Supervisor
from xueshi_cli.site.folder import SiteFolder
from xueshi_cli.site.keys import make_key_files
from xueshi_cli.site.layout import SERVICES
from xueshi_cli.site.outside import write_subject_key
from xueshi_cli.site.site import Site
from xueshi_samples import World

RELAY_LEASE_SECONDS = 3.0
GROUP_LEASE_SECONDS = 10.0
"""How long both buses leave partitions with a member that is not heard of."""

POSTGRES, KAFKA = "postgresql", "kafka"
TITLE_REVIEW = "title-review"

_FIRST_PORT, _LAST_PORT = 20_000, 32_000
"""Below the range of ports that outgoing connections take: a process that comes back finds its port free."""

_SETTINGS = {
    "XUESHI_RELAY_LEASE_SECONDS": str(RELAY_LEASE_SECONDS),
    "XUESHI_DATABASE_POOL_SIZE": "5",
    "XUESHI_RECORDS_PER_MINUTE": "10000000",
    "XUESHI_PDF_REQUIRED": "false",
    "XUESHI_LOG_LEVEL": "INFO",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One process: a service in a role; `number` tells replicas apart."""

    service: str
    role: str
    number: int = 1

    @property
    def name(self) -> str:
        """The process's name, by which it is killed and logged."""
        return f"{self.service}-{self.role}-{self.number}"

    @property
    def relays(self) -> bool:
        """Whether it holds leases of an outbox."""
        return self.role in {"all", "relay"} and self.service != "identity"

    @property
    def consumes(self) -> bool:
        """Whether it is a member of consumer groups."""
        return self.role in {"all", "worker"} and self.service != "identity"


def apart() -> tuple[Place, ...]:
    """Return every role of every service as a process of its own, replicas where one must take over from another."""
    replicas = {("gateway", "api"): 2, ("gateway", "relay"): 2, ("registry", "worker"): 2, ("registry", "relay"): 2}
    return (
        Place("identity", "all"),
        *(
            Place(service.name, role, number)
            for service in SERVICES
            if service.name != "identity"
            for role in ("api", "worker", "relay")
            for number in range(1, replicas.get((service.name, role), 1) + 1)
        ),
    )


def together() -> tuple[Place, ...]:
    """Return as few processes as show the same: for a short run."""
    return (
        Place("identity", "all"),
        *(Place("gateway", "api", number) for number in (1, 2)),
        Place("gateway", "worker"),
        Place("gateway", "relay"),
        *(Place("registry", "all", number) for number in (1, 2)),
        *(Place(service, "all") for service in ("verification", "certificates", TITLE_REVIEW)),
    )


class FaultSite(Site):
    """A site whose processes can be killed, frozen and left away one by one."""

    def __init__(self, root: Path, bus: str, world: World, places: Sequence[Place]) -> None:
        """Make the folder and choose the ports; `start` brings everything up."""
        folder = SiteFolder(root)
        folder.make(bus=bus, people=len(world.people), seed=world.seed)
        self.places = tuple(places)
        self._store_ports, chosen = _split(_quiet_ports(3 + len(places)))
        ports = dict(zip([each.name for each in places], chosen, strict=True))
        serving = {each.service: ports[each.name] for each in reversed(places) if each.role in {"api", "all"}}
        super().__init__(folder, bus, clients_of(world), serving)
        self.world = world
        self.port_of: Mapping[str, int] = ports
        self.exits: list[str] = []
        self._killed: set[str] = set()
        self._stores = self._supervisor()
        self._running = {name: self._supervisor() for name in dict.fromkeys(each.service for each in places)}

    async def start(self) -> None:
        """Start the stores, migrate, start every process; return when all are ready."""
        self._choose_store_ports()
        await self.start_stores(self._stores)
        await self.migrate()
        make_key_files(self.folder.keys)
        write_subject_key(self.folder.keys / "ring.json", self._subject_key_file)
        self._clients_file.write_text(json.dumps([self._declared(client) for client in self._clients.values()]))
        await asyncio.gather(*(self.start_service(name) for name in self._running))

    async def start_service(self, name: str) -> None:
        """Start a service's processes, also anew after `stop_service`."""
        self._running[name] = supervisor = self._supervisor()
        await supervisor.start([self._spec(each) for each in self.places if each.service == name])

    async def stop_service(self, name: str) -> None:
        """Stop a service's processes and leave them away."""
        await self._running[name].stop()

    async def stop(self) -> None:
        """Stop everything, frozen or not."""
        for status in self._statuses():
            self.signal(status.name, signal.SIGCONT)
        for supervisor in self._running.values():
            await supervisor.stop()
        await self._stores.stop()
        await self.close()

    def gateway_ports(self) -> list[int]:
        """Return the ports of the gateway's API, one for each replica."""
        return [self.port_of[each.name] for each in self.places if each.service == "gateway" and each.role == "api"]

    def pid(self, name: str) -> int | None:
        """Return the id of a process or server; None while it does not run."""
        return next((status.pid for status in self._statuses() if status.name == name), None)

    def not_ready(self) -> list[str]:
        """Return what should run and is not up."""
        return [each.name for each in self._statuses() if each.state not in {State.READY, State.STOPPED}]

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Send a signal to a process or server; tell whether it was there to get it."""
        pid = self.pid(name)
        if pid is None:
            return False
        if number not in {signal.SIGSTOP, signal.SIGCONT}:
            self.note_killed(name)
        os.kill(pid, number)
        return True

    def note_killed(self, name: str) -> None:
        """Expect a process or server to end: it is made to."""
        self._killed.add(name)

    def person_index_key(self) -> bytes:
        """Return the key under which people are known within the site."""
        ring = json.loads((self.folder.keys / "ring.json").read_text())["purposes"]["person-index"]
        return base64.b64decode(ring["keys"][ring["current"]]["key"])

    def subject_key(self) -> bytes:
        """Return the key under which the title-review system knows people."""
        return bytes.fromhex(self._subject_key_file.read_text().strip())

    def _statuses(self) -> list[Status]:
        supervisors = [*self._running.values(), self._stores]
        return [status for supervisor in supervisors for status in supervisor.statuses()]

    def _supervisor(self) -> Supervisor:
        return Supervisor(BackOff(0.2, 2.0, max_in_row=100_000, steady_seconds=5.0), self._note)

    def _note(self, status: Status) -> None:
        """Keep the ends that nobody here has caused."""
        if status.state is not State.RESTARTING:
            return
        if status.name in self._killed:
            self._killed.discard(status.name)
        else:
            self.exits.append(f"{status.name}: {status.last_exit}")

    def _spec(self, place: Place) -> ChildSpec:
        service = next(each for each in SERVICES if each.name == place.service)
        port = self.port_of[place.name]
        return ChildSpec(
            name=place.name,
            command=(sys.executable, "-m", service.package, place.role),
            log_file=self.folder.logs / f"{place.name}.log",
            env={**self.environment(service), **_SETTINGS, **_bytecode(), "XUESHI_PORT": str(port)},
            ready=f"http://127.0.0.1:{port}/readyz",
            ready_seconds=120,
        )

    def _choose_store_ports(self) -> None:
        """Write down ports for PostgreSQL and Kafka where they look for those of their last start."""
        postgres, broker, controller = self._store_ports
        for folder, file, ports in (("postgres", "port", [postgres]), ("kafka", "ports", [broker, controller])):
            place = self.folder.root / folder
            place.mkdir(mode=0o700, exist_ok=True)
            (place / file).write_text(json.dumps(ports))


def _bytecode() -> dict[str, str]:
    """Return settings that let restarted processes find their code compiled, where this process keeps none."""
    if not sys.dont_write_bytecode:
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(REPOSITORY / "build" / "bytecode")}


def _split(ports: list[int]) -> tuple[list[int], list[int]]:
    return ports[:3], ports[3:]


def _quiet_ports(count: int) -> list[int]:
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(_FIRST_PORT, _LAST_PORT)
        if port not in found and is_free(port):
            found.append(port)
    return found
