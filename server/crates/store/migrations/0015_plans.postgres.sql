-- PostgreSQL plans each statement as if its workspace had as many rows as the largest one. So the plan does not depend on the workspace, and is
-- one that is good for a long history: it looks rows up by an index where it would scan a workspace of few rows.

ALTER TABLE flow ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE flow_tag ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE flow_run ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE flow_run_tag ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE flow_run_state ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE task_run ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE task_run_tag ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE task_run_state ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE log ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE artifact ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE artifact_collection ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE variable ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
ALTER TABLE variable_tag ALTER COLUMN workspace_id SET STATISTICS 1, ALTER COLUMN workspace_id SET (n_distinct = 1);
