"""Proofs, their status and holders, the newest transcripts, and the plumbing."""

from xueshi_kit.migrations import append_only, create_plumbing, execute, revoke

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

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


def upgrade() -> None:
    create_plumbing()
    execute(_PROOFS)
    # What a proof says, and what was said of it, is never rewritten; no row of the others is deleted.
    append_only("proof", "proof_status")
    revoke("DELETE, TRUNCATE", "proof_holder", "transcript", "proof_sequence")


def downgrade() -> None:
    # Issued proofs are not taken back by a change of software; a faulty version is followed by a mending one.
    raise NotImplementedError
