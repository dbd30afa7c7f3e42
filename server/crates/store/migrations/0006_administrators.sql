-- Whether a person administers the server.
ALTER TABLE person ADD COLUMN is_admin BOOLEAN NOT NULL DEFAULT FALSE;
