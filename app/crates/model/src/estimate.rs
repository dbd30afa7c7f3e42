//! Figures of a run that go on growing, worked out when the run is read.

use crate::{
    state::StateType,
    time::{Span, Timestamp},
};

/// Time spent running so far: what is booked, and the current stretch of a run that runs.
#[must_use]
pub fn run_time(booked: Span, state: Option<(StateType, Timestamp)>, now: Timestamp) -> Span {
    match state {
        Some((StateType::Running, since)) => booked.plus(now.since(since)),
        _ => booked,
    }
}

/// How late a run started, or by how much it is late already.
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
    fn only_a_running_run_grows() {
        let booked = Span::from_seconds(3.0);
        assert_eq!(run_time(booked, Some((StateType::Running, at(10))), at(14)).seconds(), 7.0);
        assert_eq!(run_time(booked, Some((StateType::Completed, at(10))), at(14)).seconds(), 3.0);
        assert_eq!(run_time(booked, None, at(14)).seconds(), 3.0);
    }

    #[test]
    fn lateness_ends_with_the_start_or_with_the_run() {
        let late =
            |start: Option<i64>, state| start_time_delta(start.map(at), Some(at(10)), Some(state), at(25)).seconds();
        assert_eq!(late(Some(12), StateType::Running), 2.0);
        assert_eq!(late(Some(8), StateType::Running), 0.0);
        assert_eq!(late(None, StateType::Scheduled), 15.0);
        assert_eq!(late(None, StateType::Cancelled), 0.0);
        assert_eq!(start_time_delta(None, Some(at(30)), None, at(25)), Span::ZERO);
    }
}
