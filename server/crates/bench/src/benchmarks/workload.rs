//! Runs in a database whose states the product changes, and how long it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use control::{
    Cx, access::Workspace, clock::Clock, flow, flow_run, ids::Ids, local, server::RunningServer, settings::Settings,
};
use engine::api_version::Client;
use identity::{Cost, Hasher, SignInLimits, SignInThrottle};
use model::{
    id::{FlowId, FlowRunId},
    orchestration::{SetState, SetStateStatus},
    permission::WriteRuns,
};
use serde_json::json;
use store::db::{Db, Limits, Location};
use tokio::task::JoinSet;

use bench::measure::{percentile, processor_time};

/// Number of runs that the callers change in turn: enough that their rows fill many database pages.
pub const RUNS: usize = 10_000;
const SEEDING_CALLERS: usize = 32;
/// No rule rejects a transition from one of these to the next.
const STEPS: [&str; 3] = ["RUNNING", "SCHEDULED", "PENDING"];
/// Duration of each operation and of all together, and the processor time of this process.
pub struct Measurement {
    pub each: Vec<Duration>,
    pub took: Duration,
    pub processor: Duration,
}

impl Measurement {
    pub fn per_second(&self) -> f64 {
        count(self.each.len()) / self.took.as_secs_f64()
    }

    pub fn line(&mut self) -> String {
        format!(
            "{:>6.0}/s p50 {:>6.2} p99 {:>6.2} ms, processor {:>4.0} µs",
            self.per_second(),
            percentile(&mut self.each, 50).as_secs_f64() * 1e3,
            percentile(&mut self.each, 99).as_secs_f64() * 1e3,
            self.processor.as_secs_f64() * 1e6 / count(self.each.len())
        )
    }
}

pub fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// Measures the duration of `all` and the processor time that this process uses for it.
pub async fn timed(all: impl Future<Output = Result<Vec<Duration>>>) -> Result<Measurement> {
    let (start, before) = (Instant::now(), processor_time(std::process::id())?);
    let each = all.await?;
    Ok(Measurement { each, took: start.elapsed(), processor: processor_time(std::process::id())? - before })
}

/// A database with runs, and what is needed to change their state.
pub struct Workload {
    pub location: Location,
    pub cx: Cx,
    pub workspace: Workspace<WriteRuns>,
    pub flow: FlowId,
    pub runs: Arc<[FlowRunId]>,
}

impl Workload {
    pub async fn seed(location: Location) -> Result<Self> {
        let cx = open(&location).await?;
        local::ensure(&cx).await?;
        let workspace = control::access::authorize_local::<WriteRuns>(&cx).await?;
        let flow = flow::create(&cx, workspace, serde_json::from_value(json!({"name": "Testing"}))?).await?.value.id;
        let mut tasks = JoinSet::new();
        for _ in 0..SEEDING_CALLERS {
            let cx = cx.clone();
            tasks.spawn(async move {
                let mut ids = Vec::new();
                for _ in 0..RUNS.div_ceil(SEEDING_CALLERS) {
                    let create = serde_json::from_value(json!({"flow_id": flow, "state": {"type": "PENDING"}}))?;
                    ids.push(flow_run::create(&cx, workspace, create, Client::default()).await?.value.id);
                }
                anyhow::Ok(ids)
            });
        }
        let runs = tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat();
        Ok(Self { location, cx, workspace, flow, runs: runs.into() })
    }

    pub async fn measure(&self, callers: usize, span: Duration) -> Result<Measurement> {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for caller in 0..callers {
            let (cx, workspace, runs) = (self.cx.clone(), self.workspace, Arc::clone(&self.runs));
            tasks.spawn(async move {
                let mut each = Vec::new();
                // Each run goes through all steps, so that it is pending again for the next measurement.
                for run in runs.iter().skip(caller).step_by(callers).cycle() {
                    for step in STEPS {
                        let step_start = Instant::now();
                        set_state(&cx, workspace, *run, step).await?;
                        each.push(step_start.elapsed());
                    }
                    if start.elapsed() >= span {
                        break;
                    }
                }
                anyhow::Ok(each)
            });
        }
        timed(async { Ok(tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat()) }).await
    }
}

async fn set_state(cx: &Cx, workspace: Workspace<WriteRuns>, run: FlowRunId, step: &str) -> Result<()> {
    let request: SetState = serde_json::from_value(json!({"state": {"type": step}}))?;
    let response = flow_run::set_state(cx, workspace, run, request, Client::default()).await?.value;
    ensure!(response.status == SetStateStatus::Accept, "{step} was not accepted: {response:?}");
    Ok(())
}

async fn open(location: &Location) -> Result<Cx> {
    let (clock, db) = (Clock::system(), Db::open(location, Limits::default()).await?);
    store::migrate::migrate(&db, clock.now()).await?;
    // Cheap password hashing, because this benchmark does not sign in.
    let cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
    Ok(Cx {
        db,
        server: RunningServer::new(clock.now()),
        clock,
        ids: Ids::random(),
        settings: Arc::new(Settings { local: true, ..Settings::default() }),
        hasher: Arc::new(Hasher::new(cost)?),
        throttle: Arc::new(SignInThrottle::new(SignInLimits::default())),
    })
}
