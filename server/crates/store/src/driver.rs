//! The one file that names a driver: how statements and values reach SQLite (rusqlite) and PostgreSQL (sqlx), and how rows come back.
//!
//! Futures of the SQLite side are ready at once; whoever owns the connection's thread polls them.
//!
//! It is longer than others so that there is one place alone where a driver's type may be named.
#![expect(clippy::disallowed_types, reason = "this is the file that may name them")]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{ErrorCode, OpenFlags, ffi, types::ToSqlOutput, types::ValueRef};
use sqlx::{Connection as _, Row as _};
use uuid::Uuid;

use crate::{
    error::{Error, Result, Rule},
    row::Row,
    value::{Column, Kind, Type, Value},
};

/// A text that is prepared once and kept, or one that was built for this call.
pub(crate) enum Text {
    Kept(&'static str),
    Built(String),
}

/// An open connection inside a transaction.
pub(crate) enum Link<'c> {
    Sqlite(&'c mut Sqlite),
    Postgres(&'c mut sqlx::PgConnection),
}

impl Link<'_> {
    /// Runs a statement and reads its rows.
    pub(crate) async fn rows<R: Row>(&mut self, text: Text, kinds: &[Type], values: Vec<Value>) -> Result<Vec<R>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.rows(&text, &values),
            Self::Postgres(postgres) => {
                let rows = query(text, kinds, values).fetch_all(&mut **postgres).await.map_err(of_postgres)?;
                rows.iter().map(|row| R::take(&mut Cells { source: Source::Postgres(row), at: 0 })).collect()
            }
        }
    }

    /// Runs a statement and tells how many rows it touched.
    pub(crate) async fn touched(&mut self, text: Text, kinds: &[Type], values: Vec<Value>) -> Result<u64> {
        match self {
            Self::Sqlite(sqlite) => sqlite.touched(&text, &values),
            Self::Postgres(postgres) => {
                let done = query(text, kinds, values).execute(&mut **postgres).await.map_err(of_postgres)?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Runs a script of several statements without parameters (migrations).
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.connection.execute_batch(text).map_err(of_sqlite),
            Self::Postgres(postgres) => {
                let script = sqlx::raw_sql(sqlx::AssertSqlSafe(text.to_owned()));
                script.execute(&mut **postgres).await.map(drop).map_err(of_postgres)
            }
        }
    }
}

/// The cells of a row, read from left to right.
pub struct Cells<'r> {
    source: Source<'r>,
    at: usize,
}

enum Source<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r sqlx::postgres::PgRow),
}

impl Cells<'_> {
    /// The next cell as a `T`.
    ///
    /// # Errors
    /// If the row has no further cell or the cell holds something else.
    pub fn read<T: Column>(&mut self) -> Result<T> {
        T::take(self.value(T::KIND)?)
    }

    fn values(&mut self, kinds: &[Kind]) -> Result<Vec<Value>> {
        kinds.iter().map(|kind| self.value(*kind)).collect()
    }

    fn value(&mut self, kind: Kind) -> Result<Value> {
        let at = self.at;
        self.at += 1;
        match self.source {
            Source::Sqlite(row) => sqlite_cell(row.get_ref(at).map_err(of_sqlite)?, kind),
            Source::Postgres(row) => postgres_cell(row, at, kind),
        }
    }
}

// ---- SQLite ----

/// A SQLite connection with its time limit.
pub(crate) struct Sqlite {
    connection: rusqlite::Connection,
    limit: Arc<TimeLimit>,
}

/// The moment at which a running statement is interrupted, read by SQLite's progress handler.
struct TimeLimit {
    start: Instant,
    /// Microseconds after `start`; 0 for no limit.
    at: AtomicU64,
}

impl TimeLimit {
    fn passed(&self) -> bool {
        let at = self.at.load(Ordering::Relaxed);
        at != 0 && self.start.elapsed().as_micros() > u128::from(at)
    }
}

/// How many of SQLite's virtual machine steps pass between two looks at the clock: about 20 µs.
const STEPS_BETWEEN_LOOKS: i32 = 2_000;

const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA mmap_size = 0; \
                        PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";
const WRITER_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 1000;";

