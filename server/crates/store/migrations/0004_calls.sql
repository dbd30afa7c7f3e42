-- When somebody last called the API without a key, which is the local person in local mode; noted at most once a minute, as with keys.
ALTER TABLE person ADD COLUMN last_call BIGINT;
