"""The tables of the identity service, beside the plumbing's."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from xueshi_kit.tables import metadata_with_plumbing

metadata = metadata_with_plumbing()

client = Table(
    "client",
    metadata,
    Column("client_id", Text(collation="C"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("public_keys", JSONB, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("audiences", ARRAY(Text), nullable=False),
    Column("disabled_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind IN ('platform', 'officer', 'system', 'administrator', 'person')", name="kind"),
)

client_change = Table(
    "client_change",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("client_id", Text(collation="C"), ForeignKey("client.client_id"), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
)
Index("client_change_client_id_id_idx", client_change.c.client_id, client_change.c.id)

signing_key = Table(
    "signing_key",
    metadata,
    Column("key_id", Text(collation="C"), primary_key=True),
    Column("public_jwk", JSONB, nullable=False),
    Column("private_sealed", LargeBinary, nullable=False),
    Column("signs_from", DateTime(timezone=True), nullable=False),
)

spent_assertion = Table(
    "spent_assertion",
    metadata,
    Column("client_id", Text(collation="C"), primary_key=True),
    Column("jti", Text(collation="C"), primary_key=True),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)
Index("spent_assertion_expires_at_idx", spent_assertion.c.expires_at)
