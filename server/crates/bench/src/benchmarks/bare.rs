//! The limit: the statements of one change of state, run in a bare loop by the drivers themselves, without the product's
//! seam, rules or JSON. The texts are the product's own, so that both do the same to the database.
#![expect(clippy::disallowed_types, reason = "the bare drivers are what is measured here")]

use std::iter::repeat_with;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use model::state::StateType;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use store::db::Location;
use store::statement::STATEMENTS;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::storage::{Measured, Workload, measure as take_time};

/// The product writes to PostgreSQL through so many connections.
const CONNECTIONS: usize = 16;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// What the product stores in the two columns of JSON.
const DETAILS: &str =
    r#"{"flow_run_id":"01a20b9f-f30c-79ea-9303-eea0fca95c3c","scheduled_time":null,"transition_id":null}"#;
const POLICY: &str = r#"{"max_retries":0,"retry_delay_seconds":0.0,"retries":null,"retry_delay":null}"#;

/// A value of a parameter.
enum Value {
    NoText,
    NoBig,
    Big(i64),
    Text(&'static str),
    Id(Uuid),
}

use Value::{Big, Id, NoBig, NoText, Text};

/// Runs changes of state for a while: on SQLite as many in a transaction as there are callers, on PostgreSQL one in each
/// over as many connections.
pub async fn measure(workload: &Workload, callers: usize, span: Duration) -> Result<Measured> {
    let statements = Statements::read()?;
    let rows = Rows { workload: Ids::of(workload), made: workload.cx.ids.clone() };
    match &workload.location {
        Location::File(path) => {
            let mut connection = rusqlite::Connection::open(path)?;
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;",
            )?;
            connection.set_prepared_statement_cache_capacity(512);
            let running = tokio::task::spawn_blocking(move || {
                on_sqlite(&mut connection, &statements.for_sqlite(), &rows, callers, span)
            });
            take_time(async { running.await? }).await
        }
        Location::Postgres(url) => {
            take_time(on_postgres(url, &statements, &rows, callers.min(CONNECTIONS), span)).await
        }
    }
}

/// The ids that all rows refer to.
#[derive(Clone)]
struct Ids {
    workspace: Uuid,
    flow: Uuid,
    runs: Vec<Uuid>,
}

impl Ids {
    fn of(workload: &Workload) -> Self {
        let runs = workload.runs.iter().map(|run| run.0).collect();
        Self { workspace: workload.workspace.id().0, flow: workload.flow.0, runs }
    }
}

/// Makes the parameters of one change after the other.
#[derive(Clone)]
struct Rows {
    workload: Ids,
    made: control::ids::Ids,
}

impl Rows {
    /// The parameters of reading the run, inserting its state, moving it, and the two statements of counters.
    fn change(&self, number: usize, slot: i64) -> [Vec<Value>; 5] {
        let Ids { workspace, flow, ref runs } = self.workload;
        let (run, state) = (runs[number % runs.len()], self.made.make(model::time::Timestamp::from_micros(0)));
        let steps = [StateType::Pending, StateType::Running].map(|state| (state.as_str(), state.default_name()));
        let (from, to) = (steps[number / runs.len() % 2], steps[(number / runs.len() + 1) % 2]);
        let now = 1_795_600_800_000_000 + i64::try_from(number).unwrap_or_default();
        let key = |(kind, name), runs| [Text(kind), Text(name), Big(slot), Big(runs)];
        let total = |place, runs| [Text("flow_run"), Id(flow), Id(Uuid::nil())].into_iter().chain(key(place, runs));
        let hour = |grain, flow, place, runs| {
            let bucket = now / 1_000_000 / grain;
            [Text("flow_run"), Big(grain), Big(bucket), Id(flow), Id(Uuid::nil())].into_iter().chain(key(place, runs))
        };
        let hours = |place, runs| hour(HOUR, flow, place, runs).chain(hour(DAY, Uuid::nil(), place, runs));
        [
            vec![Id(workspace), Id(run)],
            vec![Id(workspace), Id(state), Id(run), Text(to.0), Text(to.1), Big(now), NoText, NoText, Text(DETAILS)],
            vec![
                Id(workspace),
                Id(run),
                Id(state),
                Text(to.0),
                Text(to.1),
                Big(now),
                Text(POLICY),
                Big(1),
                Big(now),
                NoBig,
                Big(now),
                NoBig,
                Big(0),
                Big(now),
            ],
            std::iter::once(Id(workspace)).chain(total(from, -1)).chain(total(to, 1)).collect(),
            std::iter::once(Id(workspace)).chain(hours(from, -1)).chain(hours(to, 1)).collect(),
        ]
    }
}

