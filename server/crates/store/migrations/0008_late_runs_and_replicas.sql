-- The scheduled runs that have not started, by the time at which they are due.
CREATE INDEX flow_run_due ON flow_run (next_scheduled_start_time, workspace_id, id) WHERE state_name = 'Scheduled';

-- How many messages about changes each server process has sent to the others (PostgreSQL only).
CREATE TABLE replica (
    id BIGINT PRIMARY KEY NOT NULL,
    messages BIGINT NOT NULL
);
