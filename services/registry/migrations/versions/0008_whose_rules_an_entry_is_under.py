"""A ledger entry names the jurisdiction whose rules gave its hours: a record that is judged anew may get another."""

from xueshi_kit.migrations import execute

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Empty in entries from before.
_TABLES = """
ALTER TABLE ledger ADD COLUMN jurisdiction TEXT DEFAULT '' NOT NULL;
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
