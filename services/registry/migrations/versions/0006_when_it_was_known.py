"""Since when each thing that judges a record has been known as it stands, for questions about an earlier day."""

from xueshi_kit.migrations import execute

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What stands already was entered at an unknown time before, and may have been other until now. The defaults say the
# same of what a process of before this version goes on writing.
_TABLES = """
ALTER TABLE person ADD COLUMN changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
ALTER TABLE employer ADD COLUMN changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
ALTER TABLE employment
    ADD COLUMN entered_at TIMESTAMP WITH TIME ZONE DEFAULT 'epoch' NOT NULL,
    ADD COLUMN changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
ALTER TABLE platform
    ADD COLUMN entered_at TIMESTAMP WITH TIME ZONE DEFAULT 'epoch' NOT NULL,
    ADD COLUMN changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
"""


def upgrade() -> None:
    execute(_TABLES)


def downgrade() -> None:
    raise NotImplementedError
