"""Subjects, what stands for each of their periods, and the head of the feed."""

from xueshi_kit.migrations import create_plumbing, execute, revoke

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE subject (
    person_key uuid CONSTRAINT subject_pkey PRIMARY KEY,
    subject_ref text NOT NULL,
    key_id text NOT NULL,
    CONSTRAINT subject_subject_ref_key UNIQUE (subject_ref)
);
CREATE TABLE standing (
    person_key uuid,
    period text,
    transcript jsonb,
    transcript_revision bigint NOT NULL DEFAULT 0,
    proof_number text,
    proof_status text,
    proof_transcript_revision bigint,
    revision bigint NOT NULL DEFAULT 0,
    changed_at timestamptz,
    position bigint,
    waiting_since timestamptz,
    taken_revision bigint NOT NULL DEFAULT 0,
    refused_revision bigint NOT NULL DEFAULT 0,
    refused_reason text NOT NULL DEFAULT '',
    acknowledged_at timestamptz,
    CONSTRAINT standing_pkey PRIMARY KEY (person_key, period),
    CONSTRAINT standing_position_key UNIQUE (position)
);
CREATE INDEX standing_waiting_idx ON standing (waiting_since, position) WHERE waiting_since IS NOT NULL;
CREATE TABLE feed_head (
    feed text CONSTRAINT feed_head_pkey PRIMARY KEY,
    position bigint NOT NULL
);
INSERT INTO feed_head (feed, position) VALUES ('verified-hours', 0);
"""


def upgrade() -> None:
    create_plumbing()
    execute(_TABLES)
    revoke("DELETE, TRUNCATE", "subject", "standing", "feed_head")
    revoke("UPDATE", "subject")


def downgrade() -> None:
    # A receiver counts on revisions that only rise; a faulty version is followed by a mending one.
    raise NotImplementedError
