//! Asks the rules of a policy one after the other, and makes their rulings one decision.

use model::{
    id::FlowRunId,
    state::{State, StateType},
    time::Timestamp,
};

use crate::{
    api_version::Client,
    bookkeeping,
    decision::{Decision, Effect, FlowRunChange, Judgement, Outcome, Ruling, TaskRunChange, Verdict},
    facts::{FlowRunFacts, Run, TaskRunFacts},
    policy::{FlowPolicy, TaskPolicy},
    rules::Entry,
    transition::{Moment, Proposal, Transition},
};

/// What becomes of a flow run for which `proposal` is proposed. Its first state is nobody's proposal: see [`begin_flow_run`].
#[must_use]
pub fn decide_flow(
    policy: FlowPolicy,
    facts: FlowRunFacts,
    proposal: Proposal,
    client: Client,
    moment: Moment,
) -> Decision<FlowRunChange> {
    let Judged { verdict, run, proposal, mut effects } = judge(policy.rules(), facts, proposal, client, moment);
    let outcome = match proposal {
        None => Outcome::Keep(run.current),
        Some(proposal) => {
            effects.extend(run.parent_task_run_id.map(Effect::MirrorToParent));
            Outcome::Write { change: bookkeeping::flow::enter(run, proposal, client, moment), effects }
        }
    };
    Decision { verdict, outcome }
}

/// What becomes of a task run for which `proposal` is proposed. Its first state is nobody's proposal: see [`begin_task_run`].
#[must_use]
pub fn decide_task(
    policy: TaskPolicy,
    facts: TaskRunFacts,
    proposal: Proposal,
    client: Client,
    moment: Moment,
) -> Decision<TaskRunChange> {
    let Judged { verdict, run, proposal, effects } = judge(policy.rules(), facts, proposal, client, moment);
    let outcome = match proposal {
        None => Outcome::Keep(run.current),
        Some(proposal) => Outcome::Write { change: bookkeeping::task::enter(run, proposal, moment), effects },
    };
    Decision { verdict, outcome }
}

/// A flow run as it begins ([`FlowRunFacts::created`]), in its first state: no rule stands against a run's being made.
#[must_use]
pub fn begin_flow_run(facts: FlowRunFacts, first: Proposal, client: Client, moment: Moment) -> FlowRunChange {
    bookkeeping::flow::enter(facts, first, client, moment)
}

/// A task run as it begins ([`TaskRunFacts::created`]), in its first state.
#[must_use]
pub fn begin_task_run(facts: TaskRunFacts, first: Proposal, moment: Moment) -> TaskRunChange {
    bookkeeping::task::enter(facts, first, moment)
}

/// What the task run that stands for `subflow` in its parent's run is to be set to, by force, when the subflow got `state`.
#[must_use]
pub fn mirror(state: &State, subflow: FlowRunId) -> Proposal {
    Proposal::mirroring(state, subflow)
}

/// [`Effect::RetryFailedTaskRuns`] for one failed task run: it waits with its flow run, and its own retries begin anew.
#[must_use]
pub fn retry_failed_task_run(
    facts: TaskRunFacts,
    scheduled_time: Timestamp,
    moment: Moment,
) -> Decision<TaskRunChange> {
    let retry = Proposal::awaiting_retry(scheduled_time);
    let mut decision = decide_task(TaskPolicy::Minimal, facts, retry, Client::default(), moment);
    if let Outcome::Write { change, .. } = &mut decision.outcome {
        change.ledger.run_count = 0;
    }
    decision
}

/// The rulings of a policy's rules, made one.
struct Judged<R> {
    verdict: Verdict,
    /// With the changes that the rules made to it.
    run: R,
    /// What is to be written, if anything.
    proposal: Option<Proposal>,
    effects: Vec<Effect>,
}

/// A rule that has spoken. What goes with its ruling holds only if the transition is still the one that it left behind.
struct Spoken<P> {
    left: Option<StateType>,
    patches: Vec<P>,
    effects: Vec<Effect>,
}

fn judge<R: Run>(rules: &[Entry<R>], mut run: R, proposal: Proposal, client: Client, moment: Moment) -> Judged<R> {
    let from = run.current().map(|state| state.state_type);
    let intended = proposal.state_type;
    let mut verdict = Verdict::Accept;
    let mut proposal = Some(proposal);
    let mut spoken = Vec::new();

    for rule in rules.iter().filter_map(Entry::built).filter(|rule| rule.governs(from, intended)) {
        // Once a rule has made another transition of it, the rules for the intended one have nothing to say.
        let Some(to) = proposal.as_ref().filter(|to| to.state_type == intended) else { break };
        let transition = Transition { from: run.current(), to, client, moment };
        let Judgement { ruling, mut patches, effects } = (rule.judge)(&transition, &run);
        obey(ruling, &mut proposal, &mut verdict);
        for patch in &mut patches {
            run.swap(patch);
        }
        spoken.push(Spoken { left: proposal.as_ref().map(|to| to.state_type), patches, effects });
    }

    let effects = settle(&mut run, spoken, proposal.as_ref().map(|to| to.state_type));
    Judged { verdict, run, proposal, effects }
}

