-- The trigrams of names, by which a part of a name is found.
CREATE INDEX flow_run_name_part ON flow_run USING gin (lower(name) gin_trgm_ops);
CREATE INDEX task_run_name_part ON task_run USING gin (lower(name) gin_trgm_ops);
CREATE INDEX artifact_key_part ON artifact USING gin (lower(key) gin_trgm_ops);
