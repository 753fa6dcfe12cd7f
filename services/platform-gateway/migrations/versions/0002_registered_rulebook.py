"""What became of a record also says which rulebook judged it."""

from xueshi_kit.migrations import execute

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = """
ALTER TABLE fate ADD COLUMN registered_rulebook text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
