-- Runs by the values that they lack, as a number with one bit for each: an entry of one index for each run, where there was one for each value.
-- The expressions equal those of `filter::absence`.

DROP INDEX flow_run_tagged;
DROP INDEX flow_run_untagged;
DROP INDEX flow_run_without_deployment;
DROP INDEX flow_run_without_parent;
DROP INDEX flow_run_with_creator;
DROP INDEX flow_run_without_creator;
DROP INDEX flow_run_by_start;
DROP INDEX flow_run_of_work_queue;
CREATE INDEX flow_run_of_work_queue ON flow_run (workspace_id, work_queue_name) WHERE work_queue_name IS NOT NULL;
CREATE INDEX flow_run_by_absent_values ON flow_run (workspace_id, ((CASE WHEN tags = '[]' THEN 1 ELSE 0 END) + (CASE WHEN deployment_id IS NULL THEN 2 ELSE 0 END) + (CASE WHEN work_queue_name IS NULL THEN 4 ELSE 0 END) + (CASE WHEN parent_task_run_id IS NULL THEN 8 ELSE 0 END) + (CASE WHEN created_by IS NULL THEN 16 ELSE 0 END) + (CASE WHEN start_time IS NULL THEN 32 ELSE 0 END)));

DROP INDEX task_run_tagged;
DROP INDEX task_run_untagged;
DROP INDEX task_run_with_subflow_run;
DROP INDEX task_run_without_subflow_run;
CREATE INDEX task_run_by_absent_values ON task_run (workspace_id, ((CASE WHEN tags = '[]' THEN 1 ELSE 0 END) + (CASE WHEN NOT has_subflow_run THEN 2 ELSE 0 END)));
