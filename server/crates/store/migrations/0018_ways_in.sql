-- The address that mail goes to, and since when it is verified. Several people may claim an address, until one of them verifies it.
ALTER TABLE person ADD COLUMN email TEXT;
ALTER TABLE person ADD COLUMN email_verified BIGINT;
UPDATE person SET email = (SELECT i.subject FROM identity i WHERE i.person_id = person.id AND i.provider = 'password');
CREATE UNIQUE INDEX person_verified_email ON person (email) WHERE email_verified IS NOT NULL;

-- The browser, how the person signed in (`password`, or the name of a provider), and when they last proved that it is them.
ALTER TABLE session ADD COLUMN user_agent TEXT;
ALTER TABLE session ADD COLUMN method TEXT NOT NULL DEFAULT 'password';
ALTER TABLE session ADD COLUMN proved BIGINT NOT NULL DEFAULT 0;
UPDATE session SET proved = created;

-- What a person sees of an account at a provider: its address or login there, and when it last signed them in.
ALTER TABLE identity ADD COLUMN label TEXT;
ALTER TABLE identity ADD COLUMN last_used BIGINT;

-- A browser that has been sent to a provider and is expected back once, within ten minutes.
CREATE TABLE provider_attempt (
    state_hash TEXT PRIMARY KEY NOT NULL,
    browser_hash TEXT NOT NULL,
    provider TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('sign_in', 'connect', 'prove')),
    person_id UUID REFERENCES person (id) ON DELETE CASCADE,
    destination TEXT,
    created BIGINT NOT NULL
);
CREATE INDEX provider_attempt_by_age ON provider_attempt (created);
CREATE INDEX provider_attempt_of_person ON provider_attempt (person_id);

-- An account that a provider has confirmed and that belongs to nobody yet: its holder is choosing a handle.
CREATE TABLE provider_registration (
    token_hash TEXT PRIMARY KEY NOT NULL,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    label TEXT,
    name TEXT,
    email TEXT,
    email_verified BOOLEAN NOT NULL,
    destination TEXT,
    created BIGINT NOT NULL
);
CREATE INDEX provider_registration_by_age ON provider_registration (created);
