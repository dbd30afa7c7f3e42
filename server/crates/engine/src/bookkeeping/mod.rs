//! What is kept about every run that gets a state, whatever the rules say. It comes last: it sees the state that was decided.

use model::{
    state::{State, StateType},
    time::Timestamp,
};

use crate::{facts::Ledger, transition::Proposal};

pub(crate) mod flow;
pub(crate) mod task;

/// When the new state begins: now, but after the state before it.
///
/// The states of a run are told apart and put in order by their time; a clock that stands still or is set back must not break that.
fn begin(now: Timestamp, from: Option<&State>) -> Timestamp {
    from.map_or(now, |from| now.max(from.timestamp.plus_micros(1)))
}

impl Ledger {
    /// What goes for flow runs and task runs alike when they enter a state at `at`.
    fn enter(&mut self, from: Option<&State>, to: &Proposal, at: Timestamp) {
        let due = (to.state_type == StateType::Scheduled).then_some(to.details.scheduled_time).flatten();

        if to.state_type == StateType::Running || to.state_type.is_terminal() {
            self.start_time.get_or_insert(at);
        }
        if to.state_type.is_terminal() {
            self.end_time.get_or_insert(at);
        } else {
            self.end_time = None;
        }
        if let Some(running) = from.filter(|from| from.state_type == StateType::Running) {
            self.total_run_time = self.total_run_time.plus(at.since(running.timestamp));
        }
        self.expected_start_time.get_or_insert(due.unwrap_or(at));
        self.next_scheduled_start_time = due;
    }
}

#[cfg(test)]
mod tests {
    use model::{
        state::StateType::{self, Cancelled, Completed, Failed, Pending, Running, Scheduled},
        time::{Span, Timestamp},
    };

    use super::begin;
    use crate::{
        facts::Ledger,
        fixture::{flow, minimal_flow, now, scheduled, state},
        transition::Proposal,
    };

    /// The ledger after the run went from a state, begun a minute ago, to another.
    fn enter(before: Ledger, from: Option<StateType>, to: StateType) -> Ledger {
        let mut facts = flow(from.map(state));
        facts.ledger = before;
        minimal_flow(facts, Proposal::of(to)).change().unwrap().ledger
    }

    #[test]
    fn a_state_begins_after_the_one_before_it() {
        let from = state(Running);
        assert_eq!(begin(now(), None), now());
        assert_eq!(begin(now(), Some(&from)), now());
        assert_eq!(begin(from.timestamp, Some(&from)), from.timestamp.plus_micros(1));
        assert_eq!(begin(from.timestamp.plus_seconds(-5.0), Some(&from)), from.timestamp.plus_micros(1));
    }

    #[test]
    fn a_run_starts_once_and_ends_at_its_first_end() {
        let earlier = Some(Timestamp::from_micros(5));
        let started = Ledger { start_time: earlier, ..Ledger::default() };
        let ended = Ledger { start_time: earlier, end_time: earlier, ..Ledger::default() };
        let cases = [
            (Ledger::default(), Some(Pending), Running, Some(now()), None),
            (started, Some(Scheduled), Running, earlier, None),
            (started, Some(Running), Completed, earlier, Some(now())),
            (Ledger::default(), Some(Pending), Cancelled, Some(now()), Some(now())),
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
    fn run_time_grows_when_a_run_leaves_running() {
        let before = Ledger { total_run_time: Span::from_seconds(2.5), ..Ledger::default() };
        for (from, to, seconds) in
            [(Running, Completed, 62.5), (Running, Running, 62.5), (Running, Scheduled, 62.5), (Pending, Running, 2.5)]
        {
            assert_eq!(enter(before, Some(from), to).total_run_time.seconds(), seconds, "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn the_first_state_says_when_the_run_is_expected_to_start() {
        let due = Timestamp::from_micros(5);
        let first = minimal_flow(flow(None), Proposal::scheduled(due)).change().unwrap().ledger;
        assert_eq!((first.expected_start_time, first.next_scheduled_start_time), (Some(due), Some(due)));
        let second = enter(first, Some(Scheduled), Pending);
        assert_eq!((second.expected_start_time, second.next_scheduled_start_time), (Some(due), None));
        assert_eq!(enter(Ledger::default(), None, Pending).expected_start_time, Some(now()));

        let mut facts = flow(Some(scheduled(due)));
        facts.ledger = first;
        let again = minimal_flow(facts, Proposal::scheduled(now())).change().unwrap().ledger;
        assert_eq!((again.expected_start_time, again.next_scheduled_start_time), (Some(due), Some(now())));
    }
}
