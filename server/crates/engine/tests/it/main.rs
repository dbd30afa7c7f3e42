//! Invariants of every run, for random proposals in random order.

use engine::{
    api_version::{ApiVersion, Client},
    bookkeeping, decide_flow, decide_task,
    decision::{Decision, Effect, FlowRunChange, Outcome, TaskRunChange, Verdict},
    facts::{FlowRunFacts, ParentFlowRun, TaskRunFacts},
    policy::{FlowPolicy, TaskPolicy},
    transition::{DecisionContext, Proposal},
};
use model::{
    id::{DeploymentId, FlowRunId, StateId, TaskRunId},
    run::RunTimes,
    state::{State, StateCreate, StateDetails, StateType},
    time::Timestamp,
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use uuid::Uuid;

/// One proposal, and the facts at its time.
#[derive(Clone, Debug)]
struct Step {
    create: StateCreate,
    force: bool,
    client: Client,
    /// Microseconds since the step before; negative if the clock was set back.
    elapsed: i64,
    flow_state: Option<StateType>,
    flow_run_count: i64,
}

fn state_type() -> impl Strategy<Value = StateType> {
    select(StateType::ALL.to_vec())
}

fn data() -> impl Strategy<Value = Option<Value>> {
    select(vec![None, Some(json!({"type": "unpersisted"})), Some(json!({"storage_key": "k"})), Some(json!("text"))])
}

fn details() -> impl Strategy<Value = StateDetails> {
    let transition = option::weighted(0.3, 0..3_u128);
    let scheduled = option::weighted(0.3, -50_000_000..50_000_000_i64);
    (transition, scheduled, any::<Option<bool>>(), any::<Option<bool>>(), any::<bool>()).prop_map(
        |(transition, scheduled, retriable, deferred, pause_reschedule)| StateDetails {
            transition_id: transition.map(Uuid::from_u128),
            scheduled_time: scheduled.map(|micros| start().plus_micros(micros)),
            retriable,
            deferred,
            pause_reschedule,
            ..StateDetails::default()
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let name = option::weighted(0.3, select(vec!["AwaitingRetry", "Resuming", "Submitting", "Late"]));
    let create =
        (state_type(), name, data(), details()).prop_map(|(state_type, name, data, state_details)| StateCreate {
            state_type,
            name: name.map(str::to_owned),
            message: None,
            data,
            state_details,
            id: IgnoredAny,
            timestamp: IgnoredAny,
        });
    let versions = vec![None, Some(ApiVersion(0, 8, 0)), Some(ApiVersion(0, 8, 3)), Some(ApiVersion(0, 8, 4))];
    let client = select(versions).prop_map(|api_version| Client { api_version });
    let flow_state = prop_oneof![3 => Just(Some(StateType::Running)), 1 => option::of(state_type())];
    (create, any::<bool>(), client, -1_000_000..20_000_000_i64, flow_state, 0..4_i64).prop_map(
        |(create, force, client, elapsed, flow_state, flow_run_count)| Step {
            create,
            force,
            client,
            elapsed,
            flow_state,
            flow_run_count,
        },
    )
}

fn start() -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000)
}

fn context(now: Timestamp, number: usize) -> DecisionContext {
    DecisionContext { now, state_id: StateId(Uuid::from_u128(number as u128)), jitter: 0.5 }
}

/// Invariants of flow runs and task runs.
fn check<C>(
    before: (Option<&State>, RunTimes),
    decision: &Decision<C>,
    after: Option<(&State, RunTimes)>,
    proposed: StateType,
) {
    let (current, old) = before;
    match (&decision.verdict, &decision.outcome) {
        (Verdict::Accept | Verdict::Reject { .. }, Outcome::Write { .. }) => {}
        (Verdict::Reject { .. } | Verdict::Abort { .. } | Verdict::Wait { .. }, Outcome::Keep(kept)) => {
            assert_eq!(kept.as_ref(), current, "the run keeps its current state");
            assert!(decision.effects().is_empty());
        }
        (verdict, _) => panic!("{verdict:?} does not fit the outcome"),
    }
    let Some((state, new)) = after else { return };
    if decision.verdict == Verdict::Accept {
        assert_eq!(state.state_type, proposed);
    }
    check_times((current, old), (state, new));
}

/// Invariants of every new state, including the first one.
fn check_times((current, old): (Option<&State>, RunTimes), (state, new): (&State, RunTimes)) {
    assert!(current.is_none_or(|current| current.timestamp < state.timestamp), "states are sorted by timestamp");
    assert_eq!(new.end_time.is_some(), state.is_terminal(), "end_time is set exactly in terminal states");
    assert!(new.start_time.is_some() || !(state.is_terminal() || state.state_type == StateType::Running));
    assert!(old.start_time.is_none() || old.start_time == new.start_time, "start_time is set once");
    assert!(old.expected_start_time.is_none() || old.expected_start_time == new.expected_start_time);
    assert!(new.expected_start_time.is_some());
    assert!(new.total_run_time >= old.total_run_time, "total_run_time never decreases");
    assert_eq!(new.next_scheduled_start_time.is_some(), state.state_type == StateType::Scheduled);
    assert!(!state.name.is_empty());
}

fn begin_flow(run: &mut FlowRunFacts, first: &Step, now: Timestamp) {
    let proposal = Proposal::from_client(first.create.clone(), now);
    let FlowRunChange { state, times, empirical_policy, .. } =
        bookkeeping::flow::enter(run.clone(), proposal, first.client, context(now, 0));
    check_times((None, run.times), (&state, times));
    assert_eq!((state.state_type, times.run_count), (first.create.state_type, starts(&state)));
    assert_eq!(state.state_details.flow_run_id, Some(run.id));
    assert_eq!(state.state_details.task_run_id, run.parent_task_run_id.or(first.create.state_details.task_run_id));
    (run.current, run.times, run.empirical_policy) = (Some(state), times, empirical_policy);
}

fn begin_task(run: &mut TaskRunFacts, first: &Step, now: Timestamp) {
    let proposal = Proposal::from_client(first.create.clone(), now);
    let TaskRunChange { state, times, flow_run_run_count, .. } =
        bookkeeping::task::enter(run.clone(), proposal, context(now, 0));
    check_times((None, run.times), (&state, times));
    assert_eq!((state.state_type, times.run_count), (first.create.state_type, starts(&state)));
    assert_eq!(state.state_details.task_run_id, Some(run.id));
    assert_eq!(state.state_details.flow_run_id, run.flow_run_id);
    (run.current, run.times, run.flow_run_run_count) = (Some(state), times, flow_run_run_count);
}

/// How often a run starts by entering this state: once or not at all.
fn starts(state: &State) -> i64 {
    i64::from(state.state_type == StateType::Running)
}

proptest! {
    #[test]
    fn invariants_of_a_flow_run_hold(
        first in step(),
        steps in vec(step(), 1..25),
        retries in option::of(0..4_i64),
        deployed in any::<bool>(),
        is_subflow in any::<bool>(),
    ) {
        let mut run = FlowRunFacts::created(FlowRunId(Uuid::from_u128(1)));
        run.empirical_policy.retries = retries;
        run.deployment_id = deployed.then(|| DeploymentId(Uuid::from_u128(2)));
        run.parent_task_run_id = is_subflow.then(|| TaskRunId(Uuid::from_u128(3)));
        let mut now = start();
        begin_flow(&mut run, &first, now);
        for (number, step) in (1..).zip(steps) {
            now = now.plus_micros(step.elapsed);
            let proposal = Proposal::from_client(step.create, now);
            let proposed = proposal.state_type;
            let policy = FlowPolicy::choose(step.force);
            let decide = || decide_flow(policy, run.clone(), proposal.clone(), step.client, context(now, number));
            let decision = decide();
            prop_assert_eq!(&decision, &decide(), "decisions are deterministic");
            let after = decision.change().map(|change| (&change.state, change.times));
            check((run.current.as_ref(), run.times), &decision, after, proposed);
            if let Outcome::Write { change, effects } = decision.outcome {
                let starts = starts(&change.state);
                prop_assert!((0..=starts).contains(&(change.times.run_count - run.times.run_count)));
                prop_assert_eq!(change.state.state_details.flow_run_id, Some(run.id));
                let (mirrors, others): (Vec<_>, Vec<_>) =
                    effects.into_iter().partition(|effect| matches!(effect, Effect::MirrorToParent(_)));
                let expected: Vec<_> = run.parent_task_run_id.map(Effect::MirrorToParent).into_iter().collect();
                prop_assert_eq!(mirrors, expected);
                let is_retry = |effect: &Effect| matches!(effect, Effect::RetryFailedTaskRuns { .. });
                prop_assert!(others.iter().all(is_retry));
                run.times = change.times;
                run.empirical_policy = change.empirical_policy;
                run.current = Some(change.state);
            }
        }
    }

    #[test]
    fn invariants_of_a_task_run_hold(
        first in step(),
        steps in vec(step(), 1..25),
        retries in option::of(0..4_i64),
    ) {
        let flow_run_id = FlowRunId(Uuid::from_u128(1));
        let mut run = TaskRunFacts::created(TaskRunId(Uuid::from_u128(2)), Some(flow_run_id));
        run.empirical_policy.retries = retries;
        let mut now = start();
        begin_task(&mut run, &first, now);
        for (number, step) in (1..).zip(steps) {
            now = now.plus_micros(step.elapsed);
            run.flow_run = Some(ParentFlowRun {
                id: flow_run_id,
                run_count: step.flow_run_count,
                state_type: step.flow_state,
                pause_timeout: None,
                pause_reschedule: false,
            });
            let proposal = Proposal::from_client(step.create, now);
            let proposed = proposal.state_type;
            let policy = TaskPolicy::choose(step.force, &proposal);
            let decide = || decide_task(policy, run.clone(), proposal.clone(), step.client, context(now, number));
            let decision = decide();
            prop_assert_eq!(&decision, &decide(), "decisions are deterministic");
            let after = decision.change().map(|change| (&change.state, change.times));
            check((run.current.as_ref(), run.times), &decision, after, proposed);
            if let Outcome::Write { change, effects } = decision.outcome {
                let starts = starts(&change.state);
                let is_rerun = run.current.as_ref().is_some_and(State::is_terminal) && !change.state.is_terminal();
                let resets_count = is_rerun && decision.verdict == Verdict::Accept && policy != TaskPolicy::Minimal;
                let count_before = if resets_count { 0 } else { run.times.run_count };
                prop_assert_eq!(change.times.run_count, count_before + starts);
                prop_assert_eq!(change.state.state_details.task_run_id, Some(run.id));
                prop_assert_eq!(change.state.state_details.flow_run_id, run.flow_run_id);
                prop_assert!(effects.is_empty());
                run.times = change.times;
                run.flow_run_run_count = change.flow_run_run_count;
                run.current = Some(change.state);
            }
        }
    }
}
