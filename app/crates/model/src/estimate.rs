//! Estimates that grow while a run lives: computed when the run is read, never stored.

use crate::{
    state::StateType,
    time::{Span, Timestamp},
};

/// The run time so far: the recorded total, plus the time since the start of a current RUNNING state.
#[must_use]
pub fn run_time(recorded: Span, state: Option<(StateType, Timestamp)>, now: Timestamp) -> Span {
    match state {
        Some((StateType::Running, since)) => recorded.plus(now.since(since)),
        _ => recorded,
    }
}

/// How late the run started, or how late it is by now if it has not started.
#[must_use]
pub fn start_time_delta(
    start: Option<Timestamp>,
    expected: Option<Timestamp>,
    state: Option<StateType>,
    now: Timestamp,
) -> Span {
    let ended = state.is_some_and(StateType::is_terminal);
    match (start, expected) {
        (Some(start), Some(expected)) if start > expected => start.since(expected),
        (None, Some(expected)) if !ended && expected < now => now.since(expected),
        _ => Span::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::{run_time, start_time_delta};
    use crate::{
        state::StateType,
        time::{Span, Timestamp},
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn run_time_grows_only_while_the_run_is_running() {
        let recorded = Span::from_seconds(3.0);
        assert_eq!(run_time(recorded, Some((StateType::Running, at(10))), at(14)).seconds(), 7.0);
        assert_eq!(run_time(recorded, Some((StateType::Completed, at(10))), at(14)).seconds(), 3.0);
        assert_eq!(run_time(recorded, None, at(14)).seconds(), 3.0);
    }

    #[test]
    fn lateness_stops_growing_at_the_start_or_the_end() {
        let late =
            |start: Option<i64>, state| start_time_delta(start.map(at), Some(at(10)), Some(state), at(25)).seconds();
        assert_eq!(late(Some(12), StateType::Running), 2.0);
        assert_eq!(late(Some(8), StateType::Running), 0.0);
        assert_eq!(late(None, StateType::Scheduled), 15.0);
        assert_eq!(late(None, StateType::Cancelled), 0.0);
        assert_eq!(start_time_delta(None, Some(at(30)), None, at(25)), Span::ZERO);
    }
}