/// The texts of one change of state, as the product runs them.
struct Statements {
    lock: String,
    change: [String; 5],
}

impl Statements {
    fn read() -> Result<Self> {
        Ok(Self {
            lock: text("LOCK_FLOW_RUN")?,
            change: [
                text("FLOW_RUN_HEAD")?,
                text("INSERT_FLOW_RUN_STATES")?,
                text("MOVE_FLOW_RUN")?,
                widened(&text("ADD_TOTALS")?, 2)?,
                widened(&text("ADD_HOURS")?, 4)?,
            ],
        })
    }

    /// `$n` is a name to SQLite; `?n` is a number.
    fn for_sqlite(&self) -> [String; 5] {
        self.change.each_ref().map(|text| text.replace('$', "?"))
    }
}

fn text(name: &str) -> Result<String> {
    let entry = STATEMENTS.iter().find(|entry| entry.name == name);
    Ok((entry.with_context(|| format!("the product has no statement {name}"))?.postgres)().to_owned())
}

/// An INSERT of one row as one of several. The workspace, `$1`, is the same in all of them.
fn widened(text: &str, rows: usize) -> Result<String> {
    let (head, rest) = text.split_once("VALUES (").context("no INSERT of rows")?;
    let (row, tail) = rest.split_once(')').context("no end of the row")?;
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
    rows: &Rows,
    batch: usize,
    span: Duration,
) -> Result<Vec<Duration>> {
    let (start, mut each) = (Instant::now(), Vec::new());
    while start.elapsed() < span {
        let begun = Instant::now();
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for _ in 0..batch {
            let [read, writes @ ..] = rows.change(each.len(), 0);
            let mut statement = connection.prepare_cached(head)?;
            let mut found = statement.query(rusqlite::params_from_iter(&read))?;
            ensure!(found.next()?.is_some(), "a run is gone");
            for (text, values) in texts.iter().zip(&writes) {
                connection.prepare_cached(text)?.execute(rusqlite::params_from_iter(values))?;
            }
            each.push(Duration::ZERO);
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        let from = each.len() - batch;
        each[from..].fill(begun.elapsed());
    }
    Ok(each)
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput::Borrowed, ValueRef};
        Ok(Borrowed(match self {
            NoText | NoBig => ValueRef::Null,
            Big(value) => ValueRef::Integer(*value),
            Text(value) => ValueRef::Text(value.as_bytes()),
            Id(value) => ValueRef::Blob(value.as_bytes()),
        }))
    }
}

async fn on_postgres(
    url: &str,
    statements: &Statements,
    rows: &Rows,
    connections: usize,
    span: Duration,
) -> Result<Vec<Duration>> {
    let mut all = JoinSet::new();
    for place in 0..connections {
        let (lock, change, rows) = (statements.lock.clone(), statements.change.clone(), rows.clone());
        let mut connection = PgConnection::connect(url).await?;
        all.spawn(async move {
            let (start, mut each) = (Instant::now(), Vec::new());
            let slot = i64::try_from(place)?;
            // Each connection has runs of its own, as callers who move their own runs have.
            for number in (place..).step_by(connections) {
                let begun = Instant::now();
                one(&mut connection, &lock, &change, rows.change(number, slot)).await?;
                each.push(begun.elapsed());
                if start.elapsed() >= span {
                    break;
                }
            }
            connection.close().await?;
            anyhow::Ok(each)
        });
    }
    Ok(all.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

async fn one(
    connection: &mut PgConnection,
    lock: &str,
    [head, texts @ ..]: &[String; 5],
    [read, writes @ ..]: [Vec<Value>; 5],
) -> Result<()> {
    connection.execute("BEGIN").await?;
    for text in [lock, head] {
        let found = bound(text, &read).fetch_optional(&mut *connection).await?;
        ensure!(found.is_some(), "a run is gone");
    }
    for (text, values) in texts.iter().zip(&writes) {
        bound(text, values).execute(&mut *connection).await?;
    }
    connection.execute("COMMIT").await?;
    Ok(())
}

fn bound(text: &str, values: &[Value]) -> sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments> {
    let query = sqlx::query(AssertSqlSafe(text.to_owned()));
    values.iter().fold(query, |query, value| match *value {
        NoText => query.bind(None::<&str>),
        NoBig => query.bind(None::<i64>),
        Big(value) => query.bind(value),
        Text(value) => query.bind(value),
        Id(value) => query.bind(value),
    })
}
