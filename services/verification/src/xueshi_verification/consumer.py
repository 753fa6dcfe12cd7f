"""What verification listens to."""

from collections.abc import Sequence
from typing import Any

from xueshi.registry.v1.hours_pb2 import HoursChanged
from xueshi_kit.db import Transaction
from xueshi_kit.inbox import Subscription
from xueshi_verification.handlers.arrivals import take_changes
from xueshi_verification.handlers.office import Office
from xueshi_verification.wire.events import read_changes


def subscriptions(office: Office) -> list[Subscription[Any]]:
    """Return the subscription: what became of records in the registry."""

    async def on_hours(tx: Transaction, events: Sequence[HoursChanged]) -> None:
        await take_changes(tx, office, read_changes(events))

    return [Subscription("verification.hours", HoursChanged, on_hours, items="changes")]
