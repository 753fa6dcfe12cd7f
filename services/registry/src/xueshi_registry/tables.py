"""The registry's tables, beside the plumbing that every service has.

`ledger`, `audit` and `rulebook_version` are append-only: the runtime role has no right to change or delete their rows.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from xueshi_kit.tables import metadata_with_plumbing

metadata = metadata_with_plumbing()

# `changed_at` of what judges records: since when it has stood as it does. The older state is not kept; a question about
# a day before is refused. `entered_at` 'epoch': at an unknown time.

employer = Table(
    "employer",
    metadata,
    Column("uscc", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("industry", SmallInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

person = Table(
    "person",
    metadata,
    Column("person_key", Uuid, primary_key=True),
    Column("identity", LargeBinary, nullable=False),
    Column("name_digest", LargeBinary, nullable=False),
    # Masked name and masked number, as officers see them.
    Column("label", Text, nullable=False),
    Column("claimed", Boolean, nullable=False),
    # "provisional" (the first record's), "disputed" (a second name came: everything waits), "confirmed".
    Column("name_state", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

employment = Table(
    "employment",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("person_key", Uuid, nullable=False),
    Column("employer", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date),
    Column("main", Boolean, nullable=False, server_default=text("true")),
    # Which requirement applies, as far as the employer's industry does not say it; empty: not known.
    Column("occupation", Text, nullable=False, server_default=""),
    Column("institution_level", Text, nullable=False, server_default=""),
    # First day of the cycle in which hours add up, where the occupation has cycles.
    Column("cycle_from", Date),
    Column("entered_at", DateTime(timezone=True), nullable=False, server_default=text("'epoch'")),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("person_key", "employer", "from_on"),
    CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_start"),
)
Index("employment_employer_idx", employment.c.employer)

platform = Table(
    "platform",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("base_level", Text, nullable=False),
    Column("base_region", Text, nullable=False),
    Column("scopes", JSONB, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False, server_default=text("'epoch'")),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

# Numbers record versions and the places that they take in the ledger's order.
order_seq = Sequence("order_seq", metadata=metadata)

record = Table(
    "record",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("platform", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("person_key", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    # Place in the ledger's order: given when hours are first entered, kept by corrections, lost while held.
    Column("place", BigInteger),
    Column("name_digest", LargeBinary, nullable=False),
    # Kept only where the record gives another name than the person's.
    Column("identity", LargeBinary),
    Column("employer", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("learning_form", Text, nullable=False),
    Column("course_id", Text, nullable=False),
    Column("course_title", Text, nullable=False),
    Column("industry", SmallInteger, nullable=False),
    Column("major", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("is_range", Boolean, nullable=False),
    Column("centihours", Integer, nullable=False),
    Column("passed", Boolean, nullable=False),
    # For which credit year the hours are to count; empty: that of the learning.
    Column("credit_year", Text, nullable=False, server_default=""),
    Column("score", Text, nullable=False),
    Column("completed_at", DateTime(timezone=True), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("days", ARRAY(Date), nullable=False),
    Column("claimed", ARRAY(Integer), nullable=False),
    # What each day is credited now; the ledger's sum, kept beside the record for the next settlement.
    Column("credited", ARRAY(Integer), nullable=False),
    Column("cap_exempt", Boolean, nullable=False, server_default=text("false")),
    Column("jurisdiction", Text, nullable=False, server_default=""),
    Column("region", Text, nullable=False, server_default=""),
    Column("registered_by", Text, nullable=False, server_default=""),
    Column("rule_ids", ARRAY(Text), nullable=False, server_default="{}"),
    Column("rulebook", Text, nullable=False, server_default=""),
    Column("authority", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("accepted_position", BigInteger, nullable=False),
    # Position of the change that told the present registration; 0 before the first.
    Column("registered_position", BigInteger, nullable=False, server_default=text("0")),
    Column("superseded_position", BigInteger),
    UniqueConstraint("platform", "record_id", "version"),
)
Index("record_person_days_idx", record.c.person_key, record.c.last_on)
# Of the held ones: its condition must not name the state, or no row could be stamped in place.
Index("record_unplaced_idx", record.c.id, postgresql_where=text("place IS NULL"))

ledger = Table(
    "ledger",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("person_key", Uuid, nullable=False),
    Column("platform", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("period", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    # "registered" or "stamped".
    Column("account", Text, nullable=False),
    Column("days", ARRAY(Date), nullable=False),
    # Signed, one for each day.
    Column("deltas", ARRAY(Integer), nullable=False),
    # Signed sum of the deltas.
    Column("centihours", Integer, nullable=False),
    # Why the entry stands here: accepted, corrected, voided, held, released, stamped, returned, revoked, exempted, cap.
    Column("cause", Text, nullable=False),
    # With "cap": the records (platform/id/version) whose change freed or took the hours.
    Column("caused_by", Text, nullable=False, server_default=""),
    # The officer or administrator behind it; empty where a rule alone decided.
    Column("actor", Text, nullable=False),
    Column("rule_ids", ARRAY(Text), nullable=False),
    Column("rulebook", Text, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    # Whose rules gave the hours; empty in entries from before it was kept.
    Column("jurisdiction", Text, nullable=False, server_default=""),
)
Index("ledger_person_period_idx", ledger.c.person_key, ledger.c.period)

transcript = Table(
    "transcript",
    metadata,
    Column("person_key", Uuid, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("jurisdiction", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("registered", ARRAY(Integer), nullable=False),
    Column("stamped", ARRAY(Integer), nullable=False),
    Column("verdict", Text, nullable=False),
    # Content hash of the rulebook by which the verdict was derived.
    Column("rulebook", Text, nullable=False, server_default=""),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

# Every version of the rulebook that judged a record here. Append-only.
rulebook_version = Table(
    "rulebook_version",
    metadata,
    # SHA-256 of the canonical text.
    Column("hash", Text, primary_key=True),
    Column("canonical", Text, nullable=False),
    Column("first_used_at", DateTime(timezone=True), nullable=False),
)

# Names of authorities, as their decisions give them.
authority = Table(
    "authority",
    metadata,
    Column("authority", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

# What to judge anew, a bounded number at a time, since what judges it has changed: held records, or transcripts.
release = Table(
    "release",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    # Which held records: those of a platform, of an employer, or those judged by another rulebook than this.
    Column("platform", Text),
    Column("employer", Text),
    Column("rulebook", Text),
    # Set: not held records, but the transcripts of the people of the employer.
    Column("transcripts", Boolean, nullable=False, server_default=text("false")),
    # The last record, or employment, that was judged for it.
    Column("after", BigInteger, nullable=False, server_default=text("0")),
    Column("actor", Text, nullable=False, server_default=""),
    Column("requested_at", DateTime(timezone=True), nullable=False),
)

feed_head = Table(
    "feed_head",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
)
