"""Authorities, grants, items, decisions, and the plumbing."""

from xueshi_kit.migrations import append_only, create_plumbing, execute, revoke

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_AUTHORITIES = """
CREATE TABLE authority (
    id text CONSTRAINT authority_pkey PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL CONSTRAINT authority_kind_check CHECK (kind IN ('hrss', 'industry')),
    region text NOT NULL,
    level text NOT NULL CONSTRAINT authority_level_check CHECK (level IN ('province', 'city', 'county')),
    industries smallint[] NOT NULL,
    unable boolean NOT NULL DEFAULT false,
    closed_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT authority_unable_is_industry_check CHECK (NOT (unable AND kind = 'hrss'))
);
CREATE INDEX authority_region_idx ON authority (region);
CREATE TABLE officer_grant (
    id uuid CONSTRAINT officer_grant_pkey PRIMARY KEY,
    officer text NOT NULL,
    officer_name text NOT NULL,
    role text NOT NULL CONSTRAINT officer_grant_role_check CHECK (role IN ('reviewer', 'administrator')),
    authority_id text NOT NULL CONSTRAINT officer_grant_authority_id_fkey REFERENCES authority (id),
    region text NOT NULL,
    level text NOT NULL,
    industry smallint NOT NULL,
    person_key uuid,
    valid_from date NOT NULL,
    valid_to date,
    granted_by text NOT NULL,
    granted_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT officer_grant_ends_after_start_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
);
CREATE INDEX officer_grant_officer_idx ON officer_grant (officer);
CREATE INDEX officer_grant_authority_idx ON officer_grant (authority_id);
CREATE TABLE admin_log (
    id bigserial CONSTRAINT admin_log_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_kind text NOT NULL,
    authority_id text NOT NULL,
    action text NOT NULL,
    detail jsonb NOT NULL
);
CREATE INDEX admin_log_authority_idx ON admin_log (authority_id, id);
"""

_QUEUES = """
CREATE TABLE item (
    platform text NOT NULL,
    record_id text NOT NULL,
    person_key uuid NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    authority_id text,
    jurisdiction text NOT NULL,
    region text NOT NULL,
    areas text[] NOT NULL,
    industry smallint NOT NULL,
    employer text NOT NULL,
    employer_name text NOT NULL,
    subject_kind text NOT NULL,
    learning_form text NOT NULL,
    registered_by text NOT NULL,
    course_title text NOT NULL,
    major text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    passed boolean NOT NULL,
    score text NOT NULL,
    person_label text NOT NULL,
    claimed_centihours integer NOT NULL,
    credited_centihours integer NOT NULL,
    rule_ids text[] NOT NULL,
    fallback boolean NOT NULL,
    position bigint NOT NULL,
    registration_position bigint NOT NULL,
    waiting_since timestamptz NOT NULL,
    claimed_by text,
    claimed_until timestamptz,
    CONSTRAINT item_pkey PRIMARY KEY (platform, record_id, person_key),
    CONSTRAINT item_waits_somewhere_check CHECK ((state = 'waiting') <= (authority_id IS NOT NULL))
);
CREATE INDEX item_queue_idx ON item (authority_id, position) WHERE state = 'waiting';
CREATE INDEX item_unrouted_idx ON item (position) WHERE state = 'unrouted';
CREATE TABLE decision (
    id bigserial CONSTRAINT decision_pkey PRIMARY KEY,
    platform text NOT NULL,
    record_id text NOT NULL,
    version integer NOT NULL,
    person_key uuid NOT NULL,
    outcome text NOT NULL CONSTRAINT decision_outcome_check CHECK (outcome IN ('stamped', 'returned', 'revoked')),
    authority_id text NOT NULL,
    authority_name text NOT NULL,
    officer text,
    reason_code text NOT NULL,
    reason text NOT NULL,
    rule_ids text[] NOT NULL,
    rulebook text NOT NULL,
    registration_position bigint NOT NULL,
    decided_at timestamptz NOT NULL,
    CONSTRAINT decision_has_reason_check CHECK (outcome = 'stamped' OR (officer IS NOT NULL AND reason <> ''))
);
CREATE INDEX decision_record_idx ON decision (platform, record_id, id);
CREATE INDEX decision_officer_idx ON decision (officer, id) WHERE officer IS NOT NULL;
CREATE TABLE feed_head (
    feed text CONSTRAINT feed_head_pkey PRIMARY KEY,
    position bigint NOT NULL
);
INSERT INTO feed_head (feed, position) VALUES ('queue', 0), ('authorities', 0);
"""


def upgrade() -> None:
    create_plumbing()
    execute(_AUTHORITIES)
    execute(_QUEUES)
    # What was decided, and who changed whose rights, stays as it was written.
    append_only("decision", "admin_log")
    revoke("DELETE, TRUNCATE", "authority", "officer_grant", "item", "feed_head")


def downgrade() -> None:
    # Decisions are not taken back by a change of software; a faulty version is followed by a mending one.
    raise NotImplementedError
