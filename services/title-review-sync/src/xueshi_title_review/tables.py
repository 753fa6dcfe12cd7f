"""The tables of title-review-sync, beside the plumbing that every service has. No document number, no name."""

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, Table, Text, UniqueConstraint, Uuid, text

from xueshi_kit.tables import metadata_with_plumbing

metadata = metadata_with_plumbing()

# Which of the receiver's subjects a person is. Written once: another key makes another topic, not another row.
subject = Table(
    "subject",
    metadata,
    Column("person_key", Uuid, primary_key=True),
    Column("subject_ref", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    UniqueConstraint("subject_ref"),
)

# What stands for a person in a period: the newest transcript, the newest proof, what was told of them, and the answer.
standing = Table(
    "standing",
    metadata,
    Column("person_key", Uuid, primary_key=True),
    Column("period", Text, primary_key=True),
    # What is told of the newest transcript, as a part of `VerifiedHours`. NULL while only a proof has come.
    Column("hours", LargeBinary),
    Column("transcript_revision", BigInteger, nullable=False, server_default=text("0")),
    # NULL while there is no proof.
    Column("proof_number", Text),
    Column("proof_status", Text),
    Column("proof_transcript_revision", BigInteger),
    # What the receiver was told last; 0 while nothing was told.
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    Column("changed_at", DateTime(timezone=True)),
    Column("position", BigInteger),
    # Since when a revision waits to be taken; NULL while the newest one is taken.
    Column("waiting_since", DateTime(timezone=True)),
    Column("taken_revision", BigInteger, nullable=False, server_default=text("0")),
    Column("refused_revision", BigInteger, nullable=False, server_default=text("0")),
    Column("refused_reason", Text, nullable=False, server_default=""),
    Column("acknowledged_at", DateTime(timezone=True)),
    UniqueConstraint("position"),
)
Index(
    "standing_waiting_idx",
    standing.c.waiting_since,
    standing.c.position,
    postgresql_where=text("waiting_since IS NOT NULL"),
)

# The last position of the feed. Its row's lock is held to the commit, so positions commit in their order.
feed_head = Table(
    "feed_head",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
