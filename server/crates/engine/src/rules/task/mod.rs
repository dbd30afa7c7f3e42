//! The rules for task runs alone.

use crate::facts::TaskRunFacts;

pub mod handle_task_terminal_state_transitions;
pub mod prevent_running_tasks_from_stopped_flows;
pub mod rename_reruns;
pub mod retry_failed_tasks;
pub mod update_flow_run_tracker_on_tasks;

type Rule = super::Rule<TaskRunFacts>;
type Judgement = crate::decision::Judgement<crate::facts::TaskRunPatch>;
