"""Accepting deliveries: one delivery is one transaction, right under any concurrency, and its receipt is for good.

The order of a record's microseconds: decode, check and digest (all of a delivery), one query for what stands, then
key, seal and event for what is new, one COPY, one insert of slices. What is a repeat never reaches the cipher.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import asyncpg
import structlog

from xueshi_gateway.domain.checks import Bounds, KindsOfForms, RejectedError, is_future, settle_form, settle_void
from xueshi_gateway.domain.digest import digest_of
from xueshi_gateway.domain.errors import (
    ContendedError,
    DeliveryConflictError,
    EnvelopeInvalidError,
)
from xueshi_gateway.domain.records import PlatformId, Record
from xueshi_gateway.domain.versions import Accepted, Candidate, Change, Refused, settle
from xueshi_gateway.store import deliveries as store
from xueshi_gateway.store import fates
from xueshi_gateway.wire.deliveries import Decoded, decode_delivery
from xueshi_gateway.wire.events import People, SliceWriter
from xueshi_gateway.wire.receipts import Messages, encode_receipt
from xueshi_kit.db import Database, Transaction
from xueshi_kit.outbox import Outbox
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
    change: Change
    candidates: list[Candidate | Refused]


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
    return Delivery(platform, webhook_id, fingerprint, decoded.change, candidates)


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


async def accept(db: Database, inlet: Inlet, delivery: Delivery, now: datetime) -> bytes:
    """Accept a delivery once and return its receipt; on disk when it returns.

    Raises `DeliveryConflictError` for an id that stands with other bytes, `ContendedError` where other deliveries of
    the same records came first time and again.
    """
    for _ in range(ATTEMPTS):
        try:
            async with db.transaction() as tx:
                return await _accept(tx, inlet, delivery, now)
        except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError) as error:
            log.info("delivery.contended", error=type(error).__name__)
    raise ContendedError


async def _accept(tx: Transaction, inlet: Inlet, delivery: Delivery, now: datetime) -> bytes:
    platform, change = delivery.platform, delivery.change
    number = await store.claim_delivery(tx, platform, delivery.webhook_id, delivery.fingerprint, now)
    if number is None:
        return await _standing_receipt(tx, delivery)
    if change != "completed":
        await store.line_up(tx, platform)
    named = (each.content.record_id for each in delivery.candidates if isinstance(each, Candidate))
    outcomes = settle(change, delivery.candidates, await store.histories(tx, platform, named), inlet.people.key_of)
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    if accepted:
        await store.copy_versions(tx, platform, number, accepted, is_void=change == "voided")
        writer = SliceWriter(platform, delivery.webhook_id, now, inlet.outbox.buckets, inlet.people)
        await inlet.outbox.append(tx, writer.write(change, accepted))
        if change != "completed":
            await fates.restart(tx, platform, _live(accepted), now)
    receipt = encode_receipt(delivery.webhook_id, outcomes, inlet.messages)
    await store.insert_receipt(tx, number, receipt)
    return receipt


async def _standing_receipt(tx: Transaction, delivery: Delivery) -> bytes:
    standing = await store.standing_delivery(tx, delivery.platform, delivery.webhook_id)
    if standing is None or standing.fingerprint != delivery.fingerprint:
        raise DeliveryConflictError
    return standing.receipt


def _live(accepted: list[Accepted]) -> dict[str, int]:
    """Return the live version of each record after this delivery."""
    return {each.content.record_id: each.version for each in accepted}
