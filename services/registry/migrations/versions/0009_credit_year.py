"""A record may name the credit year for which its hours are to count (SG-03)."""

from xueshi_kit.migrations import execute

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Empty: the year of the learning, as it was for all before.
_TABLES = """
ALTER TABLE record ADD COLUMN credit_year TEXT DEFAULT '' NOT NULL;
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
