"""What the gateway listens to: what became of the platforms' records."""

from collections.abc import Sequence
from typing import Any

from xueshi.registry.v1.hours_pb2 import HoursChanged
from xueshi_gateway.handlers.fates import follow
from xueshi_gateway.store import clauses
from xueshi_gateway.wire.changes import changes_of, clauses_of
from xueshi_kit.db import Transaction
from xueshi_kit.inbox import Subscription


def subscriptions() -> list[Subscription[Any]]:
    """Return the gateway's one subscription."""

    async def on_hours(tx: Transaction, events: Sequence[HoursChanged]) -> None:
        await clauses.keep(tx, clauses_of(events))
        await follow(tx, changes_of(events))

    return [Subscription("gateway.hours", HoursChanged, on_hours, items="changes")]
