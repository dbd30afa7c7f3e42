//! A flow run from its creation over Running to Completed, as a client moves it, on any server that speaks this API.
//! Must not know which server that is.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use tokio::task::JoinSet;

use crate::load::{Answer, Connection, Target};

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Orchestrated {
    status: String,
}

/// How often a flow is asked for: a server that has just started may be busy with itself.
const TRIES: usize = 100;
/// Not now: the reference server says 503 when its database is locked, ours 429 when it has too much to do. Clients ask again.
const NOT_NOW: [u16; 2] = [429, 503];

/// Makes the flow that runs are made of.
pub async fn flow(target: &Target) -> Result<String> {
    let mut connection = Connection::open(target).await?;
    for _ in 0..TRIES {
        let answer = connection.post("/flows/", br#"{"name": "Testing"}"#).await?;
        if !NOT_NOW.contains(&answer.status) {
            return named(answer);
        }
    }
    bail!("no flow could be made in {TRIES} tries")
}

/// Moves one new run from its creation to Completed; false if the server was not available for one of the steps.
pub async fn run(connection: &mut Connection, flow: &str) -> Result<bool> {
    let create = format!(
        r#"{{"flow_id": "{flow}", "parameters": {{}}, "context": {{}}, "tags": [], "empirical_policy": {{}}, "state": {{"type": "PENDING", "name": "Pending", "message": null, "state_details": {{}}}}}}"#
    );
    let answer = connection.post("/flow_runs/", create.as_bytes()).await?;
    if NOT_NOW.contains(&answer.status) {
        return Ok(false);
    }
    let id = named(answer)?;
    for (kind, name) in [("RUNNING", "Running"), ("COMPLETED", "Completed")] {
        let ask = format!(
            r#"{{"state": {{"type": "{kind}", "name": "{name}", "message": null, "state_details": {{}}}}, "force": false}}"#
        );
        let answer = connection.post(&format!("/flow_runs/{id}/set_state"), ask.as_bytes()).await?;
        if NOT_NOW.contains(&answer.status) {
            return Ok(false);
        }
        let verdict: Orchestrated = read(answer)?;
        ensure!(verdict.status == "ACCEPT", "{kind} was answered with {}", verdict.status);
    }
    Ok(true)
}

fn named(answer: Answer<'_>) -> Result<String> {
    read::<Named>(answer).map(|row| row.id)
}

fn read<'a, T: Deserialize<'a>>(Answer { status, body }: Answer<'a>) -> Result<T> {
    let text = || String::from_utf8_lossy(body);
    ensure!((200..300).contains(&status), "a request was answered {status}: {}", text());
    serde_json::from_slice(body).with_context(|| format!("an answer of another shape: {}", text()))
}

/// How many runs were completed in how much time, and how long each took.
#[derive(Debug)]
pub struct Outcome {
    pub took: Duration,
    pub each: Vec<Duration>,
    /// Runs that were given up because the server was not available or closed the connection.
    pub given_up: usize,
}

impl Outcome {
    pub fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a count of seconds' work")]
        let runs = self.each.len() as f64;
        runs / self.took.as_secs_f64()
    }
}

/// Runs lifecycles over so many connections for a while; those under way are finished.
pub async fn many(target: &Target, flow: &str, connections: usize, span: Duration) -> Result<Outcome> {
    let mut all = JoinSet::new();
    let mut opened = Vec::with_capacity(connections);
    for _ in 0..connections {
        opened.push(Connection::open(target).await?);
    }
    let start = Instant::now();
    for mut connection in opened {
        let (target, flow) = (target.clone(), flow.to_owned());
        all.spawn(async move {
            let (mut each, mut given_up) = (Vec::new(), 0);
            while start.elapsed() < span {
                let begun = Instant::now();
                match run(&mut connection, &flow).await {
                    Ok(true) => each.push(begun.elapsed()),
                    Ok(false) => given_up += 1,
                    Err(error) if error.root_cause().is::<std::io::Error>() => {
                        given_up += 1;
                        connection = Connection::open(&target).await?;
                    }
                    Err(error) => return Err(error),
                }
            }
            anyhow::Ok((each, given_up))
        });
    }
    let (mut each, mut given_up) = (Vec::new(), 0);
    while let Some(done) = all.join_next().await {
        let done = done??;
        each.extend(done.0);
        given_up += done.1;
    }
    Ok(Outcome { took: start.elapsed(), each, given_up })
}
