//! The upper limit: runs the SQL of one state change in a loop with the database drivers, without the product's storage path,
//! rules or JSON. The statements are the product's, so that both do the same work in the database.
#![expect(clippy::disallowed_types, reason = "this benchmark measures the bare drivers")]

use std::iter::repeat_with;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use model::state::StateType;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use store::db::Location;
use store::statement::STATEMENTS;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::workload::{Measurement, Workload, timed};

/// Number of connections that the product uses for writes to PostgreSQL.
const CONNECTIONS: usize = 16;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// What the product stores in the two JSON columns.
const DETAILS: &str =
    r#"{"flow_run_id":"01a20b9f-f30c-79ea-9303-eea0fca95c3c","scheduled_time":null,"transition_id":null}"#;
const POLICY: &str = r#"{"max_retries":0,"retry_delay_seconds":0.0,"retries":null,"retry_delay":null}"#;

/// A parameter of a statement.
enum Param {
    NullText,
    NullInt,
    Int(i64),
    Text(&'static str),
    Id(Uuid),
}

use Param::{Id, Int, NullInt, NullText, Text};

/// Runs state changes for `span`. On SQLite one transaction contains a change for each caller; on PostgreSQL each transaction
/// contains one change, and each caller has a connection, up to `CONNECTIONS`.
pub async fn measure(workload: &Workload, callers: usize, span: Duration) -> Result<Measurement> {
    let statements = Statements::read()?;
    let params = ParamSource { shared: SharedIds::of(workload), new_ids: workload.cx.ids.clone() };
    match &workload.location {
        Location::File(path) => {
            let mut connection = rusqlite::Connection::open(path)?;
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;",
            )?;
            connection.set_prepared_statement_cache_capacity(512);
            let task = tokio::task::spawn_blocking(move || {
                on_sqlite(&mut connection, &statements.for_sqlite(), &params, callers, span)
            });
            timed(async { task.await? }).await
        }
        Location::Postgres(url) => timed(on_postgres(url, &statements, &params, callers.min(CONNECTIONS), span)).await,
    }
}

/// The ids that all changes use.
#[derive(Clone)]
struct SharedIds {
    workspace: Uuid,
    flow: Uuid,
    runs: Vec<Uuid>,
}

impl SharedIds {
    fn of(workload: &Workload) -> Self {
        let runs = workload.runs.iter().map(|run| run.0).collect();
        Self { workspace: workload.workspace.id().0, flow: workload.flow.0, runs }
    }
}

/// Generates the parameters of one change after the other.
#[derive(Clone)]
struct ParamSource {
    shared: SharedIds,
    new_ids: control::ids::Ids,
}

impl ParamSource {
    /// The parameters of the five statements: read the run, insert its state, update the run, and update two tables of counters.
    fn change(&self, number: usize, slot: i64) -> [Vec<Param>; 5] {
        let SharedIds { workspace, flow, ref runs } = self.shared;
        let (run, state) = (runs[number % runs.len()], self.new_ids.make(model::time::Timestamp::from_micros(0)));
        let steps = [StateType::Pending, StateType::Running].map(|state| (state.as_str(), state.default_name()));
        let (from, to) = (steps[number / runs.len() % 2], steps[(number / runs.len() + 1) % 2]);
        let now = 1_795_600_800_000_000 + i64::try_from(number).unwrap_or_default();
        let key = |(kind, name), runs| [Text(kind), Text(name), Int(slot), Int(runs)];
        let total = |state, runs| [Text("flow_run"), Id(flow), Id(Uuid::nil())].into_iter().chain(key(state, runs));
        let hour = |grain, flow, state, runs| {
            let bucket = now / 1_000_000 / grain;
            [Text("flow_run"), Int(grain), Int(bucket), Id(flow), Id(Uuid::nil())].into_iter().chain(key(state, runs))
        };
        let hours = |state, runs| hour(HOUR, flow, state, runs).chain(hour(DAY, Uuid::nil(), state, runs));
        [
            vec![Id(workspace), Id(run)],
            vec![
                Id(workspace),
                Id(state),
                Id(run),
                Text(to.0),
                Text(to.1),
                Int(now),
                NullText,
                NullText,
                Text(DETAILS),
            ],
            vec![
                Id(workspace),
                Id(run),
                Id(state),
                Text(to.0),
                Text(to.1),
                Int(now),
                Text(POLICY),
                Int(1),
                Int(now),
                NullInt,
                Int(now),
                NullInt,
                Int(0),
                Int(now),
            ],
            std::iter::once(Id(workspace)).chain(total(from, -1)).chain(total(to, 1)).collect(),
            std::iter::once(Id(workspace)).chain(hours(from, -1)).chain(hours(to, 1)).collect(),
        ]
    }
}

/// The SQL of one state change, as the product runs it.
struct Statements {
    lock: String,
    change: [String; 5],
}

