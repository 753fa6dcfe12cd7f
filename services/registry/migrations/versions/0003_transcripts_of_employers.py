"""A change of an employer reaches the transcripts that its region and industry judge."""

from xueshi_kit.migrations import execute

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = """
ALTER TABLE release ADD COLUMN transcripts BOOLEAN DEFAULT false NOT NULL;
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
