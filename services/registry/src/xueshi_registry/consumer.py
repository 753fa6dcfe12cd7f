"""What the registry listens to."""

from collections.abc import Sequence
from typing import Any

from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi.gateway.v1.platforms_pb2 import PlatformChanged
from xueshi.verification.v1.decisions_pb2 import HoursDecided
from xueshi_kit.db import Transaction
from xueshi_kit.inbox import Subscription
from xueshi_registry import wire
from xueshi_registry.handlers.decisions import apply_decisions
from xueshi_registry.handlers.platforms import take_platforms
from xueshi_registry.handlers.records import enter_records
from xueshi_registry.handlers.registry import Registry


def subscriptions(registry: Registry) -> list[Subscription[Any]]:
    """Return the registry's subscriptions: accepted records, authorities' decisions, platforms' accession."""

    async def on_records(tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
        await enter_records(tx, registry, wire.incoming(events))

    async def on_decisions(tx: Transaction, events: Sequence[HoursDecided]) -> None:
        await apply_decisions(tx, registry, wire.decisions(events))

    async def on_platforms(tx: Transaction, events: Sequence[PlatformChanged]) -> None:
        await take_platforms(tx, registry, events)

    return [
        Subscription("registry.hour-records", HourRecordsAccepted, on_records, items="records"),
        Subscription("registry.decisions", HoursDecided, on_decisions, items="decisions"),
        Subscription("registry.platforms", PlatformChanged, on_platforms, key_field="platform"),
    ]
