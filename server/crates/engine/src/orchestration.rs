//! Runs the rules of a policy in order and combines their rulings into one decision.

use model::{state::StateType, time::Timestamp};

use crate::{
    api_version::Client,
    bookkeeping,
    decision::{Decision, Effect, FlowRunChange, Judgement, Outcome, Ruling, TaskRunChange, Verdict},
    facts::{FlowRunFacts, Run, TaskRunFacts},
    policy::{FlowPolicy, TaskPolicy},
    rules::Entry,
    transition::{DecisionContext, Proposal, Transition},
};

/// Decides on a state that is proposed for a flow run. The first state is not proposed: see [`enter`](bookkeeping::flow::enter).
#[must_use]
pub fn decide_flow(
    policy: FlowPolicy,
    facts: FlowRunFacts,
    proposal: Proposal,
    client: Client,
    context: DecisionContext,
) -> Decision<FlowRunChange> {
    let Judged { verdict, run, proposal, mut effects } = judge(policy.rules(), facts, proposal, client, context);
    let outcome = match proposal {
        None => Outcome::Keep(run.current),
        Some(proposal) => {
            effects.extend(run.parent_task_run_id.map(Effect::MirrorToParent));
            Outcome::Write { change: bookkeeping::flow::enter(run, proposal, client, context), effects }
        }
    };
    Decision { verdict, outcome }
}

/// Decides on a state that is proposed for a task run. The first state is not proposed: see [`enter`](bookkeeping::task::enter).
#[must_use]
pub fn decide_task(
    policy: TaskPolicy,
    facts: TaskRunFacts,
    proposal: Proposal,
    client: Client,
    context: DecisionContext,
) -> Decision<TaskRunChange> {
    let Judged { verdict, run, proposal, effects } = judge(policy.rules(), facts, proposal, client, context);
    let outcome = match proposal {
        None => Outcome::Keep(run.current),
        Some(proposal) => Outcome::Write { change: bookkeeping::task::enter(run, proposal, context), effects },
    };
    Decision { verdict, outcome }
}

/// Carries out [`Effect::RetryFailedTaskRuns`] for one failed task run: it waits for the retry of its flow run, and its run count is
/// reset so that it has all its own retries again.
#[must_use]
pub fn retry_failed_task_run(
    facts: TaskRunFacts,
    scheduled_time: Timestamp,
    context: DecisionContext,
) -> Decision<TaskRunChange> {
    let retry = Proposal::awaiting_retry(scheduled_time);
    let mut decision = decide_task(TaskPolicy::Minimal, facts, retry, Client::default(), context);
    if let Outcome::Write { change, .. } = &mut decision.outcome {
        change.times.run_count = 0;
    }
    decision
}

/// The combined rulings of all rules of a policy.
struct Judged<R> {
    verdict: Verdict,
    /// The run with the patches of the rules applied.
    run: R,
    /// The state to write, if any.
    proposal: Option<Proposal>,
    effects: Vec<Effect>,
}

/// What one rule added to its ruling. It takes effect only if later rules did not change the type of the proposed state.
struct RuleVerdict<P> {
    /// The type of the proposed state after this rule.
    state_type: Option<StateType>,
    patches: Vec<P>,
    effects: Vec<Effect>,
}

fn judge<R: Run>(
    rules: &[Entry<R>],
    mut run: R,
    proposal: Proposal,
    client: Client,
    context: DecisionContext,
) -> Judged<R> {
    let from = run.current().map(|state| state.state_type);
    let intended = proposal.state_type;
    let mut verdict = Verdict::Accept;
    let mut proposal = Some(proposal);
    let mut verdicts = Vec::new();

    for rule in rules.iter().filter_map(Entry::implemented).filter(|rule| rule.applies_to(from, intended)) {
        // Once a rule has changed the type of the proposed state, rules for the intended type no longer apply.
        let Some(to) = proposal.as_ref().filter(|to| to.state_type == intended) else { break };
        let transition = Transition { from: run.current(), to, client, context };
        let Judgement { ruling, mut patches, effects } = (rule.judge)(&transition, &run);
        apply(ruling, &mut proposal, &mut verdict);
        for patch in &mut patches {
            run.swap(patch);
        }
        verdicts.push(RuleVerdict { state_type: proposal.as_ref().map(|to| to.state_type), patches, effects });
    }

    let effects = rollback_fizzled(&mut run, verdicts, proposal.as_ref().map(|to| to.state_type));
    Judged { verdict, run, proposal, effects }
}

