"""Reads the title-review topic as its receiver does: what it says in the end, and when it said it first."""

import time
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Self

from tests.load.deliveries import Delivery
from xueshi.titlereview.v1.verified_hours_pb2 import VerifiedHours
from xueshi_cli.site.layout import VERIFIED_HOURS
from xueshi_kit.bus import Bus, Consumer

PATIENCE_SECONDS = 60.0
_MESSAGES = 500
_WAIT_SECONDS = 0.1


class WrongHoursError(Exception):
    """The topic's last state is not what was pushed; the message counts and quotes an example."""


class Outside:
    """A reader of the topic from its beginning: each record's hours as its last message gives them."""

    def __init__(self, consumer: Consumer) -> None:
        """Read through this consumer."""
        self._consumer = consumer
        self._expected: dict[str, Decimal] = {}
        self._last: dict[str, dict[str, Decimal]] = {}
        self.first_seen_at_ns: dict[str, int] = {}

    @classmethod
    @asynccontextmanager
    async def reading(cls, bus: Bus) -> AsyncIterator[Self]:
        """Join as a receiver of our own."""
        async with bus.consume(f"bench-{uuid.uuid4().hex}", [VERIFIED_HOURS]) as consumer:
            yield cls(consumer)

    def expect(self, deliveries: Iterable[Delivery]) -> None:
        """Know what was pushed: every record must be stamped with all of its hours."""
        for delivery in deliveries:
            self._expected.update({each["record_id"]: Decimal(each["hours"]) for each in delivery.records})

    async def read_all(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Read until the last state of all is what was pushed. Raises `WrongHoursError` where it does not come so."""
        until = time.monotonic() + patience_seconds
        while True:
            while await self.read_some():
                pass
            if (said := self._said()) == self._expected:
                return
            if time.monotonic() > until:
                raise WrongHoursError(_difference(said, self._expected))

    async def read_forever(self) -> None:
        """Read until cancelled."""
        while True:
            await self.read_some()

    async def read_some(self) -> int:
        """Read what is there, waiting a little for it; return how many messages that were."""
        received = await self._consumer.poll(_MESSAGES, _WAIT_SECONDS)
        now = time.monotonic_ns()
        for message in received:
            if message.value is None:
                continue
            entries = VerifiedHours.FromString(message.value).entries
            self._last[message.key] = {each.record_id: Decimal(each.amount) for each in entries}
            for each in entries:
                self.first_seen_at_ns.setdefault(each.record_id, now)
        return len(received)

    def _said(self) -> dict[str, Decimal]:
        return {record: hours for state in self._last.values() for record, hours in state.items()}


def _difference(said: Mapping[str, Decimal], expected: Mapping[str, Decimal]) -> str:
    missing = [record for record in expected if record not in said]
    other = [record for record in expected if record in said and said[record] != expected[record]]
    unknown = [record for record in said if record not in expected]
    examples = [*missing[:1], *other[:1], *unknown[:1]]
    return f"{len(missing)} records missing, {len(other)} with other hours, {len(unknown)} not pushed: {examples}"