impl Statements {
    fn read() -> Result<Self> {
        Ok(Self {
            lock: text("LOCK_FLOW_RUN")?,
            change: [
                text("FLOW_RUN_FOR_RULES")?,
                text("INSERT_FLOW_RUN_STATES")?,
                text("UPDATE_FLOW_RUN_STATE")?,
                with_rows(&text("ADD_TOTALS")?, 2)?,
                with_rows(&text("ADD_HOURS")?, 4)?,
            ],
        })
    }

    /// In SQLite `$n` is a parameter's name and `?n` its number.
    fn for_sqlite(&self) -> [String; 5] {
        self.change.each_ref().map(|text| text.replace('$', "?"))
    }
}

fn text(name: &str) -> Result<String> {
    let entry = STATEMENTS.iter().find(|entry| entry.name == name);
    Ok((entry.with_context(|| format!("the product has no statement {name}"))?.postgres)().to_owned())
}

/// Turns an INSERT of one row into an INSERT of several rows. The workspace, `$1`, is the same in all rows.
fn with_rows(text: &str, rows: usize) -> Result<String> {
    let (head, rest) = text.split_once("VALUES (").context("not an INSERT with VALUES")?;
    let (row, tail) = rest.split_once(')').context("the row has no end")?;
    let columns = row.split(',').count() - 1;
    let mut numbers = 2..;
    let row = || {
        let own = numbers.by_ref().take(columns).map(|number| format!(", ${number}"));
        format!("($1{})", own.collect::<String>())
    };
    Ok(format!("{head}VALUES {}{tail}", repeat_with(row).take(rows).collect::<Vec<_>>().join(", ")))
}

fn on_sqlite(
    connection: &mut rusqlite::Connection,
    [head, texts @ ..]: &[String; 5],
    params: &ParamSource,
    batch: usize,
    span: Duration,
) -> Result<Vec<Duration>> {
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < span {
        let op_start = Instant::now();
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for _ in 0..batch {
            let [read, writes @ ..] = params.change(times.len(), 0);
            let mut statement = connection.prepare_cached(head)?;
            let mut found = statement.query(rusqlite::params_from_iter(&read))?;
            ensure!(found.next()?.is_some(), "a run is missing");
            for (text, values) in texts.iter().zip(&writes) {
                connection.prepare_cached(text)?.execute(rusqlite::params_from_iter(values))?;
            }
            times.push(Duration::ZERO);
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        let from = times.len() - batch;
        times[from..].fill(op_start.elapsed());
    }
    Ok(times)
}

impl rusqlite::ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput::Borrowed, ValueRef};
        Ok(Borrowed(match self {
            NullText | NullInt => ValueRef::Null,
            Int(value) => ValueRef::Integer(*value),
            Text(value) => ValueRef::Text(value.as_bytes()),
            Id(value) => ValueRef::Blob(value.as_bytes()),
        }))
    }
}

async fn on_postgres(
    url: &str,
    statements: &Statements,
    params: &ParamSource,
    connections: usize,
    span: Duration,
) -> Result<Vec<Duration>> {
    let mut tasks = JoinSet::new();
    for index in 0..connections {
        let (lock, change, params) = (statements.lock.clone(), statements.change.clone(), params.clone());
        let mut connection = PgConnection::connect(url).await?;
        tasks.spawn(async move {
            let (start, mut times) = (Instant::now(), Vec::new());
            let slot = i64::try_from(index)?;
            // Each connection has its own runs, as each caller of the product has.
            for number in (index..).step_by(connections) {
                let op_start = Instant::now();
                set_state_once(&mut connection, &lock, &change, params.change(number, slot)).await?;
                times.push(op_start.elapsed());
                if start.elapsed() >= span {
                    break;
                }
            }
            connection.close().await?;
            anyhow::Ok(times)
        });
    }
    Ok(tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

async fn set_state_once(
    connection: &mut PgConnection,
    lock: &str,
    [head, texts @ ..]: &[String; 5],
    [read, writes @ ..]: [Vec<Param>; 5],
) -> Result<()> {
    connection.execute("BEGIN").await?;
    for text in [lock, head] {
        let found = bound(text, &read).fetch_optional(&mut *connection).await?;
        ensure!(found.is_some(), "a run is missing");
    }
    for (text, values) in texts.iter().zip(&writes) {
        bound(text, values).execute(&mut *connection).await?;
    }
    connection.execute("COMMIT").await?;
    Ok(())
}

fn bound(text: &str, values: &[Param]) -> sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let query = sqlx::query(AssertSqlSafe(text.to_owned()));
    values.iter().fold(query, |query, value| match *value {
        NullText => query.bind(None::<&str>),
        NullInt => query.bind(None::<i64>),
        Int(value) => query.bind(value),
        Text(value) => query.bind(value),
        Id(value) => query.bind(value),
    })
}
