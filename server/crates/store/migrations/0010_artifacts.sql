CREATE TABLE artifact (
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT,
    id UUID NOT NULL,
    key TEXT,
    artifact_type TEXT,
    description TEXT,
    data TEXT,
    metadata_ TEXT,
    flow_run_id UUID,
    task_run_id UUID,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX artifact_of_key ON artifact (workspace_id, key, created DESC, id DESC) WHERE key IS NOT NULL;
CREATE INDEX artifact_of_flow_run ON artifact (workspace_id, flow_run_id) WHERE flow_run_id IS NOT NULL;
CREATE INDEX artifact_of_task_run ON artifact (workspace_id, task_run_id) WHERE task_run_id IS NOT NULL;

-- The newest artifact of each key, with the columns of it that filters use.
CREATE TABLE artifact_collection (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    key TEXT NOT NULL,
    latest_id UUID NOT NULL,
    artifact_type TEXT,
    flow_run_id UUID,
    task_run_id UUID,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, key),
    FOREIGN KEY (workspace_id, latest_id) REFERENCES artifact (workspace_id, id) ON DELETE RESTRICT
);
CREATE INDEX artifact_collection_of_latest ON artifact_collection (workspace_id, latest_id);
