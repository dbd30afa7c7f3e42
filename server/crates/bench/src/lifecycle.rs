//! The lifecycle of a flow run, from creation over Running to Completed, with the requests of a client. Must not know which
//! server it calls.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use tokio::task::JoinSet;

use crate::load::{Connection, Response, Target};

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
struct Orchestrated {
    status: String,
}

/// Attempts to create the flow: a server that has just started may be busy.
const ATTEMPTS: usize = 100;
/// Statuses on which clients retry: the reference server returns 503 while its database is locked, Provost 429 when overloaded.
const RETRY_LATER: [u16; 2] = [429, 503];

/// Creates the flow of the runs and returns its id.
pub async fn create_flow(target: &Target) -> Result<String> {
    let mut connection = Connection::open(target).await?;
    for _ in 0..ATTEMPTS {
        let response = connection.post("/flows/", br#"{"name": "Testing"}"#).await?;
        if !RETRY_LATER.contains(&response.status) {
            return created_id(response);
        }
    }
    bail!("could not create a flow in {ATTEMPTS} attempts")
}

/// Creates a run and takes it to Completed; returns false if the server returned one of `RETRY_LATER`.
pub async fn complete_run(connection: &mut Connection, flow: &str) -> Result<bool> {
    let create = format!(
        r#"{{"flow_id": "{flow}", "parameters": {{}}, "context": {{}}, "tags": [], "empirical_policy": {{}}, "state": {{"type": "PENDING", "name": "Pending", "message": null, "state_details": {{}}}}}}"#
    );
    let response = connection.post("/flow_runs/", create.as_bytes()).await?;
    if RETRY_LATER.contains(&response.status) {
        return Ok(false);
    }
    let id = created_id(response)?;
    for (kind, name) in [("RUNNING", "Running"), ("COMPLETED", "Completed")] {
        let request = format!(
            r#"{{"state": {{"type": "{kind}", "name": "{name}", "message": null, "state_details": {{}}}}, "force": false}}"#
        );
        let response = connection.post(&format!("/flow_runs/{id}/set_state"), request.as_bytes()).await?;
        if RETRY_LATER.contains(&response.status) {
            return Ok(false);
        }
        let result: Orchestrated = read(response)?;
        ensure!(result.status == "ACCEPT", "{kind} returned {}", result.status);
    }
    Ok(true)
}

fn created_id(response: Response<'_>) -> Result<String> {
    read::<Created>(response).map(|row| row.id)
}

fn read<'a, T: Deserialize<'a>>(Response { status, body }: Response<'a>) -> Result<T> {
    let text = || String::from_utf8_lossy(body);
    ensure!((200..300).contains(&status), "unexpected status {status}: {}", text());
    serde_json::from_slice(body).with_context(|| format!("unexpected response body: {}", text()))
}

/// Duration of the load and of each completed run.
#[derive(Debug)]
pub struct LoadReport {
    pub took: Duration,
    pub each: Vec<Duration>,
    /// Runs that were abandoned because the server was not available or closed the connection.
    pub given_up: usize,
}

impl LoadReport {
    pub fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "the number of runs in some seconds is small")]
        let runs = self.each.len() as f64;
        runs / self.took.as_secs_f64()
    }
}

/// Runs lifecycles over `connections` connections for `span`; lifecycles that have started are completed.
pub async fn run_load(target: &Target, flow: &str, connections: usize, span: Duration) -> Result<LoadReport> {
    let mut tasks = JoinSet::new();
    let mut open_connections = Vec::with_capacity(connections);
    for _ in 0..connections {
        open_connections.push(Connection::open(target).await?);
    }
    let start = Instant::now();
    for mut connection in open_connections {
        let (target, flow) = (target.clone(), flow.to_owned());
        tasks.spawn(async move {
            let (mut each, mut given_up) = (Vec::new(), 0);
            while start.elapsed() < span {
                let run_start = Instant::now();
                match complete_run(&mut connection, &flow).await {
                    Ok(true) => each.push(run_start.elapsed()),
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
    while let Some(done) = tasks.join_next().await {
        let done = done??;
        each.extend(done.0);
        given_up += done.1;
    }
    Ok(LoadReport { took: start.elapsed(), each, given_up })
}
