//! Settings. A flag overrides a `PROVOST_*` variable, which overrides the TOML file, which overrides the default.
//!
//! Every value is validated here, once, with an error that names the key, its source and the expected form. Only this module
//! reads the environment. It opens no database and no socket.

#[cfg(test)]
mod reference;
pub mod settings;
mod source;
mod text;
mod value;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use identity::{Cost, SignInLimits};
use ipnet::IpNet;
use model::time::Span;

use settings::Settings;
pub use source::Source;
pub use value::{DatabaseUrl, LogFormat, LogLevel, PublicUrl};

/// The program's settings, complete and validated.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub database: DatabaseUrl,
    /// The URL at which browsers and clients reach this server, if it differs from the listen address.
    pub public_url: Option<PublicUrl>,
    /// The bare API serves every caller without sign-in.
    pub local: bool,
    /// Local mode also serves callers from other machines.
    pub local_on_any_address: bool,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
    pub connections: ConnectionSettings,
    pub sign_in: SignInLimits,
    pub session_idle: Duration,
    pub session_absolute: Duration,
    pub password_cost: Cost,
}

/// The limits of the HTTP listener.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectionSettings {
    /// Open connections, websockets included; further ones wait in the system's accept queue.
    pub max: usize,
    /// Open connections from one address (IPv6: one /64) other than a trusted proxy; further ones are closed at once.
    pub max_per_address: usize,
    /// Peers whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a client may take to send a request's headers.
    pub head_timeout: Duration,
    /// How long a client may take to send a request's whole body.
    pub body_timeout: Duration,
    /// How long a write may wait for a client that does not read.
    pub write_timeout: Duration,
    /// How long a connection may be idle between two requests; clients expect more than 25 s.
    pub idle_timeout: Duration,
    /// How long open requests may continue after the stop signal.
    pub stop_timeout: Duration,
}

/// A setting that is invalid.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{key} ({origin}): expected {expected}, got {got}")]
    Value { key: String, origin: String, expected: String, got: String },
    #[error("{key} ({origin}): unknown setting; the known settings are {known}")]
    Unknown { key: String, origin: String, known: String },
    #[error("{origin}: {problem}")]
    File { origin: String, problem: String },
    /// Settings that are valid by themselves, but not together.
    #[error("{key}: {problem}")]
    Conflict { key: &'static str, problem: String },
    #[error("data_dir: there is no home directory for the default; set --data-dir or PROVOST_DATA_DIR")]
    NoHome,
}

impl Config {
    /// Loads the settings from the command line, this process's environment, and the file.
    pub fn load(flags: Source) -> Result<Self, ConfigError> {
        Self::from_sources(flags, Source::variables(std::env::vars_os()))
    }

    /// Loads the settings from these sources and from the file that they name, by default `provost.toml` in the data folder.
    pub fn from_sources(flags: Source, variables: Source) -> Result<Self, ConfigError> {
        let overrides = variables.overridden_by(flags);
        let file = match overrides.parse::<Option<PathBuf>>("config", "")? {
            Some(path) => Source::file(&path, true)?,
            None => Source::file(&data_dir(overrides.parse("data_dir", "")?)?.join("provost.toml"), false)?,
        };
        settings::check_file(&file)?;
        let texts = file.overridden_by(overrides);
        settings::check_keys(&texts)?;
        Self::of_settings(Settings::parse(&texts)?)
    }

    /// Rejects invalid combinations.
    fn of_settings(settings: Settings) -> Result<Self, ConfigError> {
        if settings.local && !settings.local_on_any_address {
            require_loopback(settings.listen, settings.public_url.as_ref())?;
        }
        if settings.session_idle > settings.session_absolute {
            let problem = "must not be longer than session_absolute".to_owned();
            return Err(ConfigError::Conflict { key: "session_idle", problem });
        }
        let (connections, sign_in) = (connections(&settings), sign_in(&settings));
        let data_dir = data_dir(settings.data_dir)?;
        Ok(Self {
            listen: settings.listen,
            database: settings.database_url.unwrap_or_else(|| DatabaseUrl::Sqlite(data_dir.join("provost.db"))),
            data_dir,
            public_url: settings.public_url,
            local: settings.local,
            local_on_any_address: settings.local_on_any_address,
            log_format: settings.log_format,
            log_level: settings.log_level,
            connections,
            sign_in,
            session_idle: settings.session_idle,
            session_absolute: settings.session_absolute,
            password_cost: Cost {
                memory_kib: settings.argon2_memory_kib.0,
                passes: settings.argon2_passes.0,
                lanes: settings.argon2_lanes.0,
            },
        })
    }

    /// The URL at which browsers and clients reach the server that listens at `bound`.
    #[must_use]
    pub fn public_url(&self, bound: SocketAddr) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(bound))
    }
}

fn data_dir(configured: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    let default = || directories::ProjectDirs::from("", "", "provost").map(|dirs| dirs.data_dir().to_owned());
    configured.or_else(default).ok_or(ConfigError::NoHome)
}

fn connections(settings: &Settings) -> ConnectionSettings {
    ConnectionSettings {
        max: settings.max_connections.0 as usize,
        max_per_address: settings.max_connections_per_address.0 as usize,
        trusted_proxies: settings.trusted_proxies.clone().unwrap_or_default(),
        head_timeout: settings.head_timeout,
        body_timeout: settings.body_timeout,
        write_timeout: settings.write_timeout,
        idle_timeout: settings.idle_timeout,
        stop_timeout: settings.stop_timeout,
    }
}

fn sign_in(settings: &Settings) -> SignInLimits {
    SignInLimits {
        address_burst: settings.sign_in_burst.0,
        address_per_second: settings.sign_in_per_second.0,
        account_attempts: settings.account_attempts.0,
        account_window: Span::from_seconds(settings.account_window.as_secs_f64()),
        register_burst: settings.register_burst.0,
        register_per_second: settings.register_per_second.0,
    }
}

/// Rejects local mode on an address or URL of another machine: local mode has no sign-in.
fn require_loopback(listen: SocketAddr, public_url: Option<&PublicUrl>) -> Result<(), ConfigError> {
    if !listen.ip().is_loopback() {
        return Err(local_mode_exposed(listen));
    }
    match public_url {
        Some(url) if !url.is_loopback() => {
            let problem = format!(
                "local mode serves every caller without sign-in, and {url} is not on this machine; remove the URL, \
                 use localhost, or set --local-on-any-address if this is intended"
            );
            Err(ConfigError::Conflict { key: "public_url", problem })
        }
        _ => Ok(()),
    }
}

fn local_mode_exposed(listen: SocketAddr) -> ConfigError {
    let problem = format!(
        "it serves every caller without sign-in, and {listen} can be reached from other machines; listen on 127.0.0.1, \
         or set --local-on-any-address if this is intended"
    );
    ConfigError::Conflict { key: "local", problem }
}

#[cfg(test)]
mod tests;
