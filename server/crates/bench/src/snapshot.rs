//! What a workspace contains after a client has run in it, in a form that can be compared between two servers: flows, runs, states
//! and logs, without ids, times and generated names. Must not know which server it reads.

mod names;
mod rows;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::api::Api;
use names::Names;
use rows::{FlowRow, FlowRunRow, LogRow, Rows, RunRow, StateRow, TaskRunRow};

/// Differences between two runs of one client that the comparison ignores, each with its reason. In addition it ignores only ids,
/// times and generated names.
pub const IGNORED_DIFFERENCES: [(&str, &str); 6] = [
    ("the order of tags", "clients keep them in sets"),
    ("the order of task runs that differ only in their names", "tasks run concurrently"),
    ("the order of a flow run's own log lines", "concurrent tasks write in no fixed order"),
    ("the hash in a task key", "clients compute it from the script's code and path"),
    ("the content of a state's data, except its kind", "it contains keys of files, and pickled values"),
    ("the frames of a traceback in a message", "they name files of the Python that ran the client"),
];

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    flows: Vec<Flow>,
    flow_runs: Vec<FlowRun>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Flow {
    name: String,
    tags: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct FlowRun {
    flow: String,
    name: String,
    /// The task run that represents a subflow in its parent.
    parent: Option<Parent>,
    parameters: Value,
    #[serde(flatten)]
    run: Run,
    task_runs: Vec<TaskRunGroup>,
    /// Sorted by text, because concurrent tasks write in no fixed order.
    logs: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Parent {
    flow: String,
    task_run: String,
}

/// Task runs that differ only in their names.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct TaskRunGroup {
    /// Each with its dynamic key.
    names: Vec<String>,
    #[serde(flatten)]
    task_run: TaskRun,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct TaskRun {
    task_key: String,
    task_inputs: Value,
    flow_run_run_count: i64,
    #[serde(flatten)]
    run: Run,
    /// In chronological order.
    logs: Vec<String>,
}

/// The fields that flow runs and task runs share.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
struct Run {
    state: String,
    states: Vec<String>,
    tags: Vec<String>,
    run_count: i64,
    retries: Option<i64>,
    has_expected_start_time: bool,
    has_start_time: bool,
    has_end_time: bool,
    has_run_time: bool,
}

impl Snapshot {
    /// Reads everything once.
    pub async fn read(api: &Api) -> Result<Self> {
        Rows::read(api).await?.try_into()
    }

    /// Reads until every run has ended and two snapshots are equal: the reference stores task runs of 3.x clients with a delay,
    /// from events.
    pub async fn read_settled(api: &Api, timeout: Duration) -> Result<Self> {
        let deadline = Instant::now() + timeout;
        let mut last = None;
        loop {
            let next = Self::read(api).await;
            if let (Ok(next), Some(Ok(last))) = (&next, &last)
                && next == last
                && next.has_ended()
            {
                return Ok(next.clone());
            }
            if Instant::now() > deadline {
                bail!("runs still change or have not ended after {timeout:?}:\n{}", next?.text()?);
            }
            last = Some(next);
            sleep(Duration::from_millis(500)).await;
        }
    }

    /// Reads until the snapshot equals `expected`; on timeout the error contains the difference.
    pub async fn wait_until_equal(api: &Api, expected: &Self, timeout: Duration) -> Result<()> {
        let deadline = Instant::now() + timeout;
        loop {
            // Reading fails while logs are stored before their task run; then it is retried as well.
            let found = Self::read(api).await;
            if found.as_ref().is_ok_and(|found| found == expected) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!(
                    "the workspace differs from the expected snapshot (- expected, + found):\n{}",
                    difference(expected, &found?)?
                );
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    pub fn text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    fn has_ended(&self) -> bool {
        let tasks = self.flow_runs.iter().flat_map(|flow_run| &flow_run.task_runs).map(|tasks| &tasks.task_run.run);
        let mut runs = self.flow_runs.iter().map(|flow_run| &flow_run.run).chain(tasks);
        const FINAL: [&str; 4] = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"];
        !self.flow_runs.is_empty() && runs.all(|run| FINAL.iter().any(|last| run.state.starts_with(last)))
    }
}

/// The lines between the first and the last difference of two snapshots.
fn difference(expected: &Snapshot, found: &Snapshot) -> Result<String> {
    const MOST: usize = 80;
    let (expected, found) = (expected.text()?, found.text()?);
    let mut left: Vec<&str> = expected.lines().collect();
    let mut right: Vec<&str> = found.lines().collect();
    let same = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    left.drain(..same);
    right.drain(..same);
    while !left.is_empty() && left.last() == right.last() {
        left.pop();
        right.pop();
    }
    let format_lines = |sign: char, lines: &[&str]| {
        let more = lines.len().saturating_sub(MOST);
        let mut text: String = lines.iter().take(MOST).map(|line| format!("{sign} {line}\n")).collect();
        if more > 0 {
            text += &format!("{sign} and {more} more lines\n");
        }
        text
    };
    Ok(format!("from line {}\n{}{}", same + 1, format_lines('-', &left), format_lines('+', &right)))
}

impl TryFrom<Rows> for Snapshot {
    type Error = anyhow::Error;

    fn try_from(rows: Rows) -> Result<Self> {
        let names = Names::of(&rows);
        let mut flows: Vec<_> = rows.flows.iter().map(Flow::from).collect();
        flows.sort();
        let mut logs = logs_by_run(&rows.logs, &names)?;
        let mut flow_runs = Vec::new();
        for (row, states) in &rows.flow_runs {
            let tasks = rows.task_runs.iter().filter(|(task, _)| task.flow_run_id.as_deref() == Some(&row.run.id));
            let task_runs = group_task_runs(tasks, &names, &mut logs)?;
            let mut logs = logs.remove(&(Some(row.run.id.clone()), None)).unwrap_or_default();
            logs.sort();
            flow_runs.push(FlowRun {
                flow: rows.flow_name(row)?.to_owned(),
                name: names.flow_run(row),
                parent: parent(row, &rows, &names)?,
                parameters: row.parameters.clone(),
                run: run(&row.run, states),
                task_runs,
                logs,
            });
        }
        ensure!(logs.is_empty(), "logs of runs that do not exist: {logs:?}");
        flow_runs.sort_by_cached_key(|run| serde_json::to_string(run).unwrap_or_default());
        Ok(Self { flows, flow_runs })
    }
}

impl From<&FlowRow> for Flow {
    fn from(row: &FlowRow) -> Self {
        Self { name: row.name.clone(), tags: sorted(&row.tags) }
    }
}

type LogsByRun = HashMap<(Option<String>, Option<String>), Vec<String>>;

fn logs_by_run(rows: &[LogRow], names: &Names) -> Result<LogsByRun> {
    ensure!(rows.is_sorted_by_key(|log| log.timestamp), "the server returned logs in the wrong order");
    let mut logs = LogsByRun::new();
    for log in rows {
        let line = format!("{} {}: {}", level(log.level), log.name, names.message(&log.message));
        logs.entry((log.flow_run_id.clone(), log.task_run_id.clone())).or_default().push(line);
    }
    Ok(logs)
}

fn level(number: i64) -> String {
    match number {
        10 => "DEBUG".to_owned(),
        20 => "INFO".to_owned(),
        30 => "WARNING".to_owned(),
        40 => "ERROR".to_owned(),
        50 => "CRITICAL".to_owned(),
        other => other.to_string(),
    }
}

fn parent(row: &FlowRunRow, rows: &Rows, names: &Names) -> Result<Option<Parent>> {
    let Some(id) = &row.parent_task_run_id else { return Ok(None) };
    let Some((task, _)) = rows.task_runs.iter().find(|(task, _)| task.run.id == *id) else {
        bail!("the parent task run {id} of flow run {} does not exist", row.run.name);
    };
    let flow_run = rows.flow_runs.iter().find(|(parent, _)| Some(&parent.run.id) == task.flow_run_id.as_ref());
    let Some((flow_run, _)) = flow_run else { bail!("the task run {} belongs to no flow run", task.run.name) };
    Ok(Some(Parent { flow: rows.flow_name(flow_run)?.to_owned(), task_run: names.task_run(task) }))
}

fn group_task_runs<'a>(
    rows: impl Iterator<Item = &'a (TaskRunRow, Vec<StateRow>)>,
    names: &Names,
    logs: &mut LogsByRun,
) -> Result<Vec<TaskRunGroup>> {
    let mut groups: BTreeMap<String, TaskRunGroup> = BTreeMap::new();
    for (row, states) in rows {
        let task_run = TaskRun {
            task_key: names::task_key(&row.task_key),
            task_inputs: without_ids(&row.task_inputs),
            flow_run_run_count: row.flow_run_run_count,
            run: run(&row.run, states),
            logs: logs.remove(&(row.flow_run_id.clone(), Some(row.run.id.clone()))).unwrap_or_default(),
        };
        let name = format!("{} [{}]", names.task_run(row), names::dynamic_key(&row.dynamic_key));
        let key = serde_json::to_string(&task_run)?;
        groups.entry(key).or_insert_with(|| TaskRunGroup { names: Vec::new(), task_run }).names.push(name);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    for group in &mut groups {
        group.names.sort();
    }
    Ok(groups)
}

fn run(row: &RunRow, states: &[StateRow]) -> Run {
    Run {
        state: format!("{} {}", row.state_type, row.state_name),
        states: states.iter().map(state).collect(),
        tags: sorted(&row.tags),
        run_count: row.run_count,
        retries: row.empirical_policy.retries,
        has_expected_start_time: row.expected_start_time.is_some(),
        has_start_time: row.start_time.is_some(),
        has_end_time: row.end_time.is_some(),
        has_run_time: row.total_run_time > 0.0,
    }
}

fn state(row: &StateRow) -> String {
    let message = row.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    let data = data_kind(&row.data).map(|kind| format!(" ({kind} data)")).unwrap_or_default();
    format!("{} {}{message}{data}", row.kind, row.name)
}

/// The kind of a state's data; `None` if it has no data.
fn data_kind(value: &Value) -> Option<&str> {
    let kind = |name| value.get(name).and_then(Value::as_str);
    (!value.is_null()).then(|| kind("type").or_else(|| kind("encoding")).unwrap_or("other"))
}

/// Sorts tags, because clients keep them in sets, whose order differs between processes.
fn sorted(tags: &[String]) -> Vec<String> {
    let mut tags = tags.to_vec();
    tags.sort();
    tags
}

fn without_ids(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_ids).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| match name.as_str() {
                "id" => (name.clone(), Value::from("<id>")),
                _ => (name.clone(), without_ids(value)),
            };
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Snapshot, difference, without_ids};

    #[test]
    fn ids_in_task_inputs_are_replaced_at_any_depth() {
        let inputs = json!({"x": [{"input_type": "task_run", "id": "5b7c3c82"}], "y": []});
        let expected = json!({"x": [{"input_type": "task_run", "id": "<id>"}], "y": []});
        assert_eq!(without_ids(&inputs), expected);
    }

    #[test]
    fn difference_shows_only_the_differing_lines() {
        let snapshot = |tags: &[&str]| -> Snapshot {
            let flows = json!([{"name": "Testing", "tags": tags}]);
            serde_json::from_value(json!({"flows": flows, "flow_runs": []})).unwrap()
        };
        let text = difference(&snapshot(&["a"]), &snapshot(&["b"])).unwrap();
        assert_eq!(text, "from line 6\n-         \"a\"\n+         \"b\"\n");
    }
}