impl Sqlite {
    /// Opens the file for its writer, making it if there is none.
    pub(crate) fn writer(path: &Path, synchronous: &str) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sqlite = Self::open(path, flags)?;
        let settings = format!("{WRITER_SETTINGS} PRAGMA synchronous = {synchronous};");
        // Switching to WAL needs a moment alone with the file; another process may hold it.
        sqlite.connection.busy_timeout(Duration::from_secs(5)).map_err(of_sqlite)?;
        sqlite.connection.execute_batch(&settings).map_err(of_sqlite)?;
        sqlite.connection.busy_timeout(Duration::ZERO).map_err(of_sqlite)?;
        Ok(sqlite)
    }

    /// Opens the file for a reader.
    pub(crate) fn reader(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sqlite = Self::open(path, flags)?;
        sqlite.connection.busy_timeout(Duration::from_secs(5)).map_err(of_sqlite)?;
        Ok(sqlite)
    }

    fn open(path: &Path, flags: OpenFlags) -> Result<Self> {
        let connection = rusqlite::Connection::open_with_flags(path, flags).map_err(of_sqlite)?;
        connection.execute_batch(SETTINGS).map_err(of_sqlite)?;
        connection.set_prepared_statement_cache_capacity(512);
        let limit = Arc::new(TimeLimit { start: Instant::now(), at: AtomicU64::new(0) });
        let seen = Arc::clone(&limit);
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || seen.passed())).map_err(of_sqlite)?;
        Ok(Self { connection, limit })
    }

    /// Statements that still run at `deadline` are interrupted; `None` lifts the limit.
    pub(crate) fn interrupt_at(&self, deadline: Option<Instant>) {
        let micros = deadline.map_or(0, |at| at.saturating_duration_since(self.limit.start).as_micros().max(1));
        self.limit.at.store(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Whether no transaction is open: SQLite ends one by itself after some errors.
    pub(crate) fn is_idle(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// Runs a statement without parameters.
    pub(crate) fn command(&mut self, text: &'static str) -> Result<()> {
        self.connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.raw_execute())
            .map(drop)
            .map_err(of_sqlite)
    }

    /// Starts a write transaction, trying every millisecond while another process holds the lock.
    ///
    /// SQLite's own handler sleeps up to 100 ms between tries, which starves the one that waits.
    pub(crate) fn begin_immediate(&mut self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            match self.connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.raw_execute()) {
                Ok(_) => return Ok(()),
                Err(rusqlite::Error::SqliteFailure(error, _))
                    if error.code == ErrorCode::DatabaseBusy && Instant::now() < deadline =>
                {
                    std::thread::park_timeout(Duration::from_millis(1));
                }
                Err(error) => return Err(of_sqlite(error)),
            }
        }
    }

    fn rows<R: Row>(&mut self, text: &Text, values: &[Value]) -> Result<Vec<R>> {
        let mut statement = self.prepare(text)?;
        bind(&mut statement, values)?;
        let mut rows = statement.raw_query();
        let mut taken = Vec::new();
        while let Some(row) = rows.next().map_err(of_sqlite)? {
            taken.push(R::take(&mut Cells { source: Source::Sqlite(row), at: 0 })?);
        }
        Ok(taken)
    }

    fn touched(&mut self, text: &Text, values: &[Value]) -> Result<u64> {
        let mut statement = self.prepare(text)?;
        bind(&mut statement, values)?;
        statement.raw_execute().map(|rows| rows as u64).map_err(of_sqlite)
    }

    fn prepare(&self, text: &Text) -> Result<rusqlite::CachedStatement<'_>> {
        let text = match text {
            Text::Kept(text) => text,
            Text::Built(text) => text.as_str(),
        };
        self.connection.prepare_cached(text).map_err(of_sqlite)
    }
}

/// Binds by the number in the name: `$2` is a name to SQLite, numbered by first appearance.
fn bind(statement: &mut rusqlite::CachedStatement<'_>, values: &[Value]) -> Result<()> {
    for index in 1..=statement.parameter_count() {
        let number = statement.parameter_name(index).and_then(|name| name[1..].parse().ok()).unwrap_or(index);
        let value = values.get(number - 1).ok_or(Error::Misuse("a statement names a parameter that was not given"))?;
        statement.raw_bind_parameter(index, Bound(value)).map_err(of_sqlite)?;
    }
    Ok(())
}

struct Bound<'v>(&'v Value);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Big(value) => ValueRef::Integer(*value),
            Value::Double(value) => ValueRef::Real(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Uuid(value) => ValueRef::Blob(value.as_bytes()),
        }))
    }
}

