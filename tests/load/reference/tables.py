"""The reference's tables: deliveries with their receipts, records, an outbox row for each record."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Root of the mapped classes."""


class Delivery(Base):
    """One delivery; the same id again gets the same receipt."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("platform", "webhook_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str]
    webhook_id: Mapped[str]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON)
    accepted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class HourRecord(Base):
    """One record; its content is compared by digest."""

    __tablename__ = "hour_record"
    __table_args__ = (UniqueConstraint("platform", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    platform: Mapped[str]
    record_id: Mapped[str]
    person_key: Mapped[uuid.UUID]
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class Outbox(Base):
    """One event, to be published by a relay."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    topic: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
