"""The rulebook's versions that records were registered by, whole."""

from xueshi_kit.migrations import append_only, execute

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE rulebook_version (
    hash TEXT NOT NULL,
    canonical TEXT NOT NULL,
    first_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT rulebook_version_pkey PRIMARY KEY (hash)
);
"""


def upgrade() -> None:
    execute(_TABLES)
    append_only("rulebook_version")


def downgrade() -> None:
    raise NotImplementedError
