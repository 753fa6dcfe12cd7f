"""The tables that every service has beside its own: outbox, relay leases, inbox, parked events."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


def metadata_with_plumbing() -> MetaData:
    """Return a service's metadata, holding the plumbing's tables already."""
    metadata = MetaData(naming_convention=NAMING)
    outbox = Table(
        "outbox",
        metadata,
        Column("id", BigInteger, primary_key=True, autoincrement=True),
        Column("bucket", SmallInteger, nullable=False),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("type", Text, nullable=False),
        Column("payload", LargeBinary),
        Column("traceparent", Text, nullable=False, server_default=""),
        Column("occurred_at", DateTime(timezone=True), nullable=False),
        Column("published_at", DateTime(timezone=True)),
    )
    Index("outbox_unpublished_idx", outbox.c.bucket, outbox.c.id, postgresql_where=text("published_at IS NULL"))
    Index("outbox_published_idx", outbox.c.published_at, postgresql_where=text("published_at IS NOT NULL"))
    Table(
        "relay_lease",
        metadata,
        Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
        Column("holder", Text, nullable=False),
        Column("expires_at", DateTime(timezone=True), nullable=False),
    )
    inbox = Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    # Rows come in the order of time: a few pages tell where the old ones end.
    Index("inbox_handled_at_idx", inbox.c.handled_at, postgresql_using="brin")
    parked = Table(
        "parked",
        metadata,
        Column("id", BigInteger, primary_key=True, autoincrement=True),
        Column("consumer", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("traceparent", Text, nullable=False, server_default=""),
        Column("error", Text, nullable=False),
        Column("attempts", Integer, nullable=False, server_default=text("1")),
        Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    Index("parked_consumer_key_idx", parked.c.consumer, parked.c.key, parked.c.id)
    return metadata
