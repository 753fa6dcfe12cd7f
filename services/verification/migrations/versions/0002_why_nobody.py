"""Why an item has no authority: nobody is entered, or its employer has to recognise it."""

from xueshi_kit.migrations import execute

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The default lets a process of before this version go on writing.
_CODE = """
ALTER TABLE item ADD COLUMN code text NOT NULL DEFAULT '';
UPDATE item SET code = 'NO_AUTHORITY' WHERE state = 'unrouted';
"""


def upgrade() -> None:
    execute(_CODE)


def downgrade() -> None:
    # As before: a faulty version is followed by a mending one.
    raise NotImplementedError
