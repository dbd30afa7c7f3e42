//! SQLite: a connection on the thread that owns it.

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

use rusqlite::{ErrorCode, OpenFlags, ffi, functions::FunctionFlags, types::ToSqlOutput, types::ValueRef};
use uuid::Uuid;

use super::{Cells, Source, Text, probe::Described};
use crate::{
    error::{Error, Result, Rule},
    value::{Kind, Type, Value},
};

/// An SQLite connection with its time limit.
pub(crate) struct Sqlite {
    connection: rusqlite::Connection,
    limit: Arc<TimeLimit>,
    place: Place,
}

/// What it takes to open the same connection again.
#[derive(Clone)]
struct Place {
    path: PathBuf,
    role: Role,
    /// How long it waits for others that hold the file.
    lock_wait: Duration,
}

#[derive(Clone, Copy)]
enum Role {
    /// With this `synchronous`.
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

/// How many of SQLite's virtual machine steps pass between two looks at the clock: about 20 µs.
const STEPS_BETWEEN_LOOKS: i32 = 2_000;

const SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536; PRAGMA mmap_size = 0; \
                        PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";
const WRITER_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 1000;";

/// Makes the file, if there is none, for this user alone; SQLite gives the files beside it the same mode. The folder may be anybody's.
///
/// One that is there is not opened: closing it again would drop all locks that this process holds on it, and another process could
/// take itself to be alone with the file and delete its log.
fn make_private(path: &Path) -> Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::Unavailable(format!("{}: {error}", path.display()))),
    }
}

/// By itself SQLite lowers the letters of ASCII alone.
fn lower_every_alphabet(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("lower", 1, flags, |call| {
        Ok(call.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
    })
}

impl Sqlite {
    /// Opens the file for a writer, making it if there is none.
    pub(crate) fn writer(path: &Path, synchronous: &'static str, lock_wait: Duration) -> Result<Self> {
        Self::open(Place { path: path.to_owned(), role: Role::Writer(synchronous), lock_wait })
    }

    /// Opens the file for a reader.
    pub(crate) fn reader(path: &Path, lock_wait: Duration) -> Result<Self> {
        Self::open(Place { path: path.to_owned(), role: Role::Reader, lock_wait })
    }

    fn open(place: Place) -> Result<Self> {
        let access = match place.role {
            Role::Writer(_) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Role::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        if let Role::Writer(_) = place.role {
            make_private(&place.path)?;
        }
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(&place.path, flags).map_err(of_sqlite)?;
        connection.busy_timeout(place.lock_wait).map_err(of_sqlite)?;
        connection.execute_batch(SETTINGS).map_err(of_sqlite)?;
        lower_every_alphabet(&connection).map_err(of_sqlite)?;
        if let Role::Writer(synchronous) = place.role {
            // Switching to WAL needs a moment alone with the file; after it the writer waits in its own way.
            let settings = format!("{WRITER_SETTINGS} PRAGMA synchronous = {synchronous};");
            connection.execute_batch(&settings).map_err(of_sqlite)?;
            connection.busy_timeout(Duration::ZERO).map_err(of_sqlite)?;
        }
        connection.set_prepared_statement_cache_capacity(512);
        let limit = Arc::new(TimeLimit { start: Instant::now(), at: AtomicU64::new(0) });
        let seen = Arc::clone(&limit);
        connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || seen.passed())).map_err(of_sqlite)?;
        Ok(Self { connection, limit, place })
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

    /// Leaves no transaction open: rolls back what an error left, and opens another connection where even that fails.
    pub(crate) fn settle(&mut self) -> Result<()> {
        if self.is_idle() {
            return Ok(());
        }
        self.interrupt_at(None);
        if let Err(error) = self.command("ROLLBACK") {
            tracing::error!(%error, "a transaction could not be rolled back; its connection is replaced");
            *self = Self::open(self.place.clone())?;
        }
        Ok(())
    }

    /// Starts a transaction that reads.
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.settle()?;
        self.command("BEGIN")
    }

    /// Starts a transaction that writes, trying every millisecond while another process holds the lock.
    ///
    /// SQLite's own handler sleeps up to 100 ms between tries, which starves the one that waits.
    pub(crate) fn begin_immediate(&mut self) -> Result<()> {
        self.settle()?;
        let deadline = Instant::now() + self.place.lock_wait;
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

    /// Runs a script of several statements without parameters.
    pub(crate) fn script(&mut self, text: &str) -> Result<()> {
        self.connection.execute_batch(text).map_err(of_sqlite)
    }

    /// Runs a statement and has its rows read.
    pub(crate) fn rows<R>(
        &mut self,
        text: &Text,
        values: &[Value],
        read: impl Fn(&mut Cells<'_>) -> Result<R>,
    ) -> Result<Vec<R>> {
        self.prepared(text, |statement| {
            bind(statement, text, values)?;
            let mut rows = statement.raw_query();
            let mut taken = Vec::new();
            while let Some(row) = rows.next().map_err(of_sqlite)? {
                taken.push(read(&mut Cells::of(Source::Sqlite(row)))?);
            }
            Ok(taken)
        })
    }

    /// Runs a statement and tells how many rows it touched.
    pub(crate) fn touched(&mut self, text: &Text, values: &[Value]) -> Result<u64> {
        self.prepared(text, |statement| {
            bind(statement, text, values)?;
            statement.raw_execute().map(|rows| rows as u64).map_err(of_sqlite)
        })
    }

    fn prepared<T>(&self, text: &Text, run: impl FnOnce(&mut rusqlite::Statement<'_>) -> Result<T>) -> Result<T> {
        match text {
            Text::Kept(text) | Text::Bulk(text) => {
                let mut statement = self.connection.prepare_cached(text).map_err(of_sqlite)?;
                run(&mut statement)
            }
            Text::Built(text) => run(&mut self.connection.prepare(text).map_err(of_sqlite)?),
        }
    }

    /// Prepares a statement; nothing is run.
    pub(super) fn describe(&self, text: &'static str) -> Result<Described> {
        let statement = self.connection.prepare(text).map_err(of_sqlite)?;
        let columns = statement.column_names().into_iter().map(|name| (name.to_owned(), None)).collect();
        Ok(Described { params: vec![None; statement.parameter_count()], columns })
    }
}

/// Binds by the number in the name: `$2` is a name to SQLite, numbered by first appearance. Among hundreds of names looking one up takes
/// longer than what is done with the value.
fn bind(statement: &mut rusqlite::Statement<'_>, text: &Text, values: &[Value]) -> Result<()> {
    let in_order = matches!(text, Text::Bulk(_));
    for index in 1..=statement.parameter_count() {
        let name = if in_order { None } else { statement.parameter_name(index) };
        let number = name.and_then(|name| name[1..].parse().ok()).unwrap_or(index);
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

pub(super) fn cell(row: &rusqlite::Row<'_>, at: usize, kind: Kind) -> Result<Value> {
    Ok(match (row.get_ref(at).map_err(of_sqlite)?, kind.ty) {
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
    // SQLite's messages name tables and columns, never a row's value; to some of them rusqlite adds the statement.
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
