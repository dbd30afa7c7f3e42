CREATE TABLE variable (
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    tags TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name)
);

CREATE TABLE variable_tag (
    workspace_id UUID NOT NULL,
    variable_id UUID NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (workspace_id, tag, variable_id),
    FOREIGN KEY (workspace_id, variable_id) REFERENCES variable (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX variable_tag_of_variable ON variable_tag (workspace_id, variable_id);

-- What created a run. Filters use these columns, and clients get the JSON in `created_by`.
ALTER TABLE flow_run ADD COLUMN created_by_id UUID;
ALTER TABLE flow_run ADD COLUMN created_by_type TEXT;
