//! Settings. A flag overrides a `PROVOST_*` variable, which overrides the TOML file, which overrides the default.
//!
//! Every value is validated here, once, with an error that names the key, its source and the expected form. Only this module
//! reads the environment. It opens no database and no socket.

mod file;
mod overrides;
mod text;
mod value;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use figment::{Figment, providers::Format as _, providers::Toml};
use ipnet::IpNet;

pub use overrides::Overrides;
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
    pub sign_in: identity::SignInLimits,
    pub session_idle: Duration,
    pub session_absolute: Duration,
    pub password_cost: identity::Cost,
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
    #[error("{key} ({origin}): there is no such setting; there are {known}")]
    Unknown { key: String, origin: String, known: String },
    #[error("{origin}: {problem}")]
    File { origin: String, problem: String },
    #[error("{key}: {problem}")]
    Conflict { key: &'static str, problem: String },
    #[error("data_dir: there is no home directory for the default; set --data-dir or PROVOST_DATA_DIR")]
    NoHome,
}

impl Config {
    /// Loads the settings from the command line, this process's environment, and the file.
    pub fn load(flags: Overrides, file: Option<PathBuf>) -> Result<Self, ConfigError> {
        Self::from_sources(flags, Overrides::variables(std::env::vars_os()), file)
    }

    /// Loads the settings from these sources. Without `file`, `provost.toml` in the data folder is read if it exists.
    pub fn from_sources(
        flags: Overrides,
        mut variables: Overrides,
        file: Option<PathBuf>,
    ) -> Result<Self, ConfigError> {
        variables.check()?;
        let file = file.or_else(|| variables.take("config").map(PathBuf::from));
        let overrides = Figment::new().merge(variables).merge(flags);
        let (path, required) = match file {
            Some(path) => (path, true),
            None => (data_dir(overrides.extract_inner("data_dir").ok())?.join("provost.toml"), false),
        };
        let figment = match std::fs::read_to_string(&path) {
            Ok(text) => Figment::from(file::NamedProvider::new(&path, Toml::string(&text))).merge(overrides),
            Err(error) if !required && error.kind() == std::io::ErrorKind::NotFound => overrides,
            Err(error) => {
                return Err(ConfigError::File { origin: path.display().to_string(), problem: error.to_string() });
            }
        };
        figment.extract::<file::Settings>().map_err(ConfigError::from)?.validate()
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

/// Every key, as listed in the error about an unknown one.
#[cfg(test)]
pub(crate) fn keys() -> Vec<String> {
    let error = serde_json::from_str::<file::Settings>(r#"{"none": 1}"#).err().map(|error| error.to_string());
    let error = error.unwrap_or_default();
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
