"""What was counted, and the effects of its events."""

from xueshi_kit.migrations import append_only, create_plumbing, execute

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE counter (
    key text CONSTRAINT counter_pkey PRIMARY KEY,
    seq bigint NOT NULL
);
CREATE TABLE effect (
    id bigserial CONSTRAINT effect_pkey PRIMARY KEY,
    consumer text NOT NULL,
    key text NOT NULL,
    seq bigint NOT NULL
);
"""


def upgrade() -> None:
    create_plumbing()
    execute(_TABLES)
    append_only("effect")
