"""Clients and the record of their changes, signing keys, spent assertions, and the plumbing."""

from xueshi_kit.migrations import append_only, create_plumbing, execute, revoke

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE client (
    client_id text COLLATE "C" CONSTRAINT client_pkey PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    name_sealed bytea NOT NULL,
    public_keys jsonb NOT NULL,
    scopes text[] NOT NULL,
    audiences text[] NOT NULL,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT client_kind_check CHECK (kind IN ('platform', 'officer', 'system', 'administrator', 'person'))
);
CREATE TABLE client_change (
    id bigserial CONSTRAINT client_change_pkey PRIMARY KEY,
    client_id text COLLATE "C" NOT NULL CONSTRAINT client_change_client_id_fkey REFERENCES client (client_id),
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    changes jsonb NOT NULL
);
CREATE INDEX client_change_client_id_id_idx ON client_change (client_id, id);
CREATE TABLE signing_key (
    key_id text COLLATE "C" CONSTRAINT signing_key_pkey PRIMARY KEY,
    public_jwk jsonb NOT NULL,
    private_sealed bytea NOT NULL,
    signs_from timestamptz NOT NULL
);
CREATE TABLE spent_assertion (
    client_id text COLLATE "C",
    jti text COLLATE "C",
    expires_at timestamptz NOT NULL,
    CONSTRAINT spent_assertion_pkey PRIMARY KEY (client_id, jti)
);
CREATE INDEX spent_assertion_expires_at_idx ON spent_assertion (expires_at);
"""


def upgrade() -> None:
    create_plumbing()
    execute(_TABLES)
    append_only("client_change")
    revoke("DELETE, TRUNCATE", "client")
    revoke("UPDATE, TRUNCATE", "spent_assertion")


def downgrade() -> None:
    # Clients and keys are not taken back by a change of software; a faulty version is followed by a mending one.
    raise NotImplementedError
