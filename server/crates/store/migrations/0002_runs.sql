-- Flows, their runs and what runs leave behind. JSON is opaque TEXT; what is filtered on has a column or a table of its own.
-- States, logs and events refer to nothing: clients may send them for runs that are not known (yet, or any more).

CREATE TABLE flow (
    workspace_id UUID NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id),
    UNIQUE (workspace_id, name)
);

CREATE TABLE flow_tag (
    workspace_id UUID NOT NULL,
    flow_id UUID NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (workspace_id, tag, flow_id),
    FOREIGN KEY (workspace_id, flow_id) REFERENCES flow (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX flow_tag_of_flow ON flow_tag (workspace_id, flow_id);

CREATE TABLE flow_run (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    flow_id UUID NOT NULL,
    flow_version TEXT,
    deployment_id UUID,
    deployment_version TEXT,
    work_queue_name TEXT,
    idempotency_key TEXT,
    parent_task_run_id UUID,
    parameters TEXT NOT NULL,
    context TEXT NOT NULL,
    empirical_policy TEXT NOT NULL,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    job_variables TEXT,
    infrastructure_document_id UUID,
    infrastructure_pid TEXT,
    created_by TEXT,
    auto_scheduled BOOLEAN NOT NULL,
    state_id UUID,
    state_type TEXT,
    state_name TEXT,
    state_timestamp BIGINT,
    run_count BIGINT NOT NULL,
    expected_start_time BIGINT NOT NULL,
    next_scheduled_start_time BIGINT,
    start_time BIGINT,
    end_time BIGINT,
    total_run_time BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    -- The one order of run lists: when the run started, else when it should, else when it was made.
    sort_time BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(start_time, expected_start_time, created)) STORED,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, flow_id) REFERENCES flow (workspace_id, id) ON DELETE RESTRICT
);
CREATE INDEX flow_run_by_time ON flow_run (workspace_id, sort_time DESC, id DESC);
CREATE INDEX flow_run_by_state ON flow_run (workspace_id, state_type, sort_time DESC, id DESC);
-- A state mostly goes by the name of its type and then costs nothing here.
CREATE INDEX flow_run_by_name ON flow_run (workspace_id, state_name, sort_time DESC, id DESC) WHERE upper(state_name) <> state_type;
CREATE INDEX flow_run_by_expected_start ON flow_run (workspace_id, expected_start_time DESC, id DESC);
CREATE INDEX flow_run_of_flow ON flow_run (workspace_id, flow_id, sort_time DESC, id DESC);
CREATE UNIQUE INDEX flow_run_idempotency ON flow_run (workspace_id, flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX flow_run_of_parent ON flow_run (workspace_id, parent_task_run_id) WHERE parent_task_run_id IS NOT NULL;

CREATE TABLE flow_run_tag (
    workspace_id UUID NOT NULL,
    flow_run_id UUID NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (workspace_id, tag, flow_run_id),
    FOREIGN KEY (workspace_id, flow_run_id) REFERENCES flow_run (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX flow_run_tag_of_run ON flow_run_tag (workspace_id, flow_run_id);

CREATE TABLE flow_run_state (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    flow_run_id UUID NOT NULL,
    state_type TEXT NOT NULL,
    name TEXT NOT NULL,
    timestamp BIGINT NOT NULL,
    message TEXT,
    data TEXT,
    state_details TEXT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX flow_run_state_of_run ON flow_run_state (workspace_id, flow_run_id, timestamp);

CREATE TABLE task_run (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    flow_run_id UUID,
    task_key TEXT NOT NULL,
    dynamic_key TEXT NOT NULL,
    cache_key TEXT,
    cache_expiration BIGINT,
    task_version TEXT,
    empirical_policy TEXT NOT NULL,
    task_inputs TEXT NOT NULL,
    tags TEXT NOT NULL,
    labels TEXT NOT NULL,
    state_id UUID,
    state_type TEXT,
    state_name TEXT,
    state_timestamp BIGINT,
    run_count BIGINT NOT NULL,
    flow_run_run_count BIGINT NOT NULL,
    expected_start_time BIGINT,
    next_scheduled_start_time BIGINT,
    start_time BIGINT,
    end_time BIGINT,
    total_run_time BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    sort_time BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(start_time, expected_start_time, created)) STORED,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, flow_run_id) REFERENCES flow_run (workspace_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX task_run_key ON task_run (workspace_id, flow_run_id, task_key, dynamic_key);
CREATE INDEX task_run_of_flow_run ON task_run (workspace_id, flow_run_id, sort_time, id);

CREATE TABLE task_run_tag (
    workspace_id UUID NOT NULL,
    task_run_id UUID NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (workspace_id, tag, task_run_id),
    FOREIGN KEY (workspace_id, task_run_id) REFERENCES task_run (workspace_id, id) ON DELETE CASCADE
);
CREATE INDEX task_run_tag_of_run ON task_run_tag (workspace_id, task_run_id);

CREATE TABLE task_run_state (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    task_run_id UUID NOT NULL,
    state_type TEXT NOT NULL,
    name TEXT NOT NULL,
    timestamp BIGINT NOT NULL,
    message TEXT,
    data TEXT,
    state_details TEXT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX task_run_state_of_run ON task_run_state (workspace_id, task_run_id, timestamp);

CREATE TABLE log (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    flow_run_id UUID,
    task_run_id UUID,
    name TEXT NOT NULL,
    level BIGINT NOT NULL,
    message TEXT NOT NULL,
    timestamp BIGINT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX log_of_flow_run ON log (workspace_id, flow_run_id, timestamp, id);
CREATE INDEX log_of_flow_run_loud ON log (workspace_id, flow_run_id, timestamp, id) WHERE level >= 30;
CREATE INDEX log_of_task_run ON log (workspace_id, task_run_id, timestamp, id) WHERE task_run_id IS NOT NULL;

CREATE TABLE event (
    workspace_id UUID NOT NULL,
    id UUID NOT NULL,
    occurred BIGINT NOT NULL,
    received BIGINT NOT NULL,
    event TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    related TEXT NOT NULL,
    payload TEXT NOT NULL,
    follows UUID,
    PRIMARY KEY (workspace_id, id)
);

-- How many runs are in which state, kept in the write that moves a run. A slot may be negative: only the sum over slots counts.
-- `deployment_id` is all zeros for runs of no deployment.
CREATE TABLE run_total (
    workspace_id UUID NOT NULL,
    kind TEXT NOT NULL,
    flow_id UUID NOT NULL,
    deployment_id UUID NOT NULL,
    state_type TEXT NOT NULL,
    state_name TEXT NOT NULL,
    slot BIGINT NOT NULL,
    runs BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, kind, flow_id, deployment_id, state_type, state_name, slot)
);

-- The same by the hour of the run's sort time. The row of a whole day carries no flow (all zeros): a workspace's strip reads one a day.
CREATE TABLE run_hour (
    workspace_id UUID NOT NULL,
    kind TEXT NOT NULL,
    grain BIGINT NOT NULL CHECK (grain IN (3600, 86400)),
    bucket BIGINT NOT NULL,
    flow_id UUID NOT NULL,
    deployment_id UUID NOT NULL,
    state_type TEXT NOT NULL,
    state_name TEXT NOT NULL,
    slot BIGINT NOT NULL,
    runs BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot)
);

-- What is not folded into slot 0 yet. Slots never change, so these cost an update nothing.
CREATE INDEX run_total_unfolded ON run_total (slot) WHERE slot <> 0;
CREATE INDEX run_hour_unfolded ON run_hour (grain, bucket) WHERE slot <> 0;
