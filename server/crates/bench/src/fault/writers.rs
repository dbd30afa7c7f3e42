//! Writers that remember what was acknowledged to them, and the comparison with what a server has stored. Every write
//! carries a mark that no other carries. Must not know what happens to the server meanwhile.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::task::JoinSet;

use crate::load::{Answer, Connection, Target};

/// As many as write at once in every one of these proofs.
pub const WRITERS: usize = 32;

/// What all marks begin with: they are UUIDs, and no server makes one like these.
pub const MARK: &str = "acacacac-acac-4aca-8aca-";
/// The length of a whole mark.
pub const MARK_LENGTH: usize = 36;

/// The states that a writer moves its runs through.
const STATES: [&str; 3] = ["PENDING", "RUNNING", "COMPLETED"];

fn mark() -> String {
    static MADE: AtomicU64 = AtomicU64::new(0);
    format!("{MARK}{:012x}", MADE.fetch_add(1, Ordering::Relaxed))
}

/// A run whose creation was acknowledged.
#[derive(Clone, Debug)]
pub struct Run {
    id: String,
    /// Its name.
    mark: String,
    /// The transitions that were acknowledged, in their order.
    transitions: Vec<String>,
    /// Whether one more may be stored: the server went away before it answered.
    open: bool,
}

/// What a server has told its writers.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub runs: Vec<Run>,
    /// The statuses of answers that were no success.
    pub refusals: Vec<u16>,
}

impl Told {
    /// How many writes were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.runs.iter().map(|run| 1 + run.transitions.len()).sum()
    }

    pub fn extend(&mut self, other: Self) {
        self.runs.extend(other.runs);
        self.refusals.extend(other.refusals);
    }
}

/// How long writers write.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// For so many runs each.
    Runs(usize),
    /// Until the connections break, which they may once this says that the server was told to die.
    Killed(&'static AtomicBool),
}

impl Until {
    fn may_break(self, error: &anyhow::Error) -> bool {
        let Self::Killed(killed) = self else { return false };
        killed.load(Ordering::SeqCst) && error.root_cause().is::<std::io::Error>()
    }
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Runs all writers, with runs of one flow; `counter` grows with each acknowledgement.
pub async fn write(target: &Target, flow: &str, until: Until, counter: &'static AtomicUsize) -> Result<Told> {
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (mut connection, flow) = (Connection::open(target).await?, flow.to_owned());
        writers.spawn(async move {
            let mut told = Told::default();
            let most = match until {
                Until::Runs(most) => most,
                Until::Killed(_) => usize::MAX,
            };
            for _ in 0..most {
                match write_one(&mut connection, &flow, &mut told, counter).await {
                    Ok(()) => {}
                    Err(error) if until.may_break(&error) => break,
                    Err(error) => return Err(error.context("a writer lost its server")),
                }
            }
            Ok(told)
        });
    }
    let mut told = Told::default();
    while let Some(writer) = writers.join_next().await {
        told.extend(writer??);
    }
    Ok(told)
}

/// One run through its states. `Err` if the connection broke.
async fn write_one(connection: &mut Connection, flow: &str, told: &mut Told, counter: &AtomicUsize) -> Result<()> {
    let name = mark();
    let create = format!(r#"{{"flow_id": "{flow}", "name": "{name}", "state": {{"type": "PENDING"}}}}"#);
    let answer = connection.post("/flow_runs/", create.as_bytes()).await?;
    if !(200..300).contains(&answer.status) {
        told.refusals.push(answer.status);
        return Ok(());
    }
    counter.fetch_add(1, Ordering::Relaxed);
    let id = read::<Named>(answer)?.id;
    let path = format!("/flow_runs/{id}/set_state");
    told.runs.push(Run { id, mark: name, transitions: Vec::new(), open: false });
    let run = told.runs.last_mut().context("it was pushed just now")?;
    for state in &STATES[1..] {
        let transition = mark();
        let ask =
            format!(r#"{{"state": {{"type": "{state}", "state_details": {{"transition_id": "{transition}"}}}}}}"#);
        run.open = true;
        let Answer { status, .. } = connection.post(&path, ask.as_bytes()).await?;
        run.open = false;
        if !(200..300).contains(&status) {
            told.refusals.push(status);
            return Ok(());
        }
        counter.fetch_add(1, Ordering::Relaxed);
        run.transitions.push(transition);
    }
    Ok(())
}

#[derive(Deserialize)]
struct RunRow {
    name: String,
    state_type: String,
}

#[derive(Deserialize)]
struct StateRow {
    #[serde(rename = "type")]
    kind: String,
    state_details: Details,
}

#[derive(Deserialize)]
struct Details {
    transition_id: Option<String>,
}

/// Every acknowledged write of these runs is stored, and nothing else is stored of them; each run's history is legal.
pub async fn compare(target: &Target, runs: &[Run]) -> Result<()> {
    let mut connection = Connection::open(target).await?;
    for run in runs {
        let found: RunRow = read(connection.get(&format!("/flow_runs/{}", run.id)).await?)?;
        ensure!(found.name == run.mark, "run {} is called {} instead of {}", run.id, found.name, run.mark);
        let path = format!("/flow_run_states/?flow_run_id={}", run.id);
        let states: Vec<StateRow> = read(connection.get(&path).await?)?;
        let kinds: Vec<_> = states.iter().map(|state| state.kind.as_str()).collect();
        let most = 1 + run.transitions.len() + usize::from(run.open);
        ensure!(STATES.starts_with(&kinds) && kinds.len() <= most, "run {} went through {kinds:?}", run.id);
        ensure!(kinds.last() == Some(&found.state_type.as_str()), "run {} is {}", run.id, found.state_type);
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

/// How many flow runs the server has in all.
pub async fn stored_runs(target: &Target) -> Result<usize> {
    read(Connection::open(target).await?.post("/flow_runs/count", b"{}").await?)
}

fn read<T: DeserializeOwned>(Answer { status, body }: Answer<'_>) -> Result<T> {
    let text = || String::from_utf8_lossy(body);
    ensure!((200..300).contains(&status), "answered {status}: {}", text());
    serde_json::from_slice(body).with_context(|| format!("an answer of another shape: {}", text()))
}
