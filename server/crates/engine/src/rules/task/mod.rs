//! The rules for task runs only.

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
        fixture::{decide_background_task, now, rejected, scheduled, state, state_with_data, task_run},
        transition::Proposal,
    };

    #[test]
    fn background_task_runs_keep_results_and_wait_for_their_time() {
        let result = state_with_data(Completed, json!({"storage_key": "k"}));
        let early = scheduled(now().plus_seconds(9.0));
        let wait = Verdict::Wait { delay_seconds: 9, reason: "Scheduled time is in the future".into() };
        for (from, expected) in [(result, rejected("This run is already completed.")), (early, wait)] {
            assert_eq!(decide_background_task(task_run(Some(from)), Proposal::of(Running)).verdict, expected);
        }
    }

    #[test]
    fn background_task_runs_are_rescheduled_and_retried() {
        let due = now().plus_seconds(-9.0);
        let pending = decide_background_task(task_run(Some(scheduled(due))), Proposal::of(Pending));
        assert_eq!(pending.state().unwrap().state_details.scheduled_time, Some(due));

        let mut facts = task_run(Some(state(Pending)));
        facts.times.run_count = 1;
        let running = decide_background_task(facts, Proposal::of(Running));
        assert_eq!(running.state().unwrap().name, "Rerunning");
        assert_eq!(running.change().unwrap().flow_run_run_count, 1);

        let mut facts = task_run(Some(state(Running)));
        (facts.times.run_count, facts.empirical_policy.retries) = (1, Some(1));
        assert_eq!(decide_background_task(facts, Proposal::of(Failed)).verdict, rejected("Retrying"));
    }
}
