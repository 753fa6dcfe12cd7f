"""A transcript says by which version of the rulebook it was derived, so that it can be computed again."""

from xueshi_kit.migrations import execute

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# What stands already was derived when the last hours of its period were entered.
_TABLES = """
ALTER TABLE transcript ADD COLUMN rulebook TEXT DEFAULT '' NOT NULL;
UPDATE transcript t SET rulebook = COALESCE(
    (
        SELECT l.rulebook FROM ledger l WHERE l.person_key = t.person_key AND l.period = t.period
        ORDER BY l.id DESC LIMIT 1
    ),
    ''
);
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
