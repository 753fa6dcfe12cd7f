"""Alembic's entry for the title-review database."""

from xueshi_kit.migrations import run
from xueshi_title_review.tables import metadata

run(metadata)