fn sqlite_cell(cell: ValueRef<'_>, kind: Kind) -> Result<Value> {
    Ok(match (cell, kind.ty) {
        (ValueRef::Null, _) => Value::Null,
        (ValueRef::Integer(value), Type::Big) => Value::Big(value),
        (ValueRef::Integer(value), Type::Bool) => Value::Bool(value != 0),
        (ValueRef::Real(value), Type::Double) => Value::Double(value),
        #[expect(clippy::cast_precision_loss, reason = "an expression of whole numbers read as a float")]
        (ValueRef::Integer(value), Type::Double) => Value::Double(value as f64),
        (ValueRef::Text(value), Type::Text) => {
            Value::Text(std::str::from_utf8(value).map_err(|_| Error::Corrupt("text"))?.to_owned())
        }
        (ValueRef::Blob(value), Type::Uuid) => {
            Value::Uuid(Uuid::from_slice(value).map_err(|_| Error::Corrupt("UUID"))?)
        }
        _ => return Err(Error::Corrupt("value of its column's type")),
    })
}

fn of_sqlite(error: rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(failure, message) = error else {
        return Error::Database(error.to_string());
    };
    let text = message.unwrap_or_else(|| failure.to_string());
    match failure.code {
        ErrorCode::ConstraintViolation => {
            let rule = match failure.extended_code {
                ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Rule::Unique,
                ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Rule::ForeignKey,
                _ => Rule::Check,
            };
            Error::Constraint { rule, name: text.rsplit(": ").next().unwrap_or_default().to_owned() }
        }
        ErrorCode::OperationInterrupted => Error::TooSlow("a statement"),
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly => Error::Unavailable(text),
        _ => Error::Database(text),
    }
}

// ---- PostgreSQL ----

/// A PostgreSQL connection.
pub(crate) struct Postgres {
    connection: sqlx::PgConnection,
}

/// A pool of PostgreSQL connections that can only read.
#[derive(Clone)]
pub(crate) struct PostgresReaders(sqlx::PgPool);

/// What a caller of the pool holds.
pub(crate) struct PostgresReader(sqlx::pool::PoolConnection<sqlx::Postgres>);

/// How long a connection may take to come about.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

fn postgres_options(url: &str) -> Result<sqlx::postgres::PgConnectOptions> {
    let options: sqlx::postgres::PgConnectOptions = url.parse().map_err(of_postgres)?;
    Ok(options.application_name("provost").statement_cache_capacity(512))
}

impl Postgres {
    /// Connects.
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let options = postgres_options(url)?;
        let connecting = sqlx::PgConnection::connect_with(&options);
        let connection = tokio::time::timeout(CONNECT_LIMIT, connecting)
            .await
            .map_err(|_| Error::Unavailable("no connection within 5 seconds".to_owned()))?
            .map_err(of_postgres)?;
        Ok(Self { connection })
    }

    /// The way in for a transaction.
    pub(crate) fn link(&mut self) -> Link<'_> {
        Link::Postgres(&mut self.connection)
    }

    /// Runs a statement without parameters.
    pub(crate) async fn command(&mut self, text: &'static str) -> Result<()> {
        sqlx::query(text).execute(&mut self.connection).await.map(drop).map_err(of_postgres)
    }
}

impl PostgresReaders {
    /// A pool of at most `most` connections, none of them opened yet.
    pub(crate) fn new(url: &str, most: u32) -> Result<Self> {
        let options = postgres_options(url)?.options([("default_transaction_read_only", "on")]);
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(CONNECT_LIMIT)
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Ok(Self(pool))
    }

    /// A connection of the pool.
    pub(crate) async fn acquire(&self) -> Result<PostgresReader> {
        self.0.acquire().await.map(PostgresReader).map_err(of_postgres)
    }
}

impl PostgresReader {
    /// The way in for a transaction.
    pub(crate) fn link(&mut self) -> Link<'_> {
        Link::Postgres(&mut self.0)
    }
}

