-- The hash of the link with which the first person registers: one row at most.
CREATE TABLE setup (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    token_hash TEXT NOT NULL,
    created BIGINT NOT NULL
);
