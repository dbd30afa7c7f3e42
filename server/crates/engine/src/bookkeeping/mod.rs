//! Updates the counts and times of a run that enters a state. Runs after all rules, because it needs the state that they decided on.

use model::{
    run::RunTimes,
    state::{State, StateType},
    time::Timestamp,
};

use crate::transition::Proposal;

pub mod flow;
pub mod task;

/// The timestamp of the new state: now, but at least a microsecond after the state `from`.
///
/// The states of a run are identified and sorted by timestamp, which must hold even if the clock stands still or is set back.
fn state_timestamp(now: Timestamp, from: Option<&State>) -> Timestamp {
    from.map_or(now, |from| now.max(from.timestamp.plus_micros(1)))
}

/// Updates the times of a flow run or task run that enters a state at `at`.
fn enter(times: &mut RunTimes, from: Option<&State>, to: &Proposal, at: Timestamp) {
    let due = (to.state_type == StateType::Scheduled).then_some(to.details.scheduled_time).flatten();

    if to.state_type == StateType::Running || to.state_type.is_terminal() {
        times.start_time.get_or_insert(at);
    }
    if to.state_type.is_terminal() {
        times.end_time.get_or_insert(at);
    } else {
        times.end_time = None;
    }
    if let Some(running) = from.filter(|from| from.state_type == StateType::Running) {
        times.total_run_time = times.total_run_time.plus(at.since(running.timestamp));
    }
    times.expected_start_time.get_or_insert(due.unwrap_or(at));
    times.next_scheduled_start_time = due;
}

#[cfg(test)]
mod tests {
    use model::{
        run::RunTimes,
        state::StateType::{self, Cancelled, Completed, Failed, Pending, Running, Scheduled},
        time::{Span, Timestamp},
    };

    use super::state_timestamp;
    use crate::{
        fixture::{decide_minimal_flow, flow_run, now, scheduled, state},
        transition::Proposal,
    };

    /// The run's times after a transition out of a state that began a minute ago.
    fn enter(before: RunTimes, from: Option<StateType>, to: StateType) -> RunTimes {
        let mut facts = flow_run(from.map(state));
        facts.times = before;
        decide_minimal_flow(facts, Proposal::of(to)).change().unwrap().times
    }

    #[test]
    fn a_state_is_newer_than_the_one_before_it() {
        let from = state(Running);
        assert_eq!(state_timestamp(now(), None), now());
        assert_eq!(state_timestamp(now(), Some(&from)), now());
        assert_eq!(state_timestamp(from.timestamp, Some(&from)), from.timestamp.plus_micros(1));
        assert_eq!(state_timestamp(from.timestamp.plus_seconds(-5.0), Some(&from)), from.timestamp.plus_micros(1));
    }

    #[test]
    fn start_time_and_end_time_are_set_once() {
        let earlier = Some(Timestamp::from_micros(5));
        let started = RunTimes { start_time: earlier, ..RunTimes::default() };
        let ended = RunTimes { start_time: earlier, end_time: earlier, ..RunTimes::default() };
        let cases = [
            (RunTimes::default(), Some(Pending), Running, Some(now()), None),
            (started, Some(Scheduled), Running, earlier, None),
            (started, Some(Running), Completed, earlier, Some(now())),
            (RunTimes::default(), Some(Pending), Cancelled, Some(now()), Some(now())),
            (ended, Some(Failed), Completed, earlier, earlier),
            (ended, Some(Failed), Running, earlier, None),
            (ended, Some(Failed), Scheduled, earlier, None),
        ];
        for (before, from, to, start, end) in cases {
            let after = enter(before, from, to);
            assert_eq!((after.start_time, after.end_time), (start, end), "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn total_run_time_grows_when_a_run_leaves_running() {
        let before = RunTimes { total_run_time: Span::from_seconds(2.5), ..RunTimes::default() };
        for (from, to, seconds) in
            [(Running, Completed, 62.5), (Running, Running, 62.5), (Running, Scheduled, 62.5), (Pending, Running, 2.5)]
        {
            assert_eq!(enter(before, Some(from), to).total_run_time.seconds(), seconds, "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn the_first_state_sets_the_expected_start_time() {
        let due = Timestamp::from_micros(5);
        let first = decide_minimal_flow(flow_run(None), Proposal::scheduled(due)).change().unwrap().times;
        assert_eq!((first.expected_start_time, first.next_scheduled_start_time), (Some(due), Some(due)));
        let second = enter(first, Some(Scheduled), Pending);
        assert_eq!((second.expected_start_time, second.next_scheduled_start_time), (Some(due), None));
        assert_eq!(enter(RunTimes::default(), None, Pending).expected_start_time, Some(now()));

        let mut facts = flow_run(Some(scheduled(due)));
        facts.times = first;
        let again = decide_minimal_flow(facts, Proposal::scheduled(now())).change().unwrap().times;
        assert_eq!((again.expected_start_time, again.next_scheduled_start_time), (Some(due), Some(now())));
    }
}
