//! Concurrent writers that record which writes the server acknowledged, and the comparison with what the server has stored. Each
//! write carries a unique marker. Must not know which fault the server has.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

use crate::load::{Connection, Response, Target};

/// Number of concurrent writers.
pub const WRITERS: usize = 32;

/// Prefix of all markers. Markers are UUIDs; servers do not generate UUIDs with this prefix.
pub const MARKER_PREFIX: &str = "acacacac-acac-4aca-8aca-";
/// Length of a marker in bytes.
pub const MARKER_LENGTH: usize = 36;

/// The states that a writer sets for each run, in order.
const STATES: [&str; 3] = ["PENDING", "RUNNING", "COMPLETED"];

fn new_marker() -> String {
    static CREATED: AtomicU64 = AtomicU64::new(0);
    format!("{MARKER_PREFIX}{:012x}", CREATED.fetch_add(1, Ordering::Relaxed))
}

/// A run whose creation was acknowledged.
#[derive(Clone, Debug)]
pub struct AcknowledgedRun {
    id: String,
    /// The name of the run.
    marker: String,
    /// Markers of the acknowledged transitions, in order.
    transitions: Vec<String>,
    /// Whether one more transition may be stored: the server was killed before it responded.
    is_pending: bool,
}

/// What the server acknowledged and refused.
#[derive(Clone, Debug, Default)]
pub struct WriteResults {
    pub runs: Vec<AcknowledgedRun>,
    /// Statuses outside 2xx.
    pub refusals: Vec<u16>,
}

impl WriteResults {
    /// Number of acknowledged writes.
    pub fn acknowledged(&self) -> usize {
        self.runs.iter().map(|run| 1 + run.transitions.len()).sum()
    }

    pub fn extend(&mut self, other: Self) {
        self.runs.extend(other.runs);
        self.refusals.extend(other.refusals);
    }
}

/// When writers stop.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After this number of runs each.
    Runs(usize),
    /// When the connection breaks, which is an error unless this flag says that the server was killed.
    Killed(&'static AtomicBool),
}

impl Until {
    fn allows_error(self, error: &anyhow::Error) -> bool {
        let Self::Killed(killed) = self else { return false };
        killed.load(Ordering::SeqCst) && error.root_cause().is::<std::io::Error>()
    }
}

#[derive(Deserialize)]
struct CreatedRun {
    id: String,
}

/// Runs all writers, with runs of one flow; increments `counter` with each acknowledgement.
pub async fn write(target: &Target, flow: &str, until: Until, counter: &'static AtomicUsize) -> Result<WriteResults> {
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (mut connection, flow) = (Connection::open(target).await?, flow.to_owned());
        writers.spawn(async move {
            let mut results = WriteResults::default();
            let most = match until {
                Until::Runs(most) => most,
                Until::Killed(_) => usize::MAX,
            };
            for _ in 0..most {
                match write_one(&mut connection, &flow, &mut results, counter).await {
                    Ok(()) => {}
                    Err(error) if until.allows_error(&error) => break,
                    Err(error) => return Err(error.context("a writer lost its connection")),
                }
            }
            Ok(results)
        });
    }
    let mut results = WriteResults::default();
    while let Some(writer) = writers.join_next().await {
        results.extend(writer??);
    }
    Ok(results)
}

/// Creates one run and sets its states. Returns an error if the connection broke.
async fn write_one(
    connection: &mut Connection,
    flow: &str,
    results: &mut WriteResults,
    counter: &AtomicUsize,
) -> Result<()> {
    let name = new_marker();
    let create = format!(r#"{{"flow_id": "{flow}", "name": "{name}", "state": {{"type": "PENDING"}}}}"#);
    let response = connection.post("/flow_runs/", create.as_bytes()).await?;
    if !(200..300).contains(&response.status) {
        results.refusals.push(response.status);
        return Ok(());
    }
    counter.fetch_add(1, Ordering::Relaxed);
    let id = read::<CreatedRun>(response)?.id;
    let path = format!("/flow_runs/{id}/set_state");
    results.runs.push(AcknowledgedRun { id, marker: name, transitions: Vec::new(), is_pending: false });
    let run = results.runs.last_mut().context("it was pushed just now")?;
    for state in &STATES[1..] {
        let transition = new_marker();
        let request =
            format!(r#"{{"state": {{"type": "{state}", "state_details": {{"transition_id": "{transition}"}}}}}}"#);
        run.is_pending = true;
        let Response { status, .. } = connection.post(&path, request.as_bytes()).await?;
        run.is_pending = false;
        if !(200..300).contains(&status) {
            results.refusals.push(status);
            return Ok(());
        }
        counter.fetch_add(1, Ordering::Relaxed);
        run.transitions.push(transition);
    }
    Ok(())
}

#[derive(Deserialize)]
struct StoredRun {
    name: String,
    state_type: String,
}

#[derive(Deserialize)]
struct StoredState {
    #[serde(rename = "type")]
    kind: String,
    state_details: StoredDetails,
}

#[derive(Deserialize)]
struct StoredDetails {
    transition_id: Option<String>,
}

/// Checks that exactly the acknowledged writes of these runs are stored, and that each run's states are in order.
pub async fn compare(target: &Target, runs: &[AcknowledgedRun]) -> Result<()> {
    let mut connection = Connection::open(target).await?;
    for run in runs {
        let stored_run: StoredRun = read(connection.get(&format!("/flow_runs/{}", run.id)).await?)?;
        ensure!(
            stored_run.name == run.marker,
            "run {} has the name {} instead of {}",
            run.id,
            stored_run.name,
            run.marker
        );
        let path = format!("/flow_run_states/?flow_run_id={}", run.id);
        let states: Vec<StoredState> = read(connection.get(&path).await?)?;
        let kinds: Vec<_> = states.iter().map(|state| state.kind.as_str()).collect();
        let most = 1 + run.transitions.len() + usize::from(run.is_pending);
        ensure!(STATES.starts_with(&kinds) && kinds.len() <= most, "run {} went through {kinds:?}", run.id);
        ensure!(kinds.last() == Some(&stored_run.state_type.as_str()), "run {} is {}", run.id, stored_run.state_type);
        let stored: Vec<_> = states.iter().skip(1).map(|state| state.state_details.transition_id.as_deref()).collect();
        for (number, transition) in run.transitions.iter().enumerate() {
            ensure!(
                stored.get(number) == Some(&Some(transition.as_str())),
                "run {} lost the acknowledged transition {transition}: {stored:?}",
                run.id
            );
        }
    }
    Ok(())
}

/// Number of flow runs that the server has stored.
pub async fn stored_runs(target: &Target) -> Result<usize> {
    read(Connection::open(target).await?.post("/flow_runs/count", b"{}").await?)
}

fn read<T: DeserializeOwned>(Response { status, body }: Response<'_>) -> Result<T> {
    let text = || String::from_utf8_lossy(body);
    ensure!((200..300).contains(&status), "unexpected status {status}: {}", text());
    serde_json::from_slice(body).with_context(|| format!("unexpected response body: {}", text()))
}
