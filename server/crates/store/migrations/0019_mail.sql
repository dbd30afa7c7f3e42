-- Mail that waits to be sent: `next_attempt` says when it is tried next, and so also until when a server has claimed it. Once it has been
-- sent or given up, `next_attempt` is NULL, and the row counts for an hour against the limit of its recipient.
CREATE TABLE mail (
    id UUID PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    person_id UUID REFERENCES person (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    requested BOOLEAN NOT NULL,
    created BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt BIGINT,
    last_error TEXT
);
CREATE INDEX mail_due ON mail (next_attempt, id) WHERE next_attempt IS NOT NULL;
CREATE INDEX mail_done ON mail (created) WHERE next_attempt IS NULL;
CREATE INDEX mail_of_recipient ON mail (recipient, created);
CREATE INDEX mail_of_person ON mail (person_id);

-- The tokens in the links of mails. A person has one of each purpose, so that a new one voids the old one.
CREATE TABLE mail_token (
    token_hash TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('verify', 'change', 'reset')),
    person_id UUID NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    UNIQUE (person_id, purpose)
);
CREATE INDEX mail_token_by_expiry ON mail_token (expires);
