"""Alembic's entry for the certificates' database."""

from xueshi_certificates.tables import metadata
from xueshi_kit.migrations import run

run(metadata)
