"""Accepting deliveries: all of a delivery or nothing, right under any concurrency, and its receipt is for good.

The order of a record's microseconds: decode, check and digest (all of a delivery), one query for what stands, then
key, seal and event for what is new, one COPY of versions, one of slices. What is a repeat never reaches the cipher.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import asyncpg
import structlog

from xueshi_gateway.domain.errors import (
    ContendedError,
    DeliveryConflictError,
    EnvelopeInvalidError,
)
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.domain.versions import Accepted, Candidate, Change, Refused, settle
from xueshi_gateway.store import deliveries as store
from xueshi_gateway.store import fates
from xueshi_gateway.wire.deliveries import Decoded, decode_delivery
from xueshi_gateway.wire.events import People, SliceWriter
from xueshi_gateway.wire.receipts import Messages, encode_receipt
from xueshi_kit.db import Session, Transaction
from xueshi_kit.outbox import Outbox, OutboxEvent
from xueshi_records import Bounds, KindsOfForms, Record, RejectedError, digest_of, is_future, settle_form, settle_void
from xueshi_rulebook.identifiers import contains_id_number

log = structlog.get_logger()

ATTEMPTS = 10
"""Each attempt that fails has seen another delivery of the same records commit; the next one knows of it."""


@dataclass(frozen=True, slots=True)
class Inlet:
    """What accepting needs beside the database: keys, codes, words and the outbox."""

    outbox: Outbox
    people: People
    messages: Messages
    subject_kinds: Collection[str]
    kinds_of_forms: KindsOfForms


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery whose signature and envelope hold, its records checked."""

    platform: PlatformId
    webhook_id: str
    fingerprint: bytes
    accepted_at: datetime
    change: Change
    candidates: list[Candidate | Refused]

    @property
    def place(self) -> store.Place:
        """What no two deliveries share."""
        return self.platform, self.webhook_id

    @property
    def claim(self) -> store.Claim:
        """What is entered of the delivery itself."""
        return self.platform, self.webhook_id, self.fingerprint, self.accepted_at

    def record_ids(self) -> list[str]:
        """Return the ids of the records that may be accepted."""
        return [each.content.record_id for each in self.candidates if isinstance(each, Candidate)]


Receipt = bytes | DeliveryConflictError


def examine(inlet: Inlet, platform: PlatformId, webhook_id: str, body: bytes, now: datetime) -> Delivery:
    """Decode a body and check each record. Raises `NotJsonError` or `EnvelopeInvalidError`."""
    if contains_id_number(webhook_id):
        raise EnvelopeInvalidError("/webhook-id", "PERSONAL_DATA")
    decoded = decode_delivery(body)
    if is_future(decoded.timestamp, now):
        raise EnvelopeInvalidError("/timestamp", "IN_FUTURE")
    bounds = Bounds.at(now, inlet.subject_kinds, inlet.kinds_of_forms)
    fingerprint = inlet.people.keyed(sha256(body).digest())
    candidates = _candidates(decoded, bounds, inlet.people)
    return Delivery(platform, webhook_id, fingerprint, now, decoded.change, candidates)


def _candidates(decoded: Decoded, bounds: Bounds, people: People) -> list[Candidate | Refused]:
    """Return each record with its digest, or why it is refused."""
    candidates: list[Candidate | Refused] = []
    for content in decoded.contents:
        if isinstance(content, Refused):
            candidates.append(content)
            continue
        try:
            if isinstance(content, Record):
                settle_form(content, bounds)
            else:
                settle_void(content)
        except RejectedError as error:
            # An id that is itself refused is not repeated: the receipt is stored.
            record_id = None if error.pointer == "/record_id" else content.record_id
            candidates.append(Refused(record_id, error.code, error.pointer, error.form))
        else:
            candidates.append(Candidate(content, people.keyed(digest_of(content))))
    return candidates


async def accept(session: Session, inlet: Inlet, deliveries: Sequence[Delivery]) -> list[Receipt]:
    """Accept deliveries of different ids, each once, in one transaction; on disk when it returns.

    Returns for each its receipt, or `DeliveryConflictError` for an id that stands with other bytes. Raises
    `ContendedError` where other deliveries of the same records came first time and again.
    """
    for _ in range(ATTEMPTS):
        try:
            async with session.transaction() as tx:
                return await _accept(tx, inlet, deliveries)
        except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError) as error:
            log.info("delivery.contended", error=type(error).__name__)
    raise ContendedError


async def _accept(tx: Transaction, inlet: Inlet, deliveries: Sequence[Delivery]) -> list[Receipt]:
    numbers = await store.claim_deliveries(tx, [each.claim for each in deliveries])
    new = [each for each in deliveries if each.place in numbers]
    receipts: dict[store.Place, Receipt] = {}
    if new:
        receipts.update(await _enter(tx, inlet, new, numbers))
    if len(new) < len(deliveries):
        repeated = {each.place: each.fingerprint for each in deliveries if each.place not in numbers}
        for place, standing in (await store.standing_deliveries(tx, repeated)).items():
            is_same = standing.fingerprint == repeated[place]
            receipts[place] = standing.receipt if is_same else DeliveryConflictError()
    return [receipts[each.place] for each in deliveries]


async def _enter(
    tx: Transaction, inlet: Inlet, deliveries: Sequence[Delivery], numbers: Mapping[store.Place, int]
) -> dict[store.Place, bytes]:
    """Enter the records of deliveries that are new, in their order; return the receipts."""
    if changing := {each.platform for each in deliveries if each.change != "completed"}:
        await store.line_up(tx, changing)
    named: dict[PlatformId, list[str]] = {}
    for each in deliveries:
        named.setdefault(each.platform, []).extend(each.record_ids())
    histories = {platform: await store.histories(tx, platform, ids) for platform, ids in named.items()}
    receipts: dict[store.Place, bytes] = {}
    versions: list[store.Version] = []
    events: list[OutboxEvent] = []
    for each in deliveries:
        outcomes = settle(each.change, each.candidates, histories[each.platform], inlet.people.key_of)
        accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
        versions += store.versions(numbers[each.place], each.platform, accepted, is_void=each.change == "voided")
        writer = SliceWriter(each.platform, each.webhook_id, each.accepted_at, inlet.outbox.buckets, inlet.people)
        events += writer.write(each.change, accepted)
        receipts[each.place] = encode_receipt(each.webhook_id, outcomes, inlet.messages)
        if accepted and each.change != "completed":
            await fates.restart(tx, each.platform, _live(accepted), each.accepted_at)
    if versions:
        await store.copy_versions(tx, versions)
        await inlet.outbox.append(tx, events)
    await store.insert_receipts(tx, {numbers[place]: receipt for place, receipt in receipts.items()})
    return receipts


def _live(accepted: list[Accepted]) -> dict[str, int]:
    """Return the live version of each record after this delivery."""
    return {each.content.record_id: each.version for each in accepted}
