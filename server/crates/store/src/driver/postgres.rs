//! PostgreSQL: connections of writers, and a pool of read-only connections.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection as _, Row as _, postgres::PgRow};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::{Described, Link, Text};
use crate::{
    error::{Error, Result, Rule},
    limits::Limits,
    value::{Kind, Type, Value},
};

/// A PostgreSQL connection.
pub(crate) struct Postgres {
    pub(super) connection: sqlx::PgConnection,
}

/// A pool of read-only PostgreSQL connections.
#[derive(Clone)]
pub(crate) struct PostgresReaders {
    pool: sqlx::PgPool,
    /// A permit for each connection, which distinguishes a wait for a free connection from a wait for the server. The pool itself reports
    /// both as the same error.
    free: Arc<Semaphore>,
    wait: Duration,
}

/// A connection borrowed from the pool. If it is dropped without a release, it is closed, because a statement may still run on it.
pub(crate) struct PostgresReader {
    connection: sqlx::pool::PoolConnection<sqlx::Postgres>,
    released: bool,
    _permit: OwnedSemaphorePermit,
}

/// How long connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// A connection that was idle for longer is pinged before it is used, because the server may have closed it.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);

/// What the planner may choose. Lists find out by which indexes they read rows (`filter`), so it must not replace an index by a scan or a sort
/// of many rows, whatever its statistics say. Where no index fits it still does, at a cost for which it would also compile the plan. The page
/// of a row that it looks up costs no more than the next page of an index.
const PLANNER: [(&str, &str); 6] = [
    ("enable_seqscan", "off"),
    ("enable_sort", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
    ("random_page_cost", "1"),
];

/// The server itself limits every statement, every wait for a lock and every idle time inside a transaction to `limit`, even if the client
/// is gone. `None` sets no limit.
pub(super) fn options(url: &str, limit: Option<Duration>) -> Result<sqlx::postgres::PgConnectOptions> {
    let options: sqlx::postgres::PgConnectOptions = url.parse().map_err(map_error)?;
    let limit = limit.map_or(0, |limit| limit.as_millis().max(1));
    let limits = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"].map(|name| (name, limit));
    Ok(options.application_name("provost").statement_cache_capacity(512).options(limits).options(PLANNER))
}

impl Postgres {
    /// Connects; see [`options`] for `limit`.
    pub(crate) async fn connect(url: &str, limit: Option<Duration>) -> Result<Self> {
        let options = options(url, limit)?;
        let connecting = sqlx::PgConnection::connect_with(&options);
        let connection = tokio::time::timeout(CONNECT_LIMIT, connecting)
            .await
            .map_err(|_| Error::Unavailable("no connection within 5 seconds".to_owned()))?
            .map_err(map_error)?;
        Ok(Self { connection })
    }

    /// The link for a transaction.
    pub(crate) fn link(&mut self) -> Link<'_> {
        Link::Postgres(&mut self.connection)
    }

    /// Runs a statement without parameters.
    pub(crate) async fn command(&mut self, text: &'static str) -> Result<()> {
        sqlx::query(text).execute(&mut self.connection).await.map(drop).map_err(map_error)
    }

    /// Prepares a statement without running it.
    pub(super) async fn describe(&mut self, text: &'static str) -> Result<Described> {
        use sqlx::{Column as _, Either, Executor as _, SqlSafeStr as _, Statement as _, TypeInfo as _};
        let statement = self.connection.prepare(text.into_sql_str()).await.map_err(map_error)?;
        let params = match statement.parameters() {
            Some(Either::Left(types)) => types.iter().map(|ty| Some(ty.name().to_owned())).collect(),
            Some(Either::Right(count)) => vec![None; count],
            None => Vec::new(),
        };
        let columns = statement.columns().iter();
        let columns =
            columns.map(|column| (column.name().to_owned(), Some(column.type_info().name().to_owned()))).collect();
        Ok(Described { params, columns })
    }
}

