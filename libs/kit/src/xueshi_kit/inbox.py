"""Consumers that act once: inbox, effect and next events in one transaction, the offset committed after it.

A batch polled from the bus is one transaction. A fault that passes is waited for in place. A fault that stays is
taken apart: slice by slice, then key by key; only the key that fails is parked, in a table, and blocked; what
comes later for it is parked behind it until `replay` lets it through in order. A message that cannot be decoded is
parked too, under no key.
"""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from google.protobuf.message import DecodeError
from google.protobuf.message import Message as Proto
from opentelemetry.trace import SpanKind

from xueshi_kit.bus import Bus, BusUnavailableError, Consumer, NotAssignedError, Received
from xueshi_kit.db import Database, Transaction, is_transient
from xueshi_kit.events import topic_of
from xueshi_kit.parked import UNKEYED, Parked, let_go, note_attempt, park, parked_keys, still_parked, take_first
from xueshi_kit.telemetry import span

log = structlog.get_logger()

Event = TypeVar("Event", bound=Proto)

POLL_MESSAGES = 200
POLL_SECONDS = 1.0
BACK_OFF_SECONDS = (0.1, 0.5, 2.0, 5.0)
BUS_RETRY_SECONDS = 1.0
STALL_SECONDS = 120.0
STALLED_EXIT_CODE = 70
_PLACES = uuid.UUID("6f1d3c1e-7a52-4a53-9a0a-3f1b5d0c8e21")
"""Namespace of the ids of messages that give none of their own: made of topic, bucket and offset."""


@dataclass(frozen=True, slots=True)
class Subscription(Generic[Event]):
    """What a service does with one kind of event.

    `handle` gets a batch of events inside one transaction. `items` names the repeated field whose elements carry
    `key_field`; without it the event itself carries the key. `outside` marks a topic that others publish: their
    messages need none of our headers, so an event is known again by its place in the log, and what cannot be decoded
    is left out with a line in the log: it may hold anything, and anybody's data.
    """

    consumer: str
    event: type[Event]
    handle: Callable[[Transaction, Sequence[Event]], Awaitable[None]]
    items: str | None = None
    key_field: str = "person_key"
    outside: bool = False

    def keys(self, event: Event) -> set[str]:
        """Return the keys that the event touches."""
        return {_text(getattr(item, self.key_field)) for item in self._carriers(event)}

    def only(self, event: Event, wanted: Callable[[str], bool]) -> Event | None:
        """Return the event with just the wanted keys' items; None when nothing is left."""
        if self.items is None:
            return event if wanted(_text(getattr(event, self.key_field))) else None
        kept = [item for item in getattr(event, self.items) if wanted(_text(getattr(item, self.key_field)))]
        if not kept:
            return None
        part = self.event()
        part.CopyFrom(event)
        part.ClearField(self.items)
        getattr(part, self.items).extend(kept)
        return part

    def part(self, event: Event, key: str) -> Event:
        """Return the event with just this key's items; the whole event where it has none of them."""
        return self.only(event, lambda each: each == key) or event

    def _carriers(self, event: Event) -> Iterable[Any]:
        return (event,) if self.items is None else getattr(event, self.items)


@dataclass(frozen=True, slots=True)
class _Slice(Generic[Event]):
    event_id: uuid.UUID
    event: Event
    traceparent: str


