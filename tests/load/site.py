"""The whole product as it runs on one machine, every service a process of its own, with the bench's world in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.load import cpu
from tests.load.deliveries import PLATFORM, Delivery, Learner, requests
from tests.load.gateways import RECORDS_PER_MINUTE
from tests.load.outside import Outside
from tests.load.sender import Load, Sender, Sent
from tests.load.watch import drained_at, refuse_parked, topics_are_there
from tests.load.world import world_of
from xueshi_cli.demo.clients import OPERATOR, clients_of
from xueshi_cli.demo.load import load_world, platform_keys
from xueshi_cli.runtime.processes import Supervisor
from xueshi_cli.site.folder import SiteFolder
from xueshi_cli.site.site import Site
from xueshi_kit.bus import Bus
from xueshi_kit.webhooks import SigningKey, parse_signing_key

CONNECTIONS = 8
_NAMES = {"postgresql": "postgres"}


class RestartedError(Exception):
    """A process has crashed meanwhile, so that what was measured is worth nothing."""


@dataclass(frozen=True, slots=True)
class Passed:
    """How records went through the whole chain, from the first byte sent until nothing was under way any more."""

    sent: Sent
    seconds: float
    cpu_seconds: dict[str, float]

    @property
    def per_second(self) -> float:
        """Records a second."""
        return self.sent.records / self.seconds

    def cpu_us_per_record(self) -> dict[str, float]:
        """Return microseconds of CPU for each record, by process."""
        return {name: seconds * 1e6 / self.sent.records for name, seconds in self.cpu_seconds.items()}


@dataclass(frozen=True, slots=True)
class Chain:
    """A site that is up."""

    site: Site
    supervisor: Supervisor
    bus: Bus
    outside: Outside
    sender: Sender
    key: SigningKey

    def pids(self) -> cpu.Pids:
        """Return every process by name."""
        statuses = self.supervisor.statuses()
        return {_NAMES.get(each.name, each.name): [each.pid] for each in statuses if each.pid is not None}

    async def send(self, deliveries: Sequence[Delivery], per_second: float | None = None) -> Sent:
        """Send deliveries, so many a second or as fast as they are taken."""
        work = requests(deliveries, self.key)
        return await self.sender.send(Load([self.site.ports["gateway"]], work, CONNECTIONS, per_second=per_second))

    async def pass_through(self, deliveries: Sequence[Delivery]) -> Passed:
        """Send deliveries, wait until all is through, and check that the outside topic says so."""
        pids = self.pids()
        before = cpu.read(pids)
        sent = await self.send(deliveries)
        ended_at = await drained_at(self.site, self.bus)
        used = cpu.used(before, cpu.read(pids))
        if pids != self.pids() or any(each.restarts for each in self.supervisor.statuses()):
            raise RestartedError(str(self.supervisor.statuses()))
        await refuse_parked(self.site)
        self.outside.expect(deliveries)
        await self.outside.read_all()
        return Passed(sent, ended_at - sent.began_at_ns / 1e9, {**used, **sent.cpu_seconds})


@asynccontextmanager
async def running(root: Path, bus: str, learners: Sequence[Learner], sender: Sender) -> AsyncIterator[Chain]:
    """Bring a site up on this bus and enter the world."""
    folder = SiteFolder(root / f"site-{bus}")
    folder.make(bus=bus, people=len(learners), seed=0)
    world = world_of(learners)
    site = Site(folder, bus, clients_of(world), folder.choose_ports())
    async with Supervisor() as supervisor:
        await site.start_stores(supervisor)
        await site.migrate()
        await site.start_services(supervisor)
        await load_world(site, world, lambda _: None)
        async with site.client(OPERATOR, "gateway") as http:
            limit = {"records_per_minute": RECORDS_PER_MINUTE}
            (await http.put(f"/v1/platforms/{PLATFORM}/limit", json=limit)).raise_for_status()
        opened = await site.open_bus()
        try:
            await topics_are_there(opened)
            async with Outside.reading(opened) as outside:
                key = parse_signing_key(platform_keys(site)[PLATFORM])
                yield Chain(site, supervisor, opened, outside, sender, key)
        finally:
            await opened.close()
            await site.close()
    if supervisor.asked_to_stop is not None:
        raise KeyboardInterrupt  # the supervisor has swallowed it
