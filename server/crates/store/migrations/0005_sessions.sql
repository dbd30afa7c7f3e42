-- A session has a person and nothing else.

ALTER TABLE session DROP COLUMN data;
