//! All settings. The parser, the flags, `provost serve --help` and `SETTINGS.md` are generated from this table.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::{
    ConfigError,
    source::Source,
    text::{Count, PerSecond, Setting, Whole},
    value::{DatabaseUrl, LogFormat, LogLevel, PublicUrl},
};

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// The key in `provost.toml`.
    pub key: &'static str,
    pub help: &'static str,
    /// The text of the default, or a description of it if the default depends on other settings.
    pub default: &'static str,
    /// The form of the value.
    pub expected: fn() -> String,
    pub flag: Flag,
}

/// Which verbs take a setting as a flag, with the name of its value in the help text. The empty name is for a flag without a value,
/// which sets `true`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flag {
    None,
    Every(&'static str),
    Serve(&'static str),
}

impl Row {
    pub fn flag_name(&self) -> String {
        self.key.replace('_', "-")
    }

    pub fn variable(&self) -> String {
        format!("PROVOST_{}", self.key.to_ascii_uppercase())
    }
}

/// Rejects keys that are no settings.
pub(super) fn check_keys(texts: &Source) -> Result<(), ConfigError> {
    reject(texts, |key| TABLE.iter().all(|row| row.key != key))
}

/// Rejects `config` in the settings file, which can't name another one.
pub(super) fn check_file(file: &Source) -> Result<(), ConfigError> {
    reject(file, |key| key == "config")
}

fn reject(texts: &Source, is_unknown: impl Fn(&str) -> bool) -> Result<(), ConfigError> {
    let Some((key, origin)) = texts.keys().find(|(key, _)| is_unknown(key)) else { return Ok(()) };
    let known: Vec<_> = TABLE.iter().map(|row| row.key).collect();
    Err(ConfigError::Unknown { key: key.to_owned(), origin: origin.to_owned(), known: known.join(", ") })
}

macro_rules! settings {
    ($(
        #[doc = $help:literal]
        $key:ident: $kind:ty = $default:literal, $flag:expr;
    )*) => {
        /// The value of each setting.
        pub struct Settings {
            $(pub $key: $kind,)*
        }

        pub const TABLE: &[Row] = &[$(Row {
            key: stringify!($key),
            help: $help.trim_ascii(),
            default: $default,
            expected: <$kind as Setting>::expected,
            flag: $flag,
        },)*];

        impl Settings {
            /// Parses the texts; settings without one get their default.
            pub fn parse(texts: &Source) -> Result<Self, ConfigError> {
                Ok(Self { $($key: texts.parse(stringify!($key), $default)?,)* })
            }
        }
    };
}

settings! {
    /// The address and port to listen on
    listen: SocketAddr = "127.0.0.1:4200", Flag::Serve("ADDR");
    /// The folder of the embedded database and of provost.toml
    data_dir: Option<PathBuf> = "~/.local/share/provost", Flag::Every("DIR");
    /// The database: PostgreSQL or an SQLite file
    database_url: Option<DatabaseUrl> = "provost.db in the data folder", Flag::Every("URL");
    /// The TOML settings file; cannot be set in that file itself
    config: Option<PathBuf> = "provost.toml in the data folder, if it exists", Flag::Every("FILE");
    /// The URL at which browsers and clients reach this server
    public_url: Option<PublicUrl> = "http:// and the listen address", Flag::Serve("URL");
    /// Serves one workspace at /api, without sign-in
    local: bool = "false", Flag::Serve("");
    /// Allows local mode on addresses that other machines can reach; anyone who can reach them has full access
    local_on_any_address: bool = "false", Flag::Serve("");
    /// Log lines as text or json
    log_format: LogFormat = "text", Flag::Every("FORMAT");
    /// The minimum log level: error, warn, info, debug or trace
    log_level: LogLevel = "info", Flag::Every("LEVEL");
    /// Proxies whose X-Forwarded-For is trusted
    trusted_proxies: Option<Vec<IpNet>> = "none", Flag::None;
    /// Open connections; further ones wait
    max_connections: Count = "4096", Flag::None;
    /// Open connections from one client address (IPv6: one /64); further ones are closed
    max_connections_per_address: Count = "1024", Flag::None;
    /// Time limit for the headers of a request
    head_timeout: Duration = "10s", Flag::None;
    /// Time limit for the whole body of a request
    body_timeout: Duration = "5m", Flag::None;
    /// Time limit for a client that does not read
    write_timeout: Duration = "30s", Flag::None;
    /// Time limit between two requests of a connection
    idle_timeout: Duration = "75s", Flag::None;
    /// Time limit for open requests when the server stops
    stop_timeout: Duration = "30s", Flag::None;
    /// Failed sign-ins in a burst from one client address
    sign_in_burst: Count = "3", Flag::None;
    /// Failed sign-ins per second from one client address after the burst
    sign_in_per_second: PerSecond = "0.05", Flag::None;
    /// Failed sign-ins to one account within account_window
    account_attempts: Whole<1, 10_000> = "30", Flag::None;
    /// The window of account_attempts
    account_window: Duration = "10m", Flag::None;
    /// Registrations in a burst from one client address
    register_burst: Count = "20", Flag::None;
    /// Registrations per second from one client address after the burst
    register_per_second: PerSecond = "0.1", Flag::None;
    /// An unused session ends after this time
    session_idle: Duration = "14d", Flag::None;
    /// Every session ends after this time
    session_absolute: Duration = "90d", Flag::None;
    /// Memory of one password hash, in KiB; the minimum is the default, because a cheaper hash is too weak
    argon2_memory_kib: Whole<19_456, 1_048_576> = "19456", Flag::None;
    /// Passes over that memory
    argon2_passes: Whole<2, 100> = "2", Flag::None;
    /// Threads of one password hash
    argon2_lanes: Whole<1, 64> = "1", Flag::None;
}
