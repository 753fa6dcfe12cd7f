"""The rulebook that judged a record stays with its item and with every decision on it."""

from xueshi_kit.migrations import execute

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = """
ALTER TABLE item ADD COLUMN registered_rulebook text NOT NULL DEFAULT '';
ALTER TABLE decision ADD COLUMN registered_rulebook text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
