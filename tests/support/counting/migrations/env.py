"""Alembic's entry for the counting service's database."""

from tests.support.counting.service import METADATA
from xueshi_kit.migrations import run

run(METADATA)
