"""Clients and the record of their changes, signing keys, spent assertions, and the plumbing."""

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

# Who changed what of a client is never rewritten, and a client is disabled, not deleted.
_RIGHTS = """
DO $$
DECLARE
    app text := current_database() || '_app';
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON client_change FROM %I', app);
        EXECUTE format('REVOKE DELETE, TRUNCATE ON client FROM %I', app);
        EXECUTE format('REVOKE UPDATE, TRUNCATE ON spent_assertion FROM %I', app);
    END IF;
END $$;
"""


def upgrade() -> None:
    for statements in (_PLUMBING, _TABLES):
        for statement in filter(str.strip, statements.split(";\n")):
            op.execute(text(statement))
    op.execute(text(_RIGHTS))


def downgrade() -> None:
    # Clients and keys are not taken back by a change of software; a faulty version is followed by a mending one.
    raise NotImplementedError
