"""The reference's webhook: FastAPI, pydantic, SQLAlchemy's ORM, one outbox row for each record.

It does what the gateway does where that is a matter of course: signature, idempotency of deliveries and records, the
identity sealed, a keyed person key, one transaction, the commit before the answer. `python -m tests.load.reference`
runs it under the settings of the environment.
"""

import base64
import hashlib
import hmac
import json
import os
import time
import uuid
from typing import Annotated, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import FastAPI, Header, HTTPException, Request
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from tests.load.reference.models import DeliveryIn, Record
from tests.load.reference.tables import Delivery, HourRecord, Outbox

TOLERANCE_SECONDS = 300
TOPIC = "hour-records"
SECRET = base64.b64decode(os.environ["REFERENCE_SECRET"])
INDEX_KEY = bytes.fromhex(os.environ["REFERENCE_INDEX_KEY"])
SEALER = AESGCM(bytes.fromhex(os.environ["REFERENCE_SEAL_KEY"]))

engine = create_async_engine(os.environ["REFERENCE_DATABASE_URL"], pool_size=8)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI(title="Reference")


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    """Say that it is up."""
    return {"ready": True}


@app.post("/v1/platforms/{platform}/deliveries")
async def deliver(
    platform: str,
    request: Request,
    webhook_id: Annotated[str, Header()],
    webhook_timestamp: Annotated[int, Header()],
    webhook_signature: Annotated[str, Header()],
) -> dict[str, Any]:
    """Take a signed delivery."""
    body = await request.body()
    verify(webhook_id, webhook_timestamp, webhook_signature, body)
    try:
        delivery = DeliveryIn.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(422, error.errors(include_url=False, include_input=False)) from error
    fingerprint = hashlib.sha256(body).digest()
    async with sessions() as session, session.begin():
        known = await session.scalar(
            select(Delivery).where(Delivery.platform == platform, Delivery.webhook_id == webhook_id)
        )
        if known is not None:
            if known.fingerprint != fingerprint:
                raise HTTPException(409, "the delivery id came before with other bytes")
            return known.receipt
        return await accept(session, platform, webhook_id, fingerprint, delivery.data.records)


def verify(webhook_id: str, timestamp: int, signature: str, body: bytes) -> None:
    """Check a signature of Standard Webhooks."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(SECRET, signed, "sha256")).decode()
    if not any(hmac.compare_digest(expected, given) for given in signature.split(" ")):
        raise HTTPException(401, "the signature does not hold")
    if abs(time.time() - timestamp) > TOLERANCE_SECONDS:
        raise HTTPException(401, "the signature is stale")


async def accept(
    session: AsyncSession, platform: str, webhook_id: str, fingerprint: bytes, records: list[Record]
) -> dict[str, Any]:
    """Enter what is new, with an event for each record, and keep the receipt."""
    digests = {each.record_id: hashlib.sha256(each.model_dump_json().encode()).digest() for each in records}
    rows = await session.execute(
        select(HourRecord.record_id, HourRecord.digest).where(
            HourRecord.platform == platform, HourRecord.record_id.in_(digests)
        )
    )
    known = {row.record_id: row.digest for row in rows}
    statuses = [status_of(each, digests, known) for each in records]
    receipt = {
        "delivery": webhook_id,
        "counts": {status: statuses.count(status) for status in ("accepted", "duplicate", "rejected")},
        "results": [
            {"record_id": record.record_id, "status": status, "version": 1}
            for record, status in zip(records, statuses, strict=True)
        ],
    }
    entered = Delivery(platform=platform, webhook_id=webhook_id, fingerprint=fingerprint, receipt=receipt)
    session.add(entered)
    await session.flush()
    for record, status in zip(records, statuses, strict=True):
        if status == "accepted":
            key = person_key(record)
            session.add(
                HourRecord(
                    delivery_id=entered.id,
                    platform=platform,
                    record_id=record.record_id,
                    person_key=key,
                    digest=digests[record.record_id],
                )
            )
            session.add(Outbox(topic=TOPIC, key=key.hex, payload=event(platform, record, key)))
    return receipt


def status_of(record: Record, digests: dict[str, bytes], known: dict[str, bytes]) -> str:
    """Tell a new record from a repeated one and from one that contradicts what stands."""
    standing = known.get(record.record_id)
    if standing is None:
        return "accepted"
    return "duplicate" if standing == digests[record.record_id] else "rejected"


def person_key(record: Record) -> uuid.UUID:
    """Return the keyed hash under which a person is looked up."""
    document = f"{record.learner.id_type}\0{record.learner.id_number}".encode()
    return uuid.UUID(bytes=hmac.digest(INDEX_KEY, document, "sha256")[:16])


def event(platform: str, record: Record, key: uuid.UUID) -> dict[str, Any]:
    """Return the event of a record, its identity sealed."""
    nonce = os.urandom(12)
    identity = json.dumps(record.learner.model_dump()).encode()
    sealed = base64.b64encode(nonce + SEALER.encrypt(nonce, identity, key.bytes)).decode()
    content = record.model_dump(mode="json", exclude={"learner"})
    return {**content, "platform": platform, "person_key": key.hex, "identity": sealed}
