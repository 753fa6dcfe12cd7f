"""Alembic's entry for the registry's database."""

from xueshi_kit.migrations import run
from xueshi_registry.tables import metadata

run(metadata)
