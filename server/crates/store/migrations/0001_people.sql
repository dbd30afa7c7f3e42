-- People and what they own. Times are microseconds since 1970; hashes are SHA-256 in hexadecimal.

CREATE TABLE person (
    id UUID PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

-- A way in: a password now (subject = the email address), a provider's account later (subject = the provider's).
CREATE TABLE identity (
    id UUID PRIMARY KEY NOT NULL,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    secret TEXT,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    UNIQUE (provider, subject)
);
CREATE INDEX identity_of_person ON identity (person_id);

CREATE TABLE session (
    id_hash TEXT PRIMARY KEY NOT NULL,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    data TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    address TEXT
);
CREATE INDEX session_of_person ON session (person_id);
CREATE INDEX session_by_expiry ON session (expires);

-- Handles of people and organisations share one namespace.
CREATE TABLE account (
    id UUID PRIMARY KEY NOT NULL,
    handle TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('personal', 'organisation')),
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE account_member (
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (account_id, person_id)
);
CREATE INDEX account_member_by_person ON account_member (person_id);

-- `deleted` hides a workspace at once; a loop removes what is in it.
CREATE TABLE workspace (
    id UUID PRIMARY KEY NOT NULL,
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE RESTRICT,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    deleted BIGINT
);
CREATE UNIQUE INDEX workspace_handle ON workspace (account_id, handle) WHERE deleted IS NULL;
CREATE INDEX workspace_deleted ON workspace (deleted) WHERE deleted IS NOT NULL;

CREATE TABLE workspace_member (
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, person_id)
);
CREATE INDEX workspace_member_by_person ON workspace_member (person_id);

CREATE TABLE favourite (
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
    created BIGINT NOT NULL,
    PRIMARY KEY (person_id, workspace_id)
);
CREATE INDEX favourite_of_workspace ON favourite (workspace_id);

CREATE TABLE api_key (
    id UUID PRIMARY KEY NOT NULL,
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    last_four TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    last_used BIGINT
);
CREATE INDEX api_key_of_person ON api_key (person_id, created);

-- Who did what. Entries outlive what they tell of, so nothing here refers to another table.
CREATE TABLE audit (
    id UUID PRIMARY KEY NOT NULL,
    account_id UUID,
    workspace_id UUID,
    person_id UUID,
    api_key_id UUID,
    event TEXT NOT NULL,
    object TEXT,
    address TEXT,
    occurred BIGINT NOT NULL
);
CREATE INDEX audit_of_account ON audit (account_id, occurred);