class Worker(Generic[Event]):
    """Runs one subscription: a member of the consumer group of the same name."""

    def __init__(
        self, db: Database, bus: Bus, subscription: Subscription[Event], *, after_commit: Callable[[], None]
    ) -> None:
        """`after_commit` is called when events may have been appended to the outbox."""
        self._db = db
        self._bus = bus
        self._subscription = subscription
        self._after_commit = after_commit
        self._moved_at = 0.0
        self._waiting_for_fault = False

    @property
    def consumer(self) -> str:
        """The consumer group's name."""
        return self._subscription.consumer

    async def run(self) -> None:
        """Consume until cancelled; a broker that is away is waited for."""
        topic = topic_of(self._subscription.event).name
        while True:
            try:
                async with self._bus.consume(self.consumer, [topic]) as consumer:
                    await self._consume(consumer)
            except BusUnavailableError:
                log.warning("consumer.bus_unavailable", consumer=self.consumer)
                self._moved_at = asyncio.get_running_loop().time()
                await asyncio.sleep(BUS_RETRY_SECONDS)

    async def watch(self, stall_seconds: float = STALL_SECONDS) -> None:
        """End the process when there is lag but no progress, other than while a passing fault is waited for.

        Progress is a batch of our own, or a lag that falls: a member that holds no partition does not end itself
        while the others work.
        """
        topic = topic_of(self._subscription.event).name
        loop = asyncio.get_running_loop()
        self._moved_at = loop.time()
        lag = 0
        while True:
            await asyncio.sleep(stall_seconds / 4)
            before = lag
            try:
                lag = sum((await self._bus.lag(self.consumer, [topic])).values())
            except BusUnavailableError:
                self._moved_at = loop.time()
                continue
            if not lag or lag < before or self._waiting_for_fault:
                self._moved_at = loop.time()
            elif loop.time() - self._moved_at > stall_seconds:
                log.error("consumer.stalled", consumer=self.consumer, lag=lag)
                os._exit(STALLED_EXIT_CODE)

    async def replay(self, key: str) -> int:
        """Apply what is parked for `key`, in order, and unblock it; return how many events. Raises as handling does."""
        done = 0
        while await self._replay_first(key):
            self._after_commit()
            done += 1
        return done

    async def _consume(self, consumer: Consumer) -> None:
        while True:
            received = await consumer.poll(POLL_MESSAGES, POLL_SECONDS)
            if not received:
                continue
            await self._apply(received)
            try:
                await consumer.commit(received)
            except NotAssignedError:
                # The new holder repeats these messages; the inbox makes that harmless.
                await consumer.rewind()
            self._moved_at = asyncio.get_running_loop().time()

    async def _apply(self, received: Sequence[Received]) -> None:
        """Have the effect of every message, each once; a fault that passes is waited for."""
        attempt = 0
        while True:
            try:
                await self._apply_or_take_apart(received)
                break
            except Exception as error:
                if not is_transient(error):
                    raise
                self._waiting_for_fault = True
                log.warning("consumer.waits", consumer=self.consumer, error=type(error).__name__)
                await asyncio.sleep(BACK_OFF_SECONDS[min(attempt, len(BACK_OFF_SECONDS) - 1)])
                attempt += 1
        self._waiting_for_fault = False
        self._after_commit()

    async def _apply_or_take_apart(self, received: Sequence[Received]) -> None:
        try:
            await self._apply_batch(received)
        except Exception as error:
            if is_transient(error):
                raise
            if len(received) > 1:
                for each in received:
                    await self._apply([each])
            else:
                await self._take_apart(received[0])

    async def _apply_batch(self, received: Sequence[Received]) -> None:
        decoded = [self._decode(each) for each in received]
        slices = [each for each in decoded if isinstance(each, _Slice)]
        with self._span([each.traceparent for each in slices]):
            async with self._db.transaction() as tx:
                for each in decoded:
                    if isinstance(each, Parked) and await self._remember(tx, [each.event_id]):
                        await park(tx, self.consumer, each)
                await self._apply_in(tx, slices)

    async def _apply_in(self, tx: Transaction, slices: Sequence[_Slice[Event]]) -> None:
        # The same event may stand twice in one batch, too: its first message counts.
        firsts = {each.event_id: each for each in reversed(slices)}
        fresh_ids = await self._remember(tx, list(firsts))
        fresh = [each for each in slices if each is firsts[each.event_id] and each.event_id in fresh_ids]
        blocked = await self._blocked(tx, fresh)
        events = [event for each in fresh if (event := await self._park_blocked(tx, each, blocked)) is not None]
        if events:
            await self._subscription.handle(tx, events)

    async def _blocked(self, tx: Transaction, slices: Iterable[_Slice[Event]]) -> set[str]:
        """Return the keys of these slices behind whose parked events the new ones must wait."""
        parked = await parked_keys(tx, self.consumer)
        if not parked:
            return parked
        touched = {key for each in slices for key in self._subscription.keys(each.event)} & parked
        return await still_parked(tx, self.consumer, touched) if touched else touched

    async def _park_blocked(self, tx: Transaction, part: _Slice[Event], blocked: set[str]) -> Event | None:
        """Park the items of blocked keys behind what is parked already; return the rest."""
        if not blocked:
            return part.event
        for key in sorted(self._subscription.keys(part.event) & blocked):
            await self._park(tx, part, key, "Blocked")
        return self._subscription.only(part.event, lambda key: key not in blocked)

    async def _take_apart(self, message: Received) -> None:
        """Apply a slice that fails as a whole in parts, and park the keys that fail: all of it in one transaction.

        A crash half-way leaves nothing, so that the slice that is delivered again is taken apart from the beginning.
        """
        poison = self._decode(message)
        if not isinstance(poison, _Slice):
            return
        with self._span([poison.traceparent]):
            async with self._db.transaction() as tx:
                if not await self._remember(tx, [poison.event_id]):
                    return
                blocked = await self._blocked(tx, [poison])
                keys = sorted(self._subscription.keys(poison.event))
                for key in keys:
                    if key in blocked:
                        await self._park(tx, poison, key, "Blocked")
                await self._apply_or_park(tx, poison, [key for key in keys if key not in blocked] or [UNKEYED])

    async def _apply_or_park(self, tx: Transaction, poison: _Slice[Event], keys: Sequence[str]) -> None:
        """Apply these keys' part within a savepoint; where it fails, halve them until those that fail stand alone."""
        part = self._subscription.only(poison.event, set(keys).__contains__)
        try:
            async with tx.sql.transaction():
                await self._subscription.handle(tx, [part or poison.event])
        except Exception as error:
            if is_transient(error):
                raise
            if len(keys) == 1:
                log.exception("consumer.parked", consumer=self.consumer, event_id=str(poison.event_id))
                await self._park(tx, poison, keys[0], type(error).__name__)
                return
            middle = len(keys) // 2
            await self._apply_or_park(tx, poison, keys[:middle])
            await self._apply_or_park(tx, poison, keys[middle:])

    async def _park(self, tx: Transaction, part: _Slice[Event], key: str, error: str) -> None:
        payload = self._subscription.part(part.event, key).SerializeToString()
        await park(tx, self.consumer, Parked(key, part.event_id, payload, part.traceparent, error))

    async def _replay_first(self, key: str) -> bool:
        """Apply the first of what is parked for `key`; tell whether there was one."""
        row_id = None
        try:
            async with self._db.transaction() as tx:
                first = await take_first(tx, self.consumer, key)
                if first is None:
                    return False
                row_id, payload, traceparent = first
                event = self._subscription.event()
                event.ParseFromString(payload)
                with self._span([traceparent]):
                    await self._subscription.handle(tx, [event])
                await let_go(tx, row_id)
        except Exception as error:
            if row_id is not None and not is_transient(error):
                async with self._db.transaction() as tx:
                    await note_attempt(tx, row_id, type(error).__name__)
            raise
        return True

    async def _remember(self, tx: Transaction, event_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
        """Enter the events in the inbox; return those that were not there."""
        rows = await tx.sql.fetch(
            "INSERT INTO inbox (consumer, event_id) SELECT $1, e FROM unnest($2::uuid[]) AS e ORDER BY e"
            " ON CONFLICT DO NOTHING RETURNING event_id",
            self.consumer,
            event_ids,
        )
        return {row["event_id"] for row in rows}

    def _decode(self, received: Received) -> _Slice[Event] | Parked | None:
        """Decode a message. What cannot be decoded is to be parked; another type or a tombstone is not for us."""
        if self._subscription.outside:
            return self._decode_outside(received)
        event = self._subscription.event()
        given_type = received.headers.get("ce_type")
        if received.value is None or given_type not in {None, event.DESCRIPTOR.full_name}:
            return None
        traceparent = received.headers.get("traceparent", "")
        try:
            event_id = uuid.UUID(received.headers.get("ce_id", ""))
            event.ParseFromString(received.value)
        except (ValueError, DecodeError):
            place = f"{received.topic}/{received.bucket}/{received.offset}"
            log.exception("consumer.undecodable", consumer=self.consumer, place=place)
            return Parked(UNKEYED, uuid.uuid5(_PLACES, place), received.value, traceparent, "Undecodable")
        return _Slice(event_id, event, traceparent)

    def _decode_outside(self, received: Received) -> _Slice[Event] | None:
        """Decode a message of a publisher who is not ours; its time tells its place from the same in another log."""
        event = self._subscription.event()
        place = f"{received.topic}/{received.bucket}/{received.offset}"
        try:
            event.ParseFromString(received.value or b"")
        except DecodeError:
            log.warning("consumer.undecodable", consumer=self.consumer, place=place)
            return None
        event_id = uuid.uuid5(_PLACES, f"{place}/{received.published_at.isoformat()}")
        return _Slice(event_id, event, received.headers.get("traceparent", ""))

    def _span(self, traceparents: Sequence[str]) -> AbstractContextManager[object]:
        return span(f"{self.consumer} process", kind=SpanKind.CONSUMER, traceparents=traceparents)


def _text(key: bytes | str) -> str:
    return key.hex() if isinstance(key, bytes) else key
