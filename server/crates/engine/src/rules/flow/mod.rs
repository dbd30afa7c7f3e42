//! The rules for flow runs only.

use crate::facts::FlowRunFacts;

pub mod bypass_cancelling_flow_runs_with_no_infra;
pub mod enforce_cancelling_to_cancelled_transition;
pub mod ensure_only_scheduled_flows_marked_late;
pub mod handle_flow_terminal_state_transitions;
pub mod prevent_duplicate_transitions;
pub mod prevent_result_data_loss;
pub mod retry_failed_flows;

type Rule = super::Rule<FlowRunFacts>;
type Judgement = crate::decision::Judgement<crate::facts::FlowRunPatch>;
