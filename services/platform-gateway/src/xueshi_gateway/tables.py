"""The gateway's tables, beside the plumbing that every service has.

`delivery`, `receipt`, `hour_record`, `rule_clause` and `audit` are append-only: the runtime role has no right to change
or delete their rows. No table holds an ID number or a name; what must travel on is sealed in the outbox's payloads.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from xueshi_kit.tables import metadata_with_plumbing

metadata = metadata_with_plumbing()

platform = Table(
    "platform",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    # "active" or "suspended".
    Column("status", Text, nullable=False),
    # "province", "city" or "county", and the division code of the base that runs the platform (FJ-15).
    Column("base_level", Text, nullable=False),
    Column("base_region", Text, nullable=False),
    # Null: the service's own limit.
    Column("records_per_minute", Integer),
    # Rises with each change; named by PlatformChanged.
    Column("revision", BigInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

scope = Table(
    "scope",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("platform", Text, ForeignKey("platform.id"), nullable=False),
    Column("subject_kind", Text, nullable=False),
    # 0 and empty for the public subject; an empty major covers every major of the industry.
    Column("industry", SmallInteger, nullable=False),
    Column("major", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
)
Index(
    "scope_standing_key",
    scope.c.platform,
    scope.c.subject_kind,
    scope.c.industry,
    scope.c.major,
    unique=True,
    postgresql_where=scope.c.withdrawn_at.is_(None),
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("platform", Text, ForeignKey("platform.id"), primary_key=True),
    Column("key_id", Text, primary_key=True),
    # "v1" (HMAC-SHA-256) or "v1a" (Ed25519), as in the signature header.
    Column("version", Text, nullable=False),
    # The text form of the key, sealed; bound to platform and key id.
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("platform", Text, nullable=False),
    Column("webhook_id", Text, nullable=False),
    # SHA-256 of the body: the same id with other bytes is refused.
    Column("fingerprint", LargeBinary, nullable=False),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("platform", "webhook_id"),
)

# A table of its own, so that a delivery's row is written once: its id is needed before its receipt is known.
receipt = Table(
    "receipt",
    metadata,
    Column("delivery", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

# One row per accepted version. Wide columns last and no foreign keys: this is the hot path.
hour_record = Table(
    "hour_record",
    metadata,
    Column("delivery", BigInteger, nullable=False),
    Column("person_key", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_void", Boolean, nullable=False),
    Column("platform", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("platform", "record_id", "version"),
)

# What became of a record's live version. A record without a row is accepted and nothing is known beyond that.
fate = Table(
    "fate",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    Column("claimed_centihours", Integer, nullable=False),
    Column("credited_centihours", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("rule_ids", ARRAY(Text), nullable=False),
    Column("rulebook", Text, nullable=False),
    # That of the record's registration; empty where it is the same, and until it is told.
    Column("registered_rulebook", Text, nullable=False, server_default=""),
    Column("authority", Text, nullable=False),
    # What an officer gave as reason for a return or a withdrawn stamp.
    Column("reason", Text, nullable=False),
)
Index("fate_platform_position_idx", fate.c.platform, fate.c.position, unique=True)

# Where rules stand in their notices, in the words of the versions of the rulebook by which there are decisions.
rule_clause = Table(
    "rule_clause",
    metadata,
    Column("rulebook", Text, primary_key=True),
    Column("rule_id", Text, primary_key=True),
    Column("clause", Text, nullable=False),
)

# The last position of each platform's feed. Its row's lock is held to the commit, so positions commit in order; it
# also puts a platform's corrections and voids in line.
feed_head = Table(
    "feed_head",
    metadata,
    Column("platform", Text, ForeignKey("platform.id"), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

# How many records each platform sent in each minute, over all instances. Unlogged: it may be lost in a crash.
record_minute = Table(
    "record_minute",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("minute", DateTime(timezone=True), primary_key=True),
    Column("records", Integer, nullable=False),
    CheckConstraint("records > 0", name="counts_something"),
    prefixes=["UNLOGGED"],
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    # The platform that the act was about.
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
)
Index("audit_subject_idx", audit.c.subject, audit.c.id)
