"""The table of parked events: what could not be handled, by consumer and key, and what came behind it."""

import uuid
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from xueshi_kit.db import Transaction

UNKEYED = ""
"""Stands for the key of what names none: an undecodable message, an event without items. It blocks nothing."""


@dataclass(frozen=True, slots=True)
class Parked:
    """One event to park, cut down to the items of its key."""

    key: str
    event_id: uuid.UUID
    payload: bytes
    traceparent: str
    error: str


async def park(tx: Transaction, consumer: str, event: Parked) -> None:
    """Park an event behind what is parked for its key."""
    await tx.sql.execute(
        "INSERT INTO parked (consumer, key, event_id, payload, traceparent, error) VALUES ($1, $2, $3, $4, $5, $6)",
        consumer,
        event.key,
        event.event_id,
        event.payload,
        event.traceparent,
        event.error,
    )


async def parked_keys(tx: Transaction, consumer: str) -> set[str]:
    """Return the keys that have something parked, the unkeyed apart."""
    rows = await tx.sql.fetch("SELECT DISTINCT key FROM parked WHERE consumer = $1 AND key <> ''", consumer)
    return {row["key"] for row in rows}


async def still_parked(tx: Transaction, consumer: str, keys: AbstractSet[str]) -> set[str]:
    """Return which of these keys stay blocked until this transaction ends.

    A replay that is just handling a key's last event is waited for; one that comes later finds what this transaction
    parks. So nothing is handled before what was parked before it, and nothing is left behind a finished replay.
    """
    rows = await tx.sql.fetch(
        "SELECT key FROM parked WHERE id IN"
        " (SELECT max(id) FROM parked WHERE consumer = $1 AND key = ANY($2) GROUP BY key) ORDER BY id FOR SHARE",
        consumer,
        sorted(keys),
    )
    return {row["key"] for row in rows}


async def take_first(tx: Transaction, consumer: str, key: str) -> tuple[int, bytes, str] | None:
    """Lock the key's first parked event; return its row id, payload and traceparent, or None where nothing is left."""
    row = await tx.sql.fetchrow(
        "SELECT id, payload, traceparent FROM parked WHERE consumer = $1 AND key = $2 ORDER BY id LIMIT 1 FOR UPDATE",
        consumer,
        key,
    )
    return None if row is None else (row["id"], row["payload"], row["traceparent"])


async def let_go(tx: Transaction, row_id: int) -> None:
    """Remove an event that was handled."""
    await tx.sql.execute("DELETE FROM parked WHERE id = $1", row_id)


async def note_attempt(tx: Transaction, row_id: int, error: str) -> None:
    """Record a replay that failed."""
    await tx.sql.execute("UPDATE parked SET attempts = attempts + 1, error = $2 WHERE id = $1", row_id, error)
