"""Alembic's entry for verification's database."""

from xueshi_kit.migrations import run
from xueshi_verification.tables import metadata

run(metadata)
