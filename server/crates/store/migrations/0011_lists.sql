-- An index for each key and each order of the lists, so that none reads more rows the longer the history is.
-- Where most rows have no value, or the same, the index is partial: `(workspace_id)` alone then lists the few others.

CREATE INDEX flow_by_created ON flow (workspace_id, created, id);
CREATE INDEX flow_by_updated ON flow (workspace_id, updated, id);
CREATE INDEX flow_tagged ON flow (workspace_id) WHERE tags <> '[]';
CREATE INDEX flow_untagged ON flow (workspace_id) WHERE tags = '[]';

-- States with the name of their type, and the others. The conditions equal those of `filter::key::state`.
DROP INDEX flow_run_by_state;
DROP INDEX flow_run_by_name;
CREATE INDEX flow_run_by_state ON flow_run (workspace_id, state_type, sort_time DESC, id DESC) WHERE state_name = (CASE WHEN (state_type = 'COMPLETED') THEN 'Completed' WHEN (state_type = 'RUNNING') THEN 'Running' WHEN (state_type = 'PENDING') THEN 'Pending' WHEN (state_type = 'SCHEDULED') THEN 'Scheduled' WHEN (state_type = 'FAILED') THEN 'Failed' WHEN (state_type = 'CRASHED') THEN 'Crashed' WHEN (state_type = 'CANCELLED') THEN 'Cancelled' WHEN (state_type = 'CANCELLING') THEN 'Cancelling' WHEN (state_type = 'PAUSED') THEN 'Paused' END);
CREATE INDEX flow_run_by_custom_state ON flow_run (workspace_id, state_type, sort_time DESC, id DESC) WHERE state_name <> (CASE WHEN (state_type = 'COMPLETED') THEN 'Completed' WHEN (state_type = 'RUNNING') THEN 'Running' WHEN (state_type = 'PENDING') THEN 'Pending' WHEN (state_type = 'SCHEDULED') THEN 'Scheduled' WHEN (state_type = 'FAILED') THEN 'Failed' WHEN (state_type = 'CRASHED') THEN 'Crashed' WHEN (state_type = 'CANCELLED') THEN 'Cancelled' WHEN (state_type = 'CANCELLING') THEN 'Cancelling' WHEN (state_type = 'PAUSED') THEN 'Paused' END);
CREATE INDEX flow_run_by_state_name ON flow_run (workspace_id, state_name, sort_time DESC, id DESC) WHERE state_name <> (CASE WHEN (state_type = 'COMPLETED') THEN 'Completed' WHEN (state_type = 'RUNNING') THEN 'Running' WHEN (state_type = 'PENDING') THEN 'Pending' WHEN (state_type = 'SCHEDULED') THEN 'Scheduled' WHEN (state_type = 'FAILED') THEN 'Failed' WHEN (state_type = 'CRASHED') THEN 'Crashed' WHEN (state_type = 'CANCELLED') THEN 'Cancelled' WHEN (state_type = 'CANCELLING') THEN 'Cancelling' WHEN (state_type = 'PAUSED') THEN 'Paused' END);
CREATE INDEX flow_run_by_name ON flow_run (workspace_id, name, id);
CREATE INDEX flow_run_by_start ON flow_run (workspace_id, start_time);
CREATE INDEX flow_run_by_end ON flow_run (workspace_id, end_time, id);
CREATE INDEX flow_run_by_next_start ON flow_run (workspace_id, next_scheduled_start_time, id) WHERE next_scheduled_start_time IS NOT NULL;
CREATE INDEX flow_run_tagged ON flow_run (workspace_id) WHERE tags <> '[]';
CREATE INDEX flow_run_untagged ON flow_run (workspace_id) WHERE tags = '[]';
CREATE INDEX flow_run_of_deployment ON flow_run (workspace_id, deployment_id, sort_time DESC, id DESC) WHERE deployment_id IS NOT NULL;
CREATE INDEX flow_run_without_deployment ON flow_run (workspace_id) WHERE deployment_id IS NULL;
CREATE INDEX flow_run_of_work_queue ON flow_run (workspace_id, work_queue_name);
CREATE INDEX flow_run_of_version ON flow_run (workspace_id, flow_version) WHERE flow_version IS NOT NULL;
CREATE INDEX flow_run_without_parent ON flow_run (workspace_id) WHERE parent_task_run_id IS NULL;
CREATE INDEX flow_run_by_idempotency_key ON flow_run (workspace_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX flow_run_created_by ON flow_run (workspace_id, created_by_id) WHERE created_by_id IS NOT NULL;
CREATE INDEX flow_run_created_by_type ON flow_run (workspace_id, created_by_type) WHERE created_by_type IS NOT NULL;
CREATE INDEX flow_run_with_creator ON flow_run (workspace_id) WHERE created_by IS NOT NULL;
CREATE INDEX flow_run_without_creator ON flow_run (workspace_id) WHERE created_by IS NULL;

CREATE INDEX task_run_by_state ON task_run (workspace_id, state_type) WHERE state_name = (CASE WHEN (state_type = 'COMPLETED') THEN 'Completed' WHEN (state_type = 'RUNNING') THEN 'Running' WHEN (state_type = 'PENDING') THEN 'Pending' WHEN (state_type = 'SCHEDULED') THEN 'Scheduled' WHEN (state_type = 'FAILED') THEN 'Failed' WHEN (state_type = 'CRASHED') THEN 'Crashed' WHEN (state_type = 'CANCELLED') THEN 'Cancelled' WHEN (state_type = 'CANCELLING') THEN 'Cancelling' WHEN (state_type = 'PAUSED') THEN 'Paused' END);
CREATE INDEX task_run_by_custom_state ON task_run (workspace_id, state_type) WHERE state_name <> (CASE WHEN (state_type = 'COMPLETED') THEN 'Completed' WHEN (state_type = 'RUNNING') THEN 'Running' WHEN (state_type = 'PENDING') THEN 'Pending' WHEN (state_type = 'SCHEDULED') THEN 'Scheduled' WHEN (state_type = 'FAILED') THEN 'Failed' WHEN (state_type = 'CRASHED') THEN 'Crashed' WHEN (state_type = 'CANCELLED') THEN 'Cancelled' WHEN (state_type = 'CANCELLING') THEN 'Cancelling' WHEN (state_type = 'PAUSED') THEN 'Paused' END);
CREATE INDEX task_run_by_state_name ON task_run (workspace_id, state_name) WHERE state_name <> (CASE WHEN (state_type = 'COMPLETED') THEN 'Completed' WHEN (state_type = 'RUNNING') THEN 'Running' WHEN (state_type = 'PENDING') THEN 'Pending' WHEN (state_type = 'SCHEDULED') THEN 'Scheduled' WHEN (state_type = 'FAILED') THEN 'Failed' WHEN (state_type = 'CRASHED') THEN 'Crashed' WHEN (state_type = 'CANCELLED') THEN 'Cancelled' WHEN (state_type = 'CANCELLING') THEN 'Cancelling' WHEN (state_type = 'PAUSED') THEN 'Paused' END);
CREATE INDEX task_run_by_name ON task_run (workspace_id, name, id);
CREATE INDEX task_run_by_expected_start ON task_run (workspace_id, expected_start_time, id);
CREATE INDEX task_run_by_start ON task_run (workspace_id, start_time);
CREATE INDEX task_run_by_end ON task_run (workspace_id, end_time, id);
CREATE INDEX task_run_by_next_start ON task_run (workspace_id, next_scheduled_start_time, id) WHERE next_scheduled_start_time IS NOT NULL;
CREATE INDEX task_run_tagged ON task_run (workspace_id) WHERE tags <> '[]';
CREATE INDEX task_run_untagged ON task_run (workspace_id) WHERE tags = '[]';

CREATE INDEX log_by_time ON log (workspace_id, timestamp, id);
-- An expression, so that SQLite uses it for no statement about the loud lines of one run.
CREATE INDEX log_by_level ON log (workspace_id, (level + 0), id);
CREATE INDEX log_without_task_run ON log (workspace_id) WHERE task_run_id IS NULL;

CREATE INDEX artifact_by_created ON artifact (workspace_id, created, id);
CREATE INDEX artifact_by_updated ON artifact (workspace_id, updated, id);
CREATE INDEX artifact_by_key ON artifact (workspace_id, key, id) WHERE key IS NOT NULL;
CREATE INDEX artifact_without_key ON artifact (workspace_id) WHERE key IS NULL;
CREATE INDEX artifact_of_type ON artifact (workspace_id, artifact_type) WHERE artifact_type IS NOT NULL;

CREATE INDEX artifact_collection_by_created ON artifact_collection (workspace_id, created, id);
CREATE INDEX artifact_collection_by_updated ON artifact_collection (workspace_id, updated, id);
CREATE INDEX artifact_collection_of_type ON artifact_collection (workspace_id, artifact_type) WHERE artifact_type IS NOT NULL;
CREATE INDEX artifact_collection_of_flow_run ON artifact_collection (workspace_id, flow_run_id) WHERE flow_run_id IS NOT NULL;
CREATE INDEX artifact_collection_of_task_run ON artifact_collection (workspace_id, task_run_id) WHERE task_run_id IS NOT NULL;

CREATE INDEX variable_by_created ON variable (workspace_id, created, id);
CREATE INDEX variable_by_updated ON variable (workspace_id, updated, id);
CREATE INDEX variable_tagged ON variable (workspace_id) WHERE tags <> '[]';
CREATE INDEX variable_untagged ON variable (workspace_id) WHERE tags = '[]';
