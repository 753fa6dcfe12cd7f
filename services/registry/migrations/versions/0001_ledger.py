"""People, employers, platforms, records, the ledger and transcripts."""

from xueshi_kit.migrations import append_only, create_plumbing, execute, revoke

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE SEQUENCE order_seq;
CREATE TABLE audit (
    id BIGSERIAL NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail JSONB NOT NULL,
    CONSTRAINT audit_pkey PRIMARY KEY (id)
);
CREATE TABLE authority (
    authority TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT authority_pkey PRIMARY KEY (authority)
);
CREATE TABLE employer (
    uscc TEXT NOT NULL,
    name TEXT NOT NULL,
    region TEXT NOT NULL,
    industry SMALLINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT employer_pkey PRIMARY KEY (uscc)
);
CREATE TABLE employment (
    id BIGSERIAL NOT NULL,
    person_key UUID NOT NULL,
    employer TEXT NOT NULL,
    from_on DATE NOT NULL,
    to_on DATE,
    main BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT employment_pkey PRIMARY KEY (id),
    CONSTRAINT employment_person_key_employer_from_on_key UNIQUE (person_key, employer, from_on),
    CONSTRAINT employment_ends_after_start_check CHECK (to_on IS NULL OR to_on >= from_on)
);
CREATE INDEX employment_employer_idx ON employment (employer);
CREATE TABLE feed_head (
    feed TEXT NOT NULL,
    position BIGINT NOT NULL,
    CONSTRAINT feed_head_pkey PRIMARY KEY (feed)
);
CREATE TABLE ledger (
    id BIGSERIAL NOT NULL,
    person_key UUID NOT NULL,
    platform TEXT NOT NULL,
    record_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    period TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    account TEXT NOT NULL,
    days DATE[] NOT NULL,
    deltas INTEGER[] NOT NULL,
    centihours INTEGER NOT NULL,
    cause TEXT NOT NULL,
    caused_by TEXT DEFAULT '' NOT NULL,
    actor TEXT NOT NULL,
    rule_ids TEXT[] NOT NULL,
    rulebook TEXT NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT ledger_pkey PRIMARY KEY (id)
);
CREATE INDEX ledger_person_period_idx ON ledger (person_key, period);
CREATE TABLE person (
    person_key UUID NOT NULL,
    identity BYTEA NOT NULL,
    name_digest BYTEA NOT NULL,
    label TEXT NOT NULL,
    claimed BOOLEAN NOT NULL,
    name_state TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT person_pkey PRIMARY KEY (person_key)
);
CREATE TABLE platform (
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    base_level TEXT NOT NULL,
    base_region TEXT NOT NULL,
    scopes JSONB NOT NULL,
    revision BIGINT NOT NULL,
    CONSTRAINT platform_pkey PRIMARY KEY (platform)
);
CREATE TABLE record (
    id BIGINT NOT NULL,
    platform TEXT NOT NULL,
    record_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    person_key UUID NOT NULL,
    state TEXT NOT NULL,
    code TEXT DEFAULT '' NOT NULL,
    place BIGINT,
    name_digest BYTEA NOT NULL,
    identity BYTEA,
    employer TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    learning_form TEXT NOT NULL,
    course_id TEXT NOT NULL,
    course_title TEXT NOT NULL,
    industry SMALLINT NOT NULL,
    major TEXT NOT NULL,
    first_on DATE NOT NULL,
    last_on DATE NOT NULL,
    is_range BOOLEAN NOT NULL,
    centihours INTEGER NOT NULL,
    passed BOOLEAN NOT NULL,
    score TEXT NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    digest BYTEA NOT NULL,
    days DATE[] NOT NULL,
    claimed INTEGER[] NOT NULL,
    credited INTEGER[] NOT NULL,
    cap_exempt BOOLEAN DEFAULT false NOT NULL,
    jurisdiction TEXT DEFAULT '' NOT NULL,
    region TEXT DEFAULT '' NOT NULL,
    registered_by TEXT DEFAULT '' NOT NULL,
    rule_ids TEXT[] DEFAULT '{}' NOT NULL,
    rulebook TEXT DEFAULT '' NOT NULL,
    authority TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    accepted_position BIGINT NOT NULL,
    registered_position BIGINT DEFAULT 0 NOT NULL,
    superseded_position BIGINT,
    CONSTRAINT record_pkey PRIMARY KEY (id),
    CONSTRAINT record_platform_record_id_version_key UNIQUE (platform, record_id, version)
);
CREATE INDEX record_held_idx ON record (code, person_key) WHERE state = 'held';
CREATE INDEX record_person_days_idx ON record (person_key, last_on);
CREATE TABLE release (
    id BIGSERIAL NOT NULL,
    platform TEXT,
    employer TEXT,
    rulebook TEXT,
    after BIGINT DEFAULT 0 NOT NULL,
    actor TEXT DEFAULT '' NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT release_pkey PRIMARY KEY (id)
);
CREATE TABLE transcript (
    person_key UUID NOT NULL,
    period TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    revision BIGINT NOT NULL,
    kinds TEXT[] NOT NULL,
    registered INTEGER[] NOT NULL,
    stamped INTEGER[] NOT NULL,
    verdict TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT transcript_pkey PRIMARY KEY (person_key, period)
);
"""


def upgrade() -> None:
    create_plumbing()
    execute(_TABLES)
    append_only("ledger", "audit")
    revoke("DELETE, TRUNCATE", "record", "person", "transcript")


def downgrade() -> None:
    # A ledger is not taken back by a change of software; a faulty version is followed by a mending one.
    raise NotImplementedError