type PostgresQuery = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn query(text: Text, kinds: &[Type], values: Vec<Value>) -> PostgresQuery {
    let query = match text {
        Text::Kept(text) => sqlx::query(text),
        Text::Built(text) => sqlx::query(sqlx::AssertSqlSafe(text)),
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

fn postgres_cell(row: &sqlx::postgres::PgRow, at: usize, kind: Kind) -> Result<Value> {
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
fn of_postgres(error: sqlx::Error) -> Error {
    let failure = match &error {
        sqlx::Error::Database(failure) => failure,
        sqlx::Error::Configuration(_) => return Error::Unavailable("the database URL can't be read".to_owned()),
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
        // A serialisation failure or a deadlock: the same write may succeed on fresh facts.
        "40001" | "40P01" => Error::Again,
        "57014" => Error::TooSlow("a statement"),
        code if ["08", "3D", "53", "57P"].iter().any(|class| code.starts_with(class)) => {
            Error::Unavailable(failure.message().to_owned())
        }
        _ => Error::Database(failure.message().to_owned()),
    }
}

// ---- what the databases say about a statement ----

/// How a database understands a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    /// The types of the parameters, or None where the database only counts them.
    pub params: Vec<Option<String>>,
    /// The names of the row's columns, and their types where the database tells.
    pub columns: Vec<(String, Option<String>)>,
}

/// Prepares `text` on the database at `location`; nothing is run.
///
/// # Errors
/// What the database says against it.
pub async fn describe(location: &crate::db::Location, text: &'static str) -> Result<Described> {
    match location {
        crate::db::Location::File(path) => Sqlite::reader(path)?.describe(text),
        crate::db::Location::Postgres(url) => Postgres::connect(url).await?.describe(text).await,
    }
}

impl Sqlite {
    fn describe(&self, text: &'static str) -> Result<Described> {
        let statement = self.connection.prepare(text).map_err(of_sqlite)?;
        let columns = statement.column_names().into_iter().map(|name| (name.to_owned(), None)).collect();
        Ok(Described { params: vec![None; statement.parameter_count()], columns })
    }
}

impl Postgres {
    async fn describe(&mut self, text: &'static str) -> Result<Described> {
        use sqlx::{Column as _, Either, Executor as _, SqlSafeStr as _, Statement as _, TypeInfo as _};
        let statement = self.connection.prepare(text.into_sql_str()).await.map_err(of_postgres)?;
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

/// A connection of its own, for tries that leave nothing behind.
pub struct Probe(ProbeLink);

enum ProbeLink {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

impl Probe {
    /// Opens one.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn open(location: &crate::db::Location) -> Result<Self> {
        Ok(Self(match location {
            crate::db::Location::File(path) => ProbeLink::Sqlite(Box::new(Sqlite::writer(path, "OFF")?)),
            crate::db::Location::Postgres(url) => ProbeLink::Postgres(Box::new(Postgres::connect(url).await?)),
        }))
    }

    /// Runs a statement without parameters, such as BEGIN.
    ///
    /// # Errors
    /// What the database says against it.
    pub async fn command(&mut self, text: &'static str) -> Result<()> {
        match &mut self.0 {
            ProbeLink::Sqlite(sqlite) => sqlite.command(text),
            ProbeLink::Postgres(postgres) => postgres.command(text).await,
        }
    }

    /// Runs a statement that yields rows of these kinds.
    ///
    /// # Errors
    /// What the database says against it.
    pub async fn rows(
        &mut self,
        text: &str,
        params: &[Type],
        row: &[Kind],
        values: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>> {
        match &mut self.0 {
            ProbeLink::Sqlite(sqlite) => {
                let mut statement = sqlite.prepare(&Text::Built(text.to_owned()))?;
                bind(&mut statement, &values)?;
                let (mut rows, mut taken) = (statement.raw_query(), Vec::new());
                while let Some(found) = rows.next().map_err(of_sqlite)? {
                    taken.push(Cells { source: Source::Sqlite(found), at: 0 }.values(row)?);
                }
                Ok(taken)
            }
            ProbeLink::Postgres(postgres) => {
                let query = query(Text::Built(text.to_owned()), params, values);
                let rows = query.fetch_all(&mut postgres.connection).await.map_err(of_postgres)?;
                rows.iter().map(|found| Cells { source: Source::Postgres(found), at: 0 }.values(row)).collect()
            }
        }
    }

    /// Runs a statement that yields no rows; how many it touched.
    ///
    /// # Errors
    /// What the database says against it.
    pub async fn touched(&mut self, text: &str, params: &[Type], values: Vec<Value>) -> Result<u64> {
        let mut link = match &mut self.0 {
            ProbeLink::Sqlite(sqlite) => Link::Sqlite(sqlite),
            ProbeLink::Postgres(postgres) => postgres.link(),
        };
        link.touched(Text::Built(text.to_owned()), params, values).await
    }
}