/// Applies a ruling to the proposal and the verdict; the last ruling wins.
fn apply(ruling: Ruling, proposal: &mut Option<Proposal>, verdict: &mut Verdict) {
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

/// Undoes the patches of all rules, then applies again those of the rules that did not fizzle. A rule fizzles if a later one changed the
/// type of the proposed state. Returns the effects of the remaining rules.
fn rollback_fizzled<R: Run>(
    run: &mut R,
    mut verdicts: Vec<RuleVerdict<R::Patch>>,
    decided: Option<StateType>,
) -> Vec<Effect> {
    for patch in verdicts.iter_mut().rev().flat_map(|rule| rule.patches.iter_mut().rev()) {
        run.swap(patch);
    }
    let mut effects = Vec::new();
    for mut rule in verdicts.into_iter().filter(|rule| rule.state_type == decided) {
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

    use super::{decide_task, judge};
    use crate::{
        api_version::Client,
        decision::{Effect, Judgement, Verdict},
        facts::{Facts, Needs, TaskRunFacts, TaskRunPatch},
        fixture::{context, now, state, task_run},
        policy::TaskPolicy,
        rules::{Entry, Rule},
        transition::{Proposal, States, Transition},
    };

    type TaskJudgement = Judgement<TaskRunPatch>;

    const fn to_running(judge: fn(&Transition<'_>, &TaskRunFacts) -> TaskJudgement) -> Entry<TaskRunFacts> {
        let to = States::of(&[StateType::Running]);
        Entry::Rule(Rule { name: "test", from: States::ALL, to, needs: Needs::NONE, judge })
    }

    const EFFECT: fn() -> Effect = || Effect::RetryFailedTaskRuns { scheduled_time: now() };

    fn reset(_: &Transition<'_>, _: &TaskRunFacts) -> TaskJudgement {
        Judgement::pass().with_patches([TaskRunPatch::RunCount(0)]).with_effect(EFFECT())
    }

    fn rename_if_reset(transition: &Transition<'_>, run: &TaskRunFacts) -> TaskJudgement {
        let name = if run.times.run_count == 0 { "Reset" } else { "NotReset" };
        Judgement::rewrite(transition.to.clone().named(name))
    }

    fn pause(_: &Transition<'_>, _: &TaskRunFacts) -> TaskJudgement {
        Judgement::replace(Proposal::of(StateType::Paused), "no").with_patches([TaskRunPatch::RunCount(9)])
    }

    fn abort(_: &Transition<'_>, _: &TaskRunFacts) -> TaskJudgement {
        Judgement::abort("stop")
    }

    fn run_with(rules: &[Entry<TaskRunFacts>]) -> super::Judged<TaskRunFacts> {
        let mut facts = task_run(Some(state(StateType::Failed)));
        facts.times.run_count = 3;
        judge(rules, facts, Proposal::of(StateType::Running), Client::default(), context())
    }

    #[test]
    fn a_later_rule_sees_patches_of_an_earlier_one() {
        let judged = run_with(&[to_running(reset), Entry::Planned("x"), to_running(rename_if_reset)]);
        assert_eq!(judged.proposal.unwrap().name, "Reset");
        assert_eq!(judged.run.times.run_count, 0);
        assert_eq!((judged.verdict, judged.effects), (Verdict::Accept, vec![EFFECT()]));
    }

    #[test]
    fn a_rule_fizzles_when_a_later_one_changes_the_state_type() {
        let judged = run_with(&[to_running(reset), to_running(abort)]);
        assert_eq!((judged.run.times.run_count, judged.effects, judged.proposal), (3, vec![], None));

        let judged = run_with(&[to_running(reset), to_running(pause)]);
        assert_eq!(judged.proposal.unwrap().state_type, StateType::Paused);
        assert_eq!((judged.run.times.run_count, judged.effects), (9, vec![]), "the rule that rejects does not fizzle");
    }

    #[test]
    fn after_a_rejection_rules_for_the_intended_state_do_not_run() {
        let judged = run_with(&[to_running(pause), to_running(abort)]);
        assert_eq!(judged.verdict, Verdict::Reject { reason: "no".into() });
    }

    /// A rule that reads the flow run without naming it in its needs decides otherwise here than in production, where it is not loaded.
    #[test]
    fn facts_that_no_rule_needs_change_no_decision() {
        let mut with_needs = 0;
        for (policy, to, from) in task_transitions() {
            for (flow_state, attempt) in [(StateType::Running, 1), (StateType::Running, 2), (StateType::Paused, 1)] {
                let mut facts = task_run(from.map(state));
                let flow_run = facts.flow_run.as_mut().unwrap();
                (flow_run.state_type, flow_run.run_count) = (Some(flow_state), attempt);
                let without = TaskRunFacts { flow_run: None, ..facts.clone() };
                let decide = |facts| decide_task(policy, facts, Proposal::of(to), Client::default(), context());
                if policy.needs(to).contains(Facts::FLOW_RUN) {
                    with_needs += usize::from(decide(facts) != decide(without));
                } else {
                    assert_eq!(decide(facts), decide(without), "{policy:?} {from:?} -> {to:?}");
                }
            }
        }
        assert!(with_needs > 0, "some rule needs the flow run");
    }

    fn task_transitions() -> impl Iterator<Item = (TaskPolicy, StateType, Option<StateType>)> {
        let policies = [TaskPolicy::Core, TaskPolicy::Background, TaskPolicy::Minimal];
        policies.into_iter().flat_map(|policy| {
            StateType::ALL.into_iter().flat_map(move |to| {
                StateType::ALL.into_iter().map(Some).chain([None]).map(move |from| (policy, to, from))
            })
        })
    }
}
