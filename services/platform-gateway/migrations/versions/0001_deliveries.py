"""Platforms with scopes and keys, deliveries with receipts, record versions, fates."""

from xueshi_kit.migrations import append_only, create_plumbing, execute, revoke

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Slices are mostly ciphertext: trying to compress them costs time and gains nothing.
_TABLES = """
ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE TABLE platform (
    id text CONSTRAINT platform_pkey PRIMARY KEY,
    name text NOT NULL,
    status text NOT NULL,
    base_level text NOT NULL,
    base_region text NOT NULL,
    records_per_minute integer,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE scope (
    id bigserial CONSTRAINT scope_pkey PRIMARY KEY,
    platform text NOT NULL CONSTRAINT scope_platform_fkey REFERENCES platform (id),
    subject_kind text NOT NULL,
    industry smallint NOT NULL,
    major text NOT NULL,
    confirmed_by text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX scope_standing_key ON scope (platform, subject_kind, industry, major) WHERE withdrawn_at IS NULL;
CREATE TABLE signing_key (
    platform text NOT NULL CONSTRAINT signing_key_platform_fkey REFERENCES platform (id),
    key_id text NOT NULL,
    version text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT signing_key_pkey PRIMARY KEY (platform, key_id)
);
CREATE TABLE delivery (
    id bigserial CONSTRAINT delivery_pkey PRIMARY KEY,
    platform text NOT NULL,
    webhook_id text NOT NULL,
    fingerprint bytea NOT NULL,
    accepted_at timestamptz NOT NULL,
    CONSTRAINT delivery_platform_webhook_id_key UNIQUE (platform, webhook_id)
);
CREATE TABLE receipt (
    delivery bigint CONSTRAINT receipt_pkey PRIMARY KEY,
    body bytea NOT NULL
);
CREATE TABLE hour_record (
    delivery bigint NOT NULL,
    person_key uuid NOT NULL,
    version integer NOT NULL,
    is_void boolean NOT NULL,
    platform text NOT NULL,
    record_id text NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT hour_record_pkey PRIMARY KEY (platform, record_id, version)
);
CREATE TABLE fate (
    platform text NOT NULL,
    record_id text NOT NULL,
    position bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL,
    claimed_centihours integer NOT NULL,
    credited_centihours integer NOT NULL,
    state text NOT NULL,
    code text NOT NULL,
    rule_ids text[] NOT NULL,
    rulebook text NOT NULL,
    authority text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT fate_pkey PRIMARY KEY (platform, record_id)
);
CREATE UNIQUE INDEX fate_platform_position_idx ON fate (platform, position);
CREATE TABLE feed_head (
    platform text CONSTRAINT feed_head_pkey PRIMARY KEY CONSTRAINT feed_head_platform_fkey REFERENCES platform (id),
    position bigint NOT NULL
);
CREATE UNLOGGED TABLE record_minute (
    platform text NOT NULL,
    minute timestamptz NOT NULL,
    records integer NOT NULL,
    CONSTRAINT record_minute_counts_something_check CHECK (records > 0),
    CONSTRAINT record_minute_pkey PRIMARY KEY (platform, minute)
);
CREATE TABLE audit (
    id bigserial CONSTRAINT audit_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL
);
CREATE INDEX audit_subject_idx ON audit (subject, id);
"""


def upgrade() -> None:
    create_plumbing()
    execute(_TABLES)
    append_only("delivery", "receipt", "hour_record", "audit")
    revoke("DELETE, TRUNCATE", "platform", "scope", "signing_key", "fate", "feed_head")


def downgrade() -> None:
    # What platforms were answered is not taken back by a change of software.
    raise NotImplementedError
