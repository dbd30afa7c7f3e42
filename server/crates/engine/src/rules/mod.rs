//! One rule a file, named as the field names it. A rule knows the facts of one run and nothing of the other rules.
//!
//! What holds for flow runs and task runs alike stands here, the rest under [`flow`] and [`task`]. To add a rule: its file here, with its
//! table of cases that goes through a whole policy; its facts in `facts.rs`; then, in `policy.rs`, its place instead of the `Later` that
//! kept it, and its name out of the list that the test there pins.

use model::state::StateType;

use crate::{
    decision::Judgement,
    facts::Run,
    transition::{States, Transition},
};

pub mod copy_scheduled_time;
pub mod flow;
pub mod prevent_pending_transitions;
pub mod task;
pub mod wait_for_scheduled_time;

/// A rule, and the transitions on which it is asked.
pub struct Rule<R: Run> {
    pub name: &'static str,
    pub from: States,
    pub to: States,
    pub judge: fn(&Transition<'_>, &R) -> Judgement<R::Patch>,
}

impl<R: Run> Rule<R> {
    /// Whether the rule is asked about this transition.
    #[must_use]
    pub fn governs(&self, from: Option<StateType>, to: StateType) -> bool {
        self.from.hold(from) && self.to.hold(Some(to))
    }
}

/// A place in a policy.
pub enum Entry<R: Run> {
    Rule(Rule<R>),
    /// A rule that is not built yet, by its name.
    Later(&'static str),
}

impl<R: Run> Entry<R> {
    /// The rule's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.name,
            Self::Later(name) => name,
        }
    }

    /// The rule, if it is built.
    #[must_use]
    pub fn built(&self) -> Option<&Rule<R>> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Later(_) => None,
        }
    }
}
