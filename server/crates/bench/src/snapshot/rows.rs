//! The rows that a server returns, and the requests that fetch all of them. Must not know what is compared.

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::api::Api;

/// Largest page that a server returns.
const PAGE: usize = 200;
/// More rows than any script stores; the limit stops the loop if a server returns the same page again and again.
const MOST: usize = 5_000;

#[derive(Debug)]
pub struct Rows {
    pub flows: Vec<FlowRow>,
    pub flow_runs: Vec<(FlowRunRow, Vec<StateRow>)>,
    pub task_runs: Vec<(TaskRunRow, Vec<StateRow>)>,
    pub logs: Vec<LogRow>,
}

#[derive(Debug, Deserialize)]
pub struct FlowRow {
    pub id: String,
    pub name: String,
    pub tags: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct RunRow {
    pub id: String,
    pub name: String,
    pub state_type: String,
    pub state_name: String,
    pub tags: Vec<String>,
    pub run_count: i64,
    pub empirical_policy: PolicyRow,
    pub expected_start_time: Option<DateTime<Utc>>,
    pub start_time: Option<DateTime<Utc>>,
    pub end_time: Option<DateTime<Utc>>,
    pub total_run_time: f64,
}

#[derive(Debug, Deserialize)]
pub struct PolicyRow {
    pub retries: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub struct FlowRunRow {
    #[serde(flatten)]
    pub run: RunRow,
    pub flow_id: String,
    pub parameters: Value,
    pub parent_task_run_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct TaskRunRow {
    #[serde(flatten)]
    pub run: RunRow,
    pub flow_run_id: Option<String>,
    pub task_key: String,
    pub dynamic_key: String,
    pub task_inputs: Value,
    pub flow_run_run_count: i64,
}

#[derive(Debug, Deserialize)]
pub struct StateRow {
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub timestamp: DateTime<Utc>,
    pub message: Option<String>,
    pub data: Value,
}

#[derive(Debug, Deserialize)]
pub struct LogRow {
    pub name: String,
    pub level: i64,
    pub message: String,
    pub timestamp: DateTime<Utc>,
    pub flow_run_id: Option<String>,
    pub task_run_id: Option<String>,
}

impl Rows {
    pub async fn read(api: &Api) -> Result<Self> {
        let flows = pages(api, "/flows/filter", "NAME_ASC").await?;
        let mut flow_runs = Vec::new();
        for row in pages::<FlowRunRow>(api, "/flow_runs/filter", "START_TIME_ASC").await? {
            row.run.check()?;
            let states = states(api, &format!("/flow_run_states/?flow_run_id={}", row.run.id)).await?;
            flow_runs.push((row, states));
        }
        let mut task_runs = Vec::new();
        for row in pages::<TaskRunRow>(api, "/task_runs/filter", "EXPECTED_START_TIME_ASC").await? {
            row.run.check()?;
            let states = states(api, &format!("/task_run_states/?task_run_id={}", row.run.id)).await?;
            task_runs.push((row, states));
        }
        let logs = pages(api, "/logs/filter", "TIMESTAMP_ASC").await?;
        Ok(Self { flows, flow_runs, task_runs, logs })
    }

    pub fn flow_name(&self, row: &FlowRunRow) -> Result<&str> {
        let flow = self.flows.iter().find(|flow| flow.id == row.flow_id);
        Ok(&flow.with_context(|| format!("flow run {} has no flow", row.run.name))?.name)
    }
}

impl RunRow {
    /// Checks what must be true of every run on every server.
    fn check(&self) -> Result<()> {
        if let (Some(start), Some(end)) = (self.start_time, self.end_time) {
            ensure!(start <= end, "run {} ends at {end}, before its start at {start}", self.name);
        }
        Ok(())
    }
}

async fn states(api: &Api, path: &str) -> Result<Vec<StateRow>> {
    let states: Vec<StateRow> = api.get(path).await?;
    ensure!(states.is_sorted_by_key(|state| state.timestamp), "{path}: states out of order: {states:?}");
    Ok(states)
}

async fn pages<T: DeserializeOwned>(api: &Api, path: &str, sort: &str) -> Result<Vec<T>> {
    let mut all = Vec::new();
    loop {
        let page: Vec<Map<String, Value>> =
            api.post(path, &json!({"sort": sort, "limit": PAGE, "offset": all.len()})).await?;
        let complete = page.len() < PAGE;
        for row in page {
            let name = row.get("name").cloned().unwrap_or_default();
            all.push(serde_json::from_value(row.into()).with_context(|| format!("{path}: row {name}"))?);
        }
        ensure!(all.len() <= MOST, "{path} returns more than {MOST} rows");
        if complete {
            return Ok(all);
        }
    }
}
