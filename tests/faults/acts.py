"""The faults: each brings one thing down, or cuts or freezes it, and waits as long as belongs to it."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg

from tests.faults.disk import SmallDisk
from tests.faults.found import AWAY
from tests.faults.site import (
    GROUP_LEASE_SECONDS,
    KAFKA,
    POSTGRES,
    RELAY_LEASE_SECONDS,
    FaultSite,
    Place,
)
from tests.faults.story import Story

FULL_SECONDS = 6.0
UP_SECONDS = 120.0
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND md5(pid::text || $1) < $2
"""


class Faults:
    """Brings faults to a site and counts them in its story under `fault: …`. `disks` are by the server on them."""

    def __init__(self, site: FaultSite, story: Story, disks: Mapping[str, SmallDisk], chance: random.Random) -> None:
        self.site = site
        self._story = story
        self.disks = disks
        self._chance = chance
        self._frozen: set[asyncio.Task[None]] = set()

    async def kill(self, place: Place) -> None:
        """Kill -9 one process."""
        if self.site.signal(place.name, signal.SIGKILL):
            self._count(f"kill -9 {place.name}")

    async def kill_some(self, places: Sequence[Place], count: int) -> None:
        """Kill -9 several processes at once."""
        for place in self._chance.sample(list(places), count):
            await self.kill(place)

    async def stop_postgres(self) -> None:
        """Stop PostgreSQL fast; the supervisor starts it again."""
        await self._end(POSTGRES, signal.SIGINT, "stop PostgreSQL")

    async def kill_postgres(self) -> None:
        """Kill -9 PostgreSQL with all its backends; it recovers from its log."""
        await self._end(POSTGRES, signal.SIGKILL, "kill -9 PostgreSQL")

    async def stop_kafka(self) -> None:
        """Stop the broker in order."""
        await self._end(KAFKA, signal.SIGTERM, "stop Kafka")

    async def kill_kafka(self) -> None:
        """Kill -9 the broker."""
        await self._end(KAFKA, signal.SIGKILL, "kill -9 Kafka")

    async def freeze(self, place: Place) -> None:
        """SIGSTOP a process beyond its lease, SIGCONT it then; other faults go on meanwhile."""
        seconds = 1.0 + (GROUP_LEASE_SECONDS if place.consumes else RELAY_LEASE_SECONDS if place.relays else 2.0)
        if self.site.signal(place.name, signal.SIGSTOP):
            self._count(f"freeze {place.name}")
            self._frozen.add(asyncio.create_task(self._thaw(place, seconds)))

    async def thawed(self) -> None:
        """Wait until nothing is frozen any more."""
        if self._frozen:
            await asyncio.wait(self._frozen)
        self._frozen.clear()

    async def cut_connections(self) -> None:
        """Terminate a third of all backends of PostgreSQL."""
        with suppress(*AWAY):
            connection = await asyncpg.connect(self.site.admin_dsn, timeout=5)
            try:
                cut = await connection.fetch(_CUT, str(self._chance.random()), "5")
                self._count("cut a connection to PostgreSQL", len(cut))
            finally:
                connection.terminate()

    async def fill_postgres_disk(self, disk: SmallDisk) -> None:
        """Fill PostgreSQL's disk for some seconds, whatever it makes of it meanwhile, then free it."""
        await self._fill(disk, POSTGRES)
        try:
            await asyncio.sleep(FULL_SECONDS)
        finally:
            await asyncio.to_thread(disk.free)
        await self.all_up()

    async def fill_kafka_disk(self, disk: SmallDisk) -> None:
        """Fill the broker's disk until it gives up, as it does at the first write that fails; free it then.

        Not later: a broker that starts on a full disk, alone and with its metadata there too, takes that log for broken
        and begins with an empty one (seen with 4.3.1). Its topics are gone then, which no client can mend.
        """
        before = self.site.pid(KAFKA)
        await self._fill(disk, KAFKA)
        try:
            async with asyncio.timeout(FULL_SECONDS):
                while self.site.pid(KAFKA) == before:  # noqa: ASYNC110 - processes are polled
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pass
        finally:
            await asyncio.to_thread(disk.free)
        await self.all_up()

    async def all_up(self) -> None:
        """Wait until everything that has died is back; what is not in time is a surprise."""
        try:
            async with asyncio.timeout(UP_SECONDS):
                while self.site.not_ready():  # noqa: ASYNC110 - processes are polled
                    await asyncio.sleep(0.1)
        except TimeoutError:
            self._story.surprises.append(f"not back after {UP_SECONDS:.0f} s: {', '.join(self.site.not_ready())}")

    @asynccontextmanager
    async def ending_well(self) -> AsyncIterator[None]:
        """Leave nothing frozen and no disk full behind, whatever happens in the block."""
        try:
            yield
        finally:
            await self.thawed()
            for disk in self.disks.values():
                disk.free()

    async def _fill(self, disk: SmallDisk, server: str) -> None:
        self.site.note_killed(server)
        self._count(f"fill the disk of {server}")
        await asyncio.to_thread(disk.fill)

    async def _end(self, name: str, number: signal.Signals, what: str) -> None:
        ending = self.site.pid(name)
        if not self.site.signal(name, number):
            return
        self._count(what)
        while self.site.pid(name) == ending:  # noqa: ASYNC110 - processes are polled
            await asyncio.sleep(0.05)
        await self.all_up()

    async def _thaw(self, place: Place, seconds: float) -> None:
        try:
            await asyncio.sleep(seconds)
        finally:
            self.site.signal(place.name, signal.SIGCONT)

    def _count(self, what: str, by: int = 1) -> None:
        self._story.count(f"fault: {what}", by)
