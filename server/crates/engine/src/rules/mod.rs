//! The orchestration rules, one per file, with Prefect's names. A rule knows the facts of one run and no other rule.
//!
//! - [`Rule::judge`]: the function of a rule; judges a transition from the facts;
//! - [`Judgement`]: what it returns: a ruling, with patches of the run and effects;
//! - [`Ruling`](crate::decision::Ruling): what one rule does with the proposed state: pass, rewrite, reject, abort or wait;
//! - [`Verdict`](crate::decision::Verdict): the status of the response, which the rulings of all rules of a policy result in;
//! - [`Decision`](crate::decision::Decision): the result of the whole policy: the verdict, and what the caller has to write.
//!
//! Rules for both flow runs and task runs are here, the others in [`flow`] and [`task`]. To add a rule: write its file, with a test table
//! that runs a whole policy; add the facts it needs to `facts.rs`; in `policy.rs`, replace its `Planned` entry and lower the
//! number of planned rules in the test.

use model::state::StateType;

use crate::{
    decision::Judgement,
    facts::{Facts, Needs, Run},
    transition::{States, Transition},
};

pub mod copy_scheduled_time;
pub mod flow;
pub mod prevent_pending_transitions;
pub mod task;
pub mod wait_for_scheduled_time;

/// A rule, and the transitions that it applies to.
pub struct Rule<R: Run> {
    pub name: &'static str,
    pub from: States,
    pub to: States,
    pub needs: Needs,
    pub judge: fn(&Transition<'_>, &R) -> Judgement<R::Patch>,
}

impl<R: Run> Rule<R> {
    /// Whether the rule applies to this transition.
    #[must_use]
    pub fn applies_to(&self, from: Option<StateType>, to: StateType) -> bool {
        self.from.contains(from) && self.to.contains(Some(to))
    }
}

/// An entry of a policy.
pub enum Entry<R: Run> {
    Rule(Rule<R>),
    /// The name of a rule that is not implemented yet.
    Planned(&'static str),
}

impl<R: Run> Entry<R> {
    /// The rule's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.name,
            Self::Planned(name) => name,
        }
    }

    /// The facts that the entry's rule reads when `to` is proposed, from whatever state.
    #[must_use]
    pub fn needs(&self, to: StateType) -> Facts {
        self.implemented().filter(|rule| rule.to.contains(Some(to))).map_or(Facts::NONE, |rule| rule.needs.when(to))
    }

    /// The rule, if it is implemented.
    #[must_use]
    pub fn implemented(&self) -> Option<&Rule<R>> {
        match self {
            Self::Rule(rule) => Some(rule),
            Self::Planned(_) => None,
        }
    }
}
