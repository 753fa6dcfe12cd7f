"""Verification's tables, beside the plumbing that every service has.

`decision`, `rule_clause` and `admin_log` are append-only: the runtime role has no right to change or delete their rows.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from xueshi_kit.tables import metadata_with_plumbing

metadata = metadata_with_plumbing()

authority = Table(
    "authority",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("level", Text, nullable=False),
    # Numbers of S0 附件5; empty for HRSS.
    Column("industries", ARRAY(SmallInteger), nullable=False),
    # FJ-08's "for now unable".
    Column("unable", Boolean, nullable=False, server_default=text("false")),
    Column("closed_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind IN ('hrss', 'industry')", name="kind"),
    CheckConstraint("level IN ('province', 'city', 'county')", name="level"),
    CheckConstraint("NOT (unable AND kind = 'hrss')", name="unable_is_industry"),
)
Index("authority_region_idx", authority.c.region)

officer_grant = Table(
    "officer_grant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("officer", Text, nullable=False),
    Column("officer_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("authority_id", Text, ForeignKey("authority.id"), nullable=False),
    Column("region", Text, nullable=False),
    Column("level", Text, nullable=False),
    # 0: every industry.
    Column("industry", SmallInteger, nullable=False),
    # The officer's own key, so that nobody decides on a record of their own.
    Column("person_key", Uuid),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("granted_by", Text, nullable=False),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    CheckConstraint("role IN ('reviewer', 'administrator')", name="role"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_start"),
)
Index("officer_grant_officer_idx", officer_grant.c.officer)
Index("officer_grant_authority_idx", officer_grant.c.authority_id)

item = Table(
    "item",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("person_key", Uuid, primary_key=True),
    # The newest version, which alone can be decided.
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("authority_id", Text),
    Column("jurisdiction", Text, nullable=False),
    Column("region", Text, nullable=False),
    # The region and every area around it, for grants over wider areas.
    Column("areas", ARRAY(Text), nullable=False),
    Column("industry", SmallInteger, nullable=False),
    Column("employer", Text, nullable=False),
    Column("employer_name", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("learning_form", Text, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("course_title", Text, nullable=False),
    Column("major", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("score", Text, nullable=False),
    Column("person_label", Text, nullable=False),
    # Content hash of the rulebook that judged the record; empty where an older registry told it.
    Column("registered_rulebook", Text, nullable=False, server_default=""),
    Column("claimed_centihours", Integer, nullable=False),
    Column("credited_centihours", Integer, nullable=False),
    Column("rule_ids", ARRAY(Text), nullable=False),
    Column("fallback", Boolean, nullable=False),
    # The rulebook's code for why it has no authority; empty where it has one, or needs none (SG-03).
    Column("code", Text, nullable=False, server_default=""),
    # Place in the order of arrival in queues, 0 for what never entered one; given anew when the item moves.
    Column("position", BigInteger, nullable=False),
    # Where the registry's feed registered this version, last: the registration that a decision is about.
    Column("registration_position", BigInteger, nullable=False),
    Column("waiting_since", DateTime(timezone=True), nullable=False),
    Column("claimed_by", Text),
    Column("claimed_until", DateTime(timezone=True)),
    CheckConstraint("(state = 'waiting') <= (authority_id IS NOT NULL)", name="waits_somewhere"),
)
Index("item_queue_idx", item.c.authority_id, item.c.position, postgresql_where=text("state = 'waiting'"))
Index("item_unrouted_idx", item.c.position, postgresql_where=text("state = 'unrouted'"))

decision = Table(
    "decision",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("platform", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("person_key", Uuid, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("authority_id", Text, nullable=False),
    # As it was called on that day.
    Column("authority_name", Text, nullable=False),
    # Null where the stamp was automatic (FJ-09).
    Column("officer", Text),
    Column("reason_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule_ids", ARRAY(Text), nullable=False),
    Column("rulebook", Text, nullable=False),
    # That of the record's registration, where it is another.
    Column("registered_rulebook", Text, nullable=False, server_default=""),
    Column("registration_position", BigInteger, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("outcome IN ('stamped', 'returned', 'revoked')", name="outcome"),
    CheckConstraint("outcome = 'stamped' OR (officer IS NOT NULL AND reason <> '')", name="has_reason"),
)
Index("decision_record_idx", decision.c.platform, decision.c.record_id, decision.c.id)
Index("decision_officer_idx", decision.c.officer, decision.c.id, postgresql_where=text("officer IS NOT NULL"))

# Where rules stand in their notices, in the words of the versions of the rulebook by which there are decisions.
rule_clause = Table(
    "rule_clause",
    metadata,
    Column("rulebook", Text, primary_key=True),
    Column("rule_id", Text, primary_key=True),
    Column("clause", Text, nullable=False),
)

admin_log = Table(
    "admin_log",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    # "operator" or "officer".
    Column("actor_kind", Text, nullable=False),
    Column("authority_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
)
Index("admin_log_authority_idx", admin_log.c.authority_id, admin_log.c.id)

feed_head = Table(
    "feed_head",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
"""Rows "queue" (positions of items) and "authorities" (revision of who stands where), each locked by its writers."""
