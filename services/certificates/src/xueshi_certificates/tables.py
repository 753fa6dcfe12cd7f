"""The tables of certificates, beside the plumbing that every service has.

`proof` and `proof_status` are append-only: the runtime role may neither change nor delete their rows. What may change
stands elsewhere: the sealed holder (re-encrypted when keys rotate), the newest transcript, the sequence of numbers.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from xueshi_kit.tables import metadata_with_plumbing

metadata = metadata_with_plumbing()

APPEND_ONLY = ("proof", "proof_status")

proof = Table(
    "proof",
    metadata,
    # Compared by bytes, so that the order of numbers is that of letters, year and sequence.
    Column("number", Text(collation="C"), primary_key=True),
    Column("tag", Text, nullable=False),
    Column("person_key", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("basis", Text, nullable=False),
    # Who asked for it; empty where nobody did.
    Column("issued_by", Text, nullable=False),
    Column("transcript_revision", BigInteger, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("content", JSONB, nullable=False),
    UniqueConstraint("tag"),
)
Index("proof_person_key_period_idx", proof.c.person_key, proof.c.period)

proof_holder = Table(
    "proof_holder",
    metadata,
    Column("number", Text(collation="C"), ForeignKey("proof.number"), primary_key=True),
    # Sealed; the context is the person key.
    Column("identity", LargeBinary, nullable=False),
)

proof_status = Table(
    "proof_status",
    metadata,
    Column("number", Text(collation="C"), ForeignKey("proof.number"), primary_key=True),
    # A proof is valid (1) and may end once (2).
    Column("position", SmallInteger, primary_key=True),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    # The records whose hours went, as "platform/record id".
    Column("causes", ARRAY(Text), nullable=False, server_default="{}"),
    Column("transcript_revision", BigInteger, nullable=False),
    Column("successor", Text(collation="C"), ForeignKey("proof.number")),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("(position = 1) = (status = 'valid') AND position IN (1, 2)", name="position"),
)

transcript = Table(
    "transcript",
    metadata,
    Column("person_key", Uuid, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    # Sealed; the context is the person key.
    Column("identity", LargeBinary, nullable=False),
    # What the registry told, as `TranscriptChanged` without the identity.
    Column("encoded", LargeBinary, nullable=False),
    # The newest proof, valid or not.
    Column("proof_number", Text(collation="C"), ForeignKey("proof.number")),
    Column("taken_at", DateTime(timezone=True), nullable=False),
)

proof_sequence = Table(
    "proof_sequence",
    metadata,
    Column("letters", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    # The last number given; locked until its transaction ends, so that a roll-back leaves no gap.
    Column("last", BigInteger, nullable=False),
)
