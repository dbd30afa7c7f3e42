-- What people choose for themselves. The two names are NULL until the person has edited them; `person.name` has both. `chosen_zone` is the
-- name of a time zone, NULL for that of each browser. `theme` is NULL until the person has chosen one.
ALTER TABLE person ADD COLUMN first_name TEXT;
ALTER TABLE person ADD COLUMN last_name TEXT;
ALTER TABLE person ADD COLUMN theme TEXT;
ALTER TABLE person ADD COLUMN palette TEXT NOT NULL DEFAULT 'standard';
ALTER TABLE person ADD COLUMN density TEXT NOT NULL DEFAULT 'comfortable';
ALTER TABLE person ADD COLUMN chosen_zone TEXT;

-- The handle that an account had before. Until it expires, it still names the account and no other account can take it.
CREATE TABLE old_handle (
    handle TEXT PRIMARY KEY NOT NULL,
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    expires BIGINT NOT NULL
);
CREATE INDEX old_handle_of_account ON old_handle (account_id, expires);

-- The account of a person who was deleted. Its row is deleted after those of its workspaces.
ALTER TABLE account ADD COLUMN deleted BIGINT;
CREATE INDEX account_deleted ON account (deleted) WHERE deleted IS NOT NULL;
CREATE INDEX workspace_of_account ON workspace (account_id);
