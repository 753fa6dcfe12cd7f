"""Proofs, their status and holders, the newest transcripts, and the plumbing."""

from alembic import op
from sqlalchemy import text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_PLUMBING = """
CREATE TABLE outbox (
    id bigserial CONSTRAINT outbox_pkey PRIMARY KEY,
    bucket smallint NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    payload bytea,
    traceparent text NOT NULL DEFAULT '',
    occurred_at timestamptz NOT NULL,
    published_at timestamptz
);
CREATE INDEX outbox_unpublished_idx ON outbox (bucket, id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_idx ON outbox (published_at) WHERE published_at IS NOT NULL;
CREATE TABLE relay_lease (
    bucket smallint CONSTRAINT relay_lease_pkey PRIMARY KEY,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE inbox (
    consumer text,
    event_id uuid,
    handled_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT inbox_pkey PRIMARY KEY (consumer, event_id)
);
CREATE TABLE parked (
    id bigserial CONSTRAINT parked_pkey PRIMARY KEY,
    consumer text NOT NULL,
    key text NOT NULL,
    event_id uuid NOT NULL,
    payload bytea NOT NULL,
    traceparent text NOT NULL DEFAULT '',
    error text NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    parked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX parked_consumer_key_idx ON parked (consumer, key, id);
"""

_PROOFS = """
CREATE TABLE proof (
    number text COLLATE "C" CONSTRAINT proof_pkey PRIMARY KEY,
    tag text NOT NULL CONSTRAINT proof_tag_key UNIQUE,
    person_key uuid NOT NULL,
    period text NOT NULL,
    basis text NOT NULL,
    issued_by text NOT NULL,
    transcript_revision bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    content jsonb NOT NULL
);
CREATE INDEX proof_person_key_period_idx ON proof (person_key, period);
CREATE TABLE proof_holder (
    number text COLLATE "C" CONSTRAINT proof_holder_pkey PRIMARY KEY
        CONSTRAINT proof_holder_number_fkey REFERENCES proof (number),
    identity bytea NOT NULL
);
CREATE TABLE proof_status (
    number text COLLATE "C" CONSTRAINT proof_status_number_fkey REFERENCES proof (number),
    position smallint,
    status text NOT NULL,
    reason text NOT NULL DEFAULT '',
    causes text[] NOT NULL DEFAULT '{}',
    transcript_revision bigint NOT NULL,
    successor text COLLATE "C" CONSTRAINT proof_status_successor_fkey REFERENCES proof (number),
    changed_at timestamptz NOT NULL,
    CONSTRAINT proof_status_pkey PRIMARY KEY (number, position),
    CONSTRAINT proof_status_position_check CHECK ((position = 1) = (status = 'valid') AND position IN (1, 2))
);
CREATE TABLE transcript (
    person_key uuid,
    period text,
    revision bigint NOT NULL,
    identity bytea NOT NULL,
    content jsonb NOT NULL,
    proof_number text COLLATE "C" CONSTRAINT transcript_proof_number_fkey REFERENCES proof (number),
    taken_at timestamptz NOT NULL,
    CONSTRAINT transcript_pkey PRIMARY KEY (person_key, period)
);
CREATE TABLE proof_sequence (
    letters text,
    year smallint,
    last bigint NOT NULL,
    CONSTRAINT proof_sequence_pkey PRIMARY KEY (letters, year)
);
"""

# What a proof says, and what was said of it, is never rewritten; no row of the others but plumbing's is deleted.
_RIGHTS = """
DO $$
DECLARE
    app text := current_database() || '_app';
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON proof, proof_status FROM %I', app);
        EXECUTE format('REVOKE DELETE, TRUNCATE ON proof_holder, transcript, proof_sequence FROM %I', app);
    END IF;
END $$;
"""


def upgrade() -> None:
    for statements in (_PLUMBING, _PROOFS):
        for statement in filter(str.strip, statements.split(";\n")):
            op.execute(text(statement))
    op.execute(text(_RIGHTS))


def downgrade() -> None:
    # Issued proofs are not taken back by a change of software; a faulty version is followed by a mending one.
    raise NotImplementedError
