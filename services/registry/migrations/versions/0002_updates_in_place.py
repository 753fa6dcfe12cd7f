"""A stamp changes a record's row and none of its indexes, so that the row is updated in place."""

from xueshi_kit.migrations import execute

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# An index whose condition names the state would take every row anew that changes it. What is held has no place in
# the ledger's order, and few others have none. Half of each new page is left for the rows as they will be stamped.
_TABLES = """
DROP INDEX record_held_idx;
CREATE INDEX record_unplaced_idx ON record (id) WHERE place IS NULL;
ALTER TABLE record SET (fillfactor = 55);
ALTER TABLE transcript SET (fillfactor = 70);
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
