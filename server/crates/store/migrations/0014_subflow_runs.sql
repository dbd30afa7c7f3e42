-- What lists are asked for about subflow runs: the flow run in which a flow run was started, and whether a task run represents a subflow run.

ALTER TABLE flow_run ADD COLUMN parent_flow_run_id UUID;
UPDATE flow_run SET parent_flow_run_id = (SELECT task_run.flow_run_id FROM task_run WHERE task_run.workspace_id = flow_run.workspace_id AND task_run.id = flow_run.parent_task_run_id) WHERE parent_task_run_id IS NOT NULL;
CREATE INDEX flow_run_of_parent_run ON flow_run (workspace_id, parent_flow_run_id, sort_time DESC, id DESC) WHERE parent_flow_run_id IS NOT NULL;

ALTER TABLE task_run ADD COLUMN has_subflow_run BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE task_run SET has_subflow_run = TRUE WHERE EXISTS (SELECT 1 FROM flow_run WHERE flow_run.workspace_id = task_run.workspace_id AND flow_run.parent_task_run_id = task_run.id);
CREATE INDEX task_run_with_subflow_run ON task_run (workspace_id) WHERE has_subflow_run;
CREATE INDEX task_run_without_subflow_run ON task_run (workspace_id) WHERE NOT has_subflow_run;
