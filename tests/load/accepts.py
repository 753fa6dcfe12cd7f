"""How fast the gateway accepts, from the signed request to the receipt, against COPY of the very same rows.

Each round takes in turn: fresh batches of 500; COPY of the rows that these wrote; batches with one duplicate; the same
records under new delivery ids; the same deliveries once more; batches of 50 and of 1. Ratios are taken within a round.
"""

from dataclasses import dataclass

import asyncpg

from tests.load import cpu
from tests.load.deliveries import BATCH, Course, Delivery, deliver, learners, requests
from tests.load.figures import Figures
from tests.load.gateways import Served
from tests.load.limit import CopyLimit
from tests.load.sender import Load, Request, Sender, Sent
from xueshi_kit.webhooks import SigningKey

CONNECTIONS = 8
PEOPLE = 4000
WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is sent in a round: deliveries of each kind."""

    batches: int
    fifties: int
    ones: int


class Accepting:
    """Gateways that are up, the process that sends to them, and the limit beside their tables."""

    def __init__(
        self, served: Served, postgres_pid: int, key: SigningKey, sender: Sender, owner: asyncpg.Connection
    ) -> None:
        """`owner` is a connection to the gateways' database as its owner."""
        self.course = Course(learners(PEOPLE))
        self.key = key
        self._ports = served.ports
        self._pids: cpu.Pids = {"gateway": served.pids, "postgres": [postgres_pid]}
        self._sender = sender
        self._limit = CopyLimit(owner)

    async def send(self, work: list[Request], connections: int = CONNECTIONS) -> Sent:
        """Send ready requests to the gateways."""
        return await self._sender.send(Load(self._ports, work, connections, self._pids))

    async def warm_up(self) -> None:
        """Let every process meet its work once: connections, prepared statements, caches."""
        fresh = self.course.deliveries(WARM_UP * len(self._ports), BATCH)
        mark = await self._limit.mark()
        await self.send(requests(fresh, self.key))
        await self._limit.copy(await self._limit.capture(mark, len(fresh)), len(fresh) * BATCH)

    async def round(self, sizes: Sizes, figures: Figures) -> tuple[list[Delivery], float]:
        """Take one round; return its fresh deliveries of 500 and how many records of them went through in a second."""
        fresh = self.course.deliveries(sizes.batches, BATCH)
        work = requests(fresh, self.key)
        mark = await self._limit.mark()
        sent = await self.send(work)
        figures.note_cpu("accept 500", sent.cpu_us_per_record())
        batches = await self._limit.capture(mark, sizes.batches)
        limits = await self._limit.copy(batches, sent.records)
        figures.note(
            accepts_per_second_500=sent.per_second,
            copy_all_per_second=limits.all_rows,
            copy_records_only_per_second=limits.records_only,
            copy_bytes_per_record=sum(len(rows) for batch in batches for rows in batch.values()) / sent.records,
            accept_ratio_500=sent.per_second / limits.all_rows,
            accept_ratio_500_records_only=sent.per_second / limits.records_only,
        )
        mark = await self._limit.mark()
        await self._repeats(fresh, work, sent.per_second, figures)
        await self._smaller(sizes, figures)
        await self._limit.follow(mark)
        return fresh, sent.per_second

    async def _repeats(self, fresh: list[Delivery], work: list[Request], speed: float, figures: Figures) -> None:
        """Send what holds duplicates; `speed` is that of fresh records in this round."""
        one_known = [deliver([*self.course.records(BATCH - 1), each.records[0]], BATCH - 1) for each in fresh]
        one = await self.send(requests(one_known, self.key))
        all_known = [deliver(each.records, 0) for each in fresh]
        known = await self.send(requests(all_known, self.key))
        again = await self.send(work)
        figures.note(
            accepts_per_second_one_duplicate=one.per_second,
            accepts_per_second_duplicates=known.per_second,
            accepts_per_second_replayed=again.per_second,
            accept_ratio_one_duplicate=one.per_second / speed,
            accept_ratio_duplicates=known.per_second / speed,
            accept_ratio_replayed=again.per_second / speed,
        )
        for series, sent in (("one duplicate", one), ("500 duplicates", known), ("replayed", again)):
            figures.note_cpu(f"accept 500, {series}", sent.cpu_us_per_record())

    async def _smaller(self, sizes: Sizes, figures: Figures) -> None:
        fifties = await self.send(requests(self.course.deliveries(sizes.fifties, 50), self.key))
        ones = await self.send(requests(self.course.deliveries(sizes.ones, 1), self.key))
        figures.note(accepts_per_second_50=fifties.per_second, accepts_per_second_1=ones.per_second)
        figures.note_cpu("accept 50", fifties.cpu_us_per_record())
        figures.note_cpu("accept 1", ones.cpu_us_per_record())
