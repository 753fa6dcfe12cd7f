"""Where the rules of decisions stand in their notices, in the words of the rulebook that decided."""

from xueshi_kit.migrations import append_only, execute

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE rule_clause (
    rulebook text NOT NULL,
    rule_id text NOT NULL,
    clause text NOT NULL,
    CONSTRAINT rule_clause_pkey PRIMARY KEY (rulebook, rule_id)
);
"""


def upgrade() -> None:
    execute(_TABLES)
    append_only("rule_clause")


def downgrade() -> None:
    raise NotImplementedError
