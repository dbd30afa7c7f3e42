//! SQLite: a connection that is used by one thread.

use std::{
    fs::OpenOptions,
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{
    ErrorCode, OpenFlags, StatementStatus, ffi, functions::FunctionFlags, types::ToSqlOutput, types::ValueRef,
};
use uuid::Uuid;

use super::{Cells, Described, Source, Text};
use crate::{
    error::{Error, Result, Rule},
    value::{Kind, Type, Value},
};

/// An SQLite connection with its time limit.
pub(crate) struct Sqlite {
    connection: rusqlite::Connection,
    limit: Arc<TimeLimit>,
    config: Config,
}

/// The parameters to open the same connection again.
#[derive(Clone)]
struct Config {
    path: PathBuf,
    access: Access,
    /// How long it waits for other processes that have locked the file.
    lock_wait: Duration,
}

#[derive(Clone, Copy)]
enum Access {
    /// With this value of `PRAGMA synchronous`.
    Writer(&'static str),
    Reader,
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

/// How many steps of SQLite's virtual machine pass between two checks of the time limit: about 20 µs.
const STEPS_BETWEEN_CHECKS: i32 = 2_000;

const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA mmap_size = 0; \
                        PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";
const WRITER_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 1000;";

/// Creates the file, if it is missing, with access for this user only, because the folder may be readable by others. SQLite gives its WAL
/// and shared memory files the same mode.
///
/// An existing file is not opened: closing it would release all POSIX locks that this process has on it, and another process could then
/// assume to be the only one and delete the WAL.
fn create_private(path: &Path) -> Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::Unavailable(format!("{}: {error}", path.display()))),
    }
}

