"""What decides, beside the employer, which requirement applies to a person: it stands with the dated employment."""

from xueshi_kit.migrations import execute

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = """
ALTER TABLE employment
    ADD COLUMN occupation TEXT DEFAULT '' NOT NULL,
    ADD COLUMN institution_level TEXT DEFAULT '' NOT NULL,
    ADD COLUMN cycle_from DATE;
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
