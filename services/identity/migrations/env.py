"""Alembic's entry for the identity service's database."""

from xueshi_identity.tables import metadata
from xueshi_kit.migrations import run

run(metadata)
