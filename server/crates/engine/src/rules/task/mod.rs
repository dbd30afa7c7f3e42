//! The rules for task runs alone.

use crate::facts::TaskRunFacts;

pub mod handle_task_terminal_state_transitions;
pub mod prevent_running_tasks_from_stopped_flows;
pub mod rename_reruns;
pub mod retry_failed_tasks;
pub mod update_flow_run_tracker_on_tasks;

type Rule = super::Rule<TaskRunFacts>;
type Judgement = crate::decision::Judgement<crate::facts::TaskRunPatch>;

#[cfg(test)]
mod tests {
    use model::state::StateType::{Completed, Failed, Pending, Running};
    use serde_json::json;

    use crate::{
        decision::Verdict,
        fixture::{background_task, now, rejected, scheduled, state, state_with, task},
        transition::Proposal,
    };

    #[test]
    fn a_background_task_run_does_not_leave_its_result_and_does_not_start_early() {
        let result = state_with(Completed, json!({"storage_key": "k"}));
        let early = scheduled(now().plus_seconds(9.0));
        let wait = Verdict::Wait { delay_seconds: 9, reason: "Scheduled time is in the future".into() };
        for (from, expected) in [(result, rejected("This run is already completed.")), (early, wait)] {
            assert_eq!(background_task(task(Some(from)), Proposal::of(Running)).verdict, expected);
        }
    }

    #[test]
    fn a_background_task_run_keeps_its_time_and_counts_its_tries() {
        let due = now().plus_seconds(-9.0);
        let pending = background_task(task(Some(scheduled(due))), Proposal::of(Pending));
        assert_eq!(pending.answer().unwrap().state_details.scheduled_time, Some(due));

        let mut facts = task(Some(state(Pending)));
        facts.ledger.run_count = 1;
        let running = background_task(facts, Proposal::of(Running));
        assert_eq!(running.answer().unwrap().name, "Rerunning");
        assert_eq!(running.change().unwrap().flow_run_run_count, 1);

        let mut facts = task(Some(state(Running)));
        (facts.ledger.run_count, facts.empirical_policy.retries) = (1, Some(1));
        assert_eq!(background_task(facts, Proposal::of(Failed)).verdict, rejected("Retrying"));
    }
}