/// Replaces SQLite's `lower`, which converts ASCII letters only.
fn add_unicode_lower(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("lower", 1, flags, |call| {
        Ok(call.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
    })
}

impl Sqlite {
    /// Opens the file for a writer, and creates it if it is missing.
    pub(crate) fn writer(path: &Path, synchronous: &'static str, lock_wait: Duration) -> Result<Self> {
        Self::open(Config { path: path.to_owned(), access: Access::Writer(synchronous), lock_wait })
    }

    /// Opens the file for a reader.
    pub(crate) fn reader(path: &Path, lock_wait: Duration) -> Result<Self> {
        Self::open(Config { path: path.to_owned(), access: Access::Reader, lock_wait })
    }

    fn open(config: Config) -> Result<Self> {
        let access = match config.access {
            Access::Writer(_) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Access::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        if let Access::Writer(_) = config.access {
            create_private(&config.path)?;
        }
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(&config.path, flags).map_err(map_error)?;
        connection.busy_timeout(config.lock_wait).map_err(map_error)?;
        connection.execute_batch(SETTINGS).map_err(map_error)?;
        add_unicode_lower(&connection).map_err(map_error)?;
        if let Access::Writer(synchronous) = config.access {
            // Switching to WAL needs an exclusive lock, so the busy handler is on until here; then `begin_immediate` waits itself.
            let settings = format!("{WRITER_SETTINGS} PRAGMA synchronous = {synchronous};");
            connection.execute_batch(&settings).map_err(map_error)?;
            connection.busy_timeout(Duration::ZERO).map_err(map_error)?;
        }
        connection.set_prepared_statement_cache_capacity(512);
        let limit = Arc::new(TimeLimit { start: Instant::now(), at: AtomicU64::new(0) });
        let progress_limit = Arc::clone(&limit);
        connection.progress_handler(STEPS_BETWEEN_CHECKS, Some(move || progress_limit.passed())).map_err(map_error)?;
        Ok(Self { connection, limit, config })
    }

    /// Interrupts statements that still run at `deadline`; `None` removes the limit.
    pub(crate) fn interrupt_at(&self, deadline: Option<Instant>) {
        let micros = deadline.map_or(0, |at| at.saturating_duration_since(self.limit.start).as_micros().max(1));
        self.limit.at.store(u64::try_from(micros).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Whether no transaction is open. After some errors SQLite ends a transaction itself.
    pub(crate) fn is_idle(&self) -> bool {
        self.connection.is_autocommit()
    }

    /// A number that changes when another connection commits.
    pub(crate) fn data_version(&self) -> Result<i64> {
        let version = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut pragma| pragma.query_row([], |row| row.get(0)));
        version.map_err(map_error)
    }

    /// Runs a statement without parameters.
    pub(crate) fn command(&mut self, text: &'static str) -> Result<()> {
        self.connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.raw_execute())
            .map(drop)
            .map_err(map_error)
    }

    /// Rolls back a transaction that an error left open, and replaces the connection if that fails.
    pub(crate) fn ensure_idle(&mut self) -> Result<()> {
        if self.is_idle() {
            return Ok(());
        }
        self.interrupt_at(None);
        if let Err(error) = self.command("ROLLBACK") {
            tracing::error!(%error, "a transaction could not be rolled back; its connection is replaced");
            *self = Self::open(self.config.clone())?;
        }
        Ok(())
    }

    /// Begins a transaction that reads.
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.ensure_idle()?;
        self.command("BEGIN")
    }

    /// Begins a transaction that writes, and retries every millisecond while another process has the lock.
    ///
    /// SQLite's own busy handler sleeps up to 100 ms between tries, which starves the waiting process.
    pub(crate) fn begin_immediate(&mut self) -> Result<()> {
        self.ensure_idle()?;
        let deadline = Instant::now() + self.config.lock_wait;
        loop {
            match self.connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.raw_execute()) {
                Ok(_) => return Ok(()),
                Err(rusqlite::Error::SqliteFailure(error, _))
                    if error.code == ErrorCode::DatabaseBusy && Instant::now() < deadline =>
                {
                    std::thread::park_timeout(Duration::from_millis(1));
                }
                Err(error) => return Err(map_error(error)),
            }
        }
    }

    /// Runs a script of several statements without parameters.
    pub(crate) fn script(&mut self, text: &str) -> Result<()> {
        self.connection.execute_batch(text).map_err(map_error)
    }

    /// Runs a statement and reads its rows with `read`.
    pub(crate) fn rows<R>(
        &mut self,
        text: &Text,
        values: &[Value],
        read: impl Fn(&mut Cells<'_>) -> Result<R>,
    ) -> Result<Vec<R>> {
        self.prepared(text, |statement| {
            bind(statement, text, values)?;
            let mut rows = statement.raw_query();
            let mut records = Vec::new();
            while let Some(row) = rows.next().map_err(map_error)? {
                records.push(read(&mut Cells::of(Source::Sqlite(row)))?);
            }
            Ok(records)
        })
    }

    /// Runs a statement and returns how many rows it touched.
    pub(crate) fn touched(&mut self, text: &Text, values: &[Value]) -> Result<u64> {
        self.prepared(text, |statement| {
            bind(statement, text, values)?;
            statement.raw_execute().map(|rows| rows as u64).map_err(map_error)
        })
    }

    fn prepared<T>(&self, text: &Text, run: impl FnOnce(&mut rusqlite::Statement<'_>) -> Result<T>) -> Result<T> {
        match text {
            Text::Static(text) | Text::Bulk(text) => {
                let mut statement = self.connection.prepare_cached(text).map_err(map_error)?;
                run(&mut statement)
            }
            Text::Built(text) => run(&mut self.connection.prepare(text).map_err(map_error)?),
        }
    }

    /// Runs a statement to its end, and returns how many steps SQLite's virtual machine made.
    pub(super) fn steps(&self, text: &Text, values: &[Value]) -> Result<u64> {
        self.prepared(text, |statement| {
            bind(statement, text, values)?;
            let mut rows = statement.raw_query();
            while rows.next().map_err(map_error)?.is_some() {}
            drop(rows);
            Ok(u64::from(statement.get_status(StatementStatus::VmStep).unsigned_abs()))
        })
    }

    /// Prepares a statement without running it.
    pub(super) fn describe(&self, text: &'static str) -> Result<Described> {
        let statement = self.connection.prepare(text).map_err(map_error)?;
        let columns = statement.column_names().into_iter().map(|name| (name.to_owned(), None)).collect();
        Ok(Described { params: vec![None; statement.parameter_count()], columns })
    }
}

/// Binds by the number in the parameter's name, because SQLite treats `$2` as a name and numbers names by first appearance. Bulk texts skip
/// the names: with hundreds of them the look-up takes longer than the insert.
fn bind(statement: &mut rusqlite::Statement<'_>, text: &Text, values: &[Value]) -> Result<()> {
    let in_order = matches!(text, Text::Bulk(_));
    for index in 1..=statement.parameter_count() {
        let name = if in_order { None } else { statement.parameter_name(index) };
        let number = name.and_then(|name| name[1..].parse().ok()).unwrap_or(index);
        let value = values.get(number - 1).ok_or(Error::Misuse("a statement has more parameters than values"))?;
        statement.raw_bind_parameter(index, BoundValue(value)).map_err(map_error)?;
    }
    Ok(())
}

struct BoundValue<'v>(&'v Value);

impl rusqlite::ToSql for BoundValue<'_> {
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

pub(super) fn cell(row: &rusqlite::Row<'_>, at: usize, kind: Kind) -> Result<Value> {
    Ok(match (row.get_ref(at).map_err(map_error)?, kind.ty) {
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

fn map_error(error: rusqlite::Error) -> Error {
    // SQLite's messages name tables and columns, never a row's value. Variants in which rusqlite adds the statement's text are stripped of it.
    let (failure, message) = match error {
        rusqlite::Error::SqliteFailure(failure, message) => (failure, message),
        rusqlite::Error::SqlInputError { error, msg, .. } => (error, Some(msg)),
        other => return Error::Database(other.to_string()),
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