impl PostgresReaders {
    /// A pool of at most `size` connections, none of them open yet.
    pub(crate) fn new(url: &str, size: usize, limits: Limits) -> Result<Self> {
        let options = options(url, Some(limits.read))?.options([("default_transaction_read_only", "on")]);
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(u32::try_from(size).unwrap_or(u32::MAX))
            .acquire_timeout(CONNECT_LIMIT)
            .test_before_acquire(false)
            .before_acquire(|connection, idle| {
                Box::pin(async move {
                    if idle.idle_for > PING_AFTER_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Self { pool, free: Arc::new(Semaphore::new(size)), wait: limits.reader_wait })
    }

    /// A connection of the pool.
    pub(crate) async fn acquire(&self) -> Result<PostgresReader> {
        let waiting = tokio::time::timeout(self.wait, Arc::clone(&self.free).acquire_owned());
        let permit = waiting.await.ok().and_then(std::result::Result::ok).ok_or(Error::Overloaded)?;
        let connection = self.pool.acquire().await.map_err(map_error)?;
        Ok(PostgresReader { connection, released: false, _permit: permit })
    }
}

impl PostgresReader {
    /// The link for a transaction.
    pub(crate) fn link(&mut self) -> Link<'_> {
        Link::Postgres(&mut self.connection)
    }

    /// Returns the connection to the pool. No statement may run on it any more.
    pub(crate) fn release(mut self) {
        self.released = true;
    }
}

impl Drop for PostgresReader {
    fn drop(&mut self) {
        if !self.released {
            self.connection.close_on_drop();
        }
    }
}

/// Runs a statement and yields its rows.
pub(super) async fn rows(
    connection: &mut sqlx::PgConnection,
    text: Text,
    kinds: &[Type],
    values: Vec<Value>,
) -> Result<Vec<PgRow>> {
    query(text, kinds, values).fetch_all(connection).await.map_err(map_error)
}

/// Runs a statement and returns how many rows it touched.
pub(super) async fn touched(
    connection: &mut sqlx::PgConnection,
    text: Text,
    kinds: &[Type],
    values: Vec<Value>,
) -> Result<u64> {
    let done = query(text, kinds, values).execute(connection).await.map_err(map_error)?;
    Ok(done.rows_affected())
}

/// Runs a select to its end, and returns how many buffers PostgreSQL read for it, from its cache or from files.
pub(super) async fn buffers(
    connection: &mut sqlx::PgConnection,
    text: &str,
    kinds: &[Type],
    values: Vec<Value>,
) -> Result<u64> {
    let explain = format!("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {text}");
    let rows = rows(connection, Text::Built(explain), kinds, values).await?;
    let plan = rows.first().ok_or(Error::Corrupt("plan"))?.try_get_unchecked::<String, _>(0).map_err(map_error)?;
    let plan: serde_json::Value = serde_json::from_str(&plan).map_err(|_| Error::Corrupt("plan"))?;
    let blocks = |key| plan[0]["Plan"][key].as_u64().ok_or(Error::Corrupt("plan"));
    Ok(blocks("Shared Hit Blocks")? + blocks("Shared Read Blocks")?)
}

/// Runs a script of several statements without parameters.
pub(super) async fn script(connection: &mut sqlx::PgConnection, text: &str) -> Result<()> {
    let script = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
    script.execute(connection).await.map(drop).map_err(map_error)
}

type Query = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn query(text: Text, kinds: &[Type], values: Vec<Value>) -> Query {
    let query = match text {
        Text::Static(text) | Text::Bulk(text) => sqlx::query(text),
        Text::Built(text) => sqlx::query(sqlx::AssertSqlSafe(text)).persistent(false),
    };
    values.into_iter().zip(kinds).fold(query, |query, (value, kind)| match (value, kind) {
        (Value::Bool(value), _) => query.bind(value),
        (Value::Big(value), _) => query.bind(value),
        (Value::Double(value), _) => query.bind(value),
        (Value::Text(value), _) => query.bind(value),
        (Value::Uuid(value), _) => query.bind(value),
        (Value::Null, Type::Bool) => query.bind(None::<bool>),
        (Value::Null, Type::Big) => query.bind(None::<i64>),
        (Value::Null, Type::Double) => query.bind(None::<f64>),
        (Value::Null, Type::Text) => query.bind(None::<String>),
        (Value::Null, Type::Uuid) => query.bind(None::<Uuid>),
    })
}

pub(super) fn cell(row: &PgRow, at: usize, kind: Kind) -> Result<Value> {
    let value = match kind.ty {
        Type::Bool => row.try_get::<Option<bool>, _>(at).map(|value| value.map(Value::Bool)),
        Type::Big => row.try_get::<Option<i64>, _>(at).map(|value| value.map(Value::Big)),
        Type::Double => row.try_get::<Option<f64>, _>(at).map(|value| value.map(Value::Double)),
        Type::Text => row.try_get::<Option<String>, _>(at).map(|value| value.map(Value::Text)),
        Type::Uuid => row.try_get::<Option<Uuid>, _>(at).map(|value| value.map(Value::Uuid)),
    };
    value.map(|value| value.unwrap_or(Value::Null)).map_err(|_| Error::Corrupt("value of its column's type"))
}

#[expect(clippy::needless_pass_by_value, reason = "so that it fits map_err")]
pub(super) fn map_error(error: sqlx::Error) -> Error {
    let failure = match &error {
        sqlx::Error::Database(failure) => failure,
        sqlx::Error::Configuration(_) => return Error::Unavailable("the database URL is invalid".to_owned()),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            return Error::Corrupt("value of its column's type");
        }
        _ => return Error::Unavailable(error.to_string()),
    };
    let code = failure.code().unwrap_or_default();
    let constraint = |rule| Error::Constraint { rule, name: failure.constraint().unwrap_or_default().to_owned() };
    match &*code {
        "23505" => constraint(Rule::Unique),
        "23503" => constraint(Rule::ForeignKey),
        "23502" | "23514" => constraint(Rule::Check),
        // A serialisation failure or a deadlock: the same write may succeed when it runs again on current data.
        "40001" | "40P01" => Error::Conflict,
        "57014" => Error::TooSlow("a statement"),
        "55P03" => Error::TooSlow("a wait for a lock"),
        "25P03" => Error::TooSlow("a transaction"),
        code if ["08", "28", "3D", "53", "57P"].iter().any(|class| code.starts_with(class)) => {
            Error::Unavailable(failure.message().to_owned())
        }
        // Messages of class 42 quote only the statement's text; all others may quote a row's value.
        code if code.starts_with("42") => Error::Database(failure.message().to_owned()),
        code => Error::Database(format!("SQLSTATE {code}, table {}", failure.table().unwrap_or("unknown"))),
    }
}
