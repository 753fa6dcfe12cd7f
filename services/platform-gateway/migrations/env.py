"""Alembic's entry for the gateway's database."""

from xueshi_gateway.tables import metadata
from xueshi_kit.migrations import run

run(metadata)