/// Makes a ruling the standing one; the last one counts.
fn obey(ruling: Ruling, proposal: &mut Option<Proposal>, verdict: &mut Verdict) {
    match ruling {
        Ruling::Pass => {}
        Ruling::Rewrite(rewritten) => *proposal = Some(rewritten),
        Ruling::Reject { state, reason } => (*proposal, *verdict) = (state, Verdict::Reject { reason }),
        Ruling::Abort { reason } => (*proposal, *verdict) = (None, Verdict::Abort { reason }),
        Ruling::Wait { delay_seconds, reason } => {
            (*proposal, *verdict) = (None, Verdict::Wait { delay_seconds, reason });
        }
    }
}

/// Takes back what the rules did to the run, then does again what still holds: rules whose transition was changed under them fizzle.
fn settle<R: Run>(run: &mut R, mut spoken: Vec<Spoken<R::Patch>>, decided: Option<StateType>) -> Vec<Effect> {
    for patch in spoken.iter_mut().rev().flat_map(|rule| rule.patches.iter_mut().rev()) {
        run.swap(patch);
    }
    let mut effects = Vec::new();
    for mut rule in spoken.into_iter().filter(|rule| rule.left == decided) {
        for patch in &mut rule.patches {
            run.swap(patch);
        }
        effects.append(&mut rule.effects);
    }
    effects
}

#[cfg(test)]
mod tests {
    use model::state::StateType;

    use super::judge;
    use crate::{
        api_version::Client,
        decision::{Effect, Judgement, Verdict},
        facts::{TaskRunFacts, TaskRunPatch},
        fixture::{moment, now, state, task},
        rules::{Entry, Rule},
        transition::{Proposal, States, Transition},
    };

    type Ruled = Judgement<TaskRunPatch>;

    const fn to_running(judge: fn(&Transition<'_>, &TaskRunFacts) -> Ruled) -> Entry<TaskRunFacts> {
        Entry::Rule(Rule { name: "test", from: States::ALL, to: States::of(&[StateType::Running]), judge })
    }

    const EFFECT: fn() -> Effect = || Effect::RetryFailedTaskRuns { scheduled_time: now() };

    fn reset(_: &Transition<'_>, _: &TaskRunFacts) -> Ruled {
        Judgement::pass().patching([TaskRunPatch::RunCount(0)]).causing(EFFECT())
    }

    fn rename_if_reset(transition: &Transition<'_>, run: &TaskRunFacts) -> Ruled {
        let name = if run.ledger.run_count == 0 { "Seen" } else { "Unseen" };
        Judgement::rewrite(transition.to.clone().named(name))
    }

    fn pause(_: &Transition<'_>, _: &TaskRunFacts) -> Ruled {
        Judgement::replace(Proposal::of(StateType::Paused), "no").patching([TaskRunPatch::RunCount(9)])
    }

    fn abort(_: &Transition<'_>, _: &TaskRunFacts) -> Ruled {
        Judgement::abort("stop")
    }

    fn run_with(rules: &[Entry<TaskRunFacts>]) -> super::Judged<TaskRunFacts> {
        let mut facts = task(Some(state(StateType::Failed)));
        facts.ledger.run_count = 3;
        judge(rules, facts, Proposal::of(StateType::Running), Client::default(), moment())
    }

    #[test]
    fn a_later_rule_sees_what_an_earlier_one_did() {
        let judged = run_with(&[to_running(reset), Entry::Later("x"), to_running(rename_if_reset)]);
        assert_eq!(judged.proposal.unwrap().name, "Seen");
        assert_eq!(judged.run.ledger.run_count, 0);
        assert_eq!((judged.verdict, judged.effects), (Verdict::Accept, vec![EFFECT()]));
    }

    #[test]
    fn a_rule_fizzles_when_a_later_one_makes_another_transition_of_it() {
        let judged = run_with(&[to_running(reset), to_running(abort)]);
        assert_eq!((judged.run.ledger.run_count, judged.effects, judged.proposal), (3, vec![], None));

        let judged = run_with(&[to_running(reset), to_running(pause)]);
        assert_eq!(judged.proposal.unwrap().state_type, StateType::Paused);
        assert_eq!((judged.run.ledger.run_count, judged.effects), (9, vec![]), "the rule that rejects does not fizzle");
    }

    #[test]
    fn after_a_rejection_the_rules_for_the_intended_transition_are_not_asked() {
        let judged = run_with(&[to_running(pause), to_running(abort)]);
        assert_eq!(judged.verdict, Verdict::Reject { reason: "no".into() });
    }
}
