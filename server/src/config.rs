//! Settings: a flag goes before a `PROVOST_*` variable, that before the TOML file, that before the default.
//!
//! Everything is checked here, once, with an error that names the key, where it came from and what was expected. This is
//! the only place that reads the environment. It opens nothing: no database, no socket.

mod file;
mod given;
mod text;
mod value;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use figment::{Figment, providers::Format as _, providers::Toml};
use ipnet::IpNet;

pub use given::Given;
pub use value::{DatabaseUrl, LogFormat, LogLevel, PublicUrl};

/// The program's settings, complete and checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub database: DatabaseUrl,
    /// Where browsers and clients reach this server, if not simply where it listens.
    pub public_url: Option<PublicUrl>,
    /// The bare API answers without sign-in.
    pub local: bool,
    /// And it does so to whoever reaches it from other machines.
    pub local_on_any_address: bool,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
    pub connections: Connections,
    pub sign_in: identity::SignInLimits,
    pub session_idle: Duration,
    pub session_absolute: Duration,
    pub password_cost: identity::Cost,
}

/// How connections are treated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connections {
    /// Open at once, websockets included; more wait to be accepted.
    pub most: usize,
    /// Of these from one address (IPv6: one /64) that is no trusted proxy; more are closed at once.
    pub most_per_address: usize,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a request's head may take.
    pub head_timeout: Duration,
    /// How long a request's body may take altogether.
    pub body_timeout: Duration,
    /// How long a client may leave what is sent to it where it is.
    pub write_timeout: Duration,
    /// How long a connection may idle between two requests; clients expect more than 25 s.
    pub idle_timeout: Duration,
    /// How long requests under way may go on once the server was told to stop.
    pub stop_timeout: Duration,
}

/// A setting that can't be used.
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
    #[error("data_dir: there is no home directory to put it in; say where by --data-dir or PROVOST_DATA_DIR")]
    NoHome,
}

impl Config {
    /// Settings from the command line, this process's environment, and the file.
    pub fn load(flags: Given, file: Option<PathBuf>) -> Result<Self, ConfigError> {
        Self::from_sources(flags, Given::variables(std::env::vars_os()), file)
    }

    /// Settings from the given sources. Without `file` the one in the data folder is read, if there is one.
    pub fn from_sources(flags: Given, mut variables: Given, file: Option<PathBuf>) -> Result<Self, ConfigError> {
        variables.check()?;
        let file = file.or_else(|| variables.take("config").map(PathBuf::from));
        let given = Figment::new().merge(variables).merge(flags);
        let (path, needed) = match file {
            Some(path) => (path, true),
            None => (data_dir(given.extract_inner("data_dir").ok())?.join("provost.toml"), false),
        };
        let figment = match std::fs::read_to_string(&path) {
            Ok(text) => Figment::from(file::Named::new(&path, Toml::string(&text))).merge(given),
            Err(error) if !needed && error.kind() == std::io::ErrorKind::NotFound => given,
            Err(error) => {
                return Err(ConfigError::File { origin: path.display().to_string(), problem: error.to_string() });
            }
        };
        figment.extract::<file::Settings>().map_err(ConfigError::from)?.checked()
    }

    /// Where browsers and clients reach the server that listens at `bound`.
    #[must_use]
    pub fn public_url(&self, bound: SocketAddr) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(bound))
    }
}

fn data_dir(given: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    let usual = || directories::ProjectDirs::from("", "", "provost").map(|dirs| dirs.data_dir().to_owned());
    given.or_else(usual).ok_or(ConfigError::NoHome)
}

/// Every key, as the complaint about one that is none names them.
#[cfg(test)]
pub(crate) fn keys() -> Vec<String> {
    let complaint = serde_json::from_str::<file::Settings>(r#"{"none": 1}"#).err().map(|error| error.to_string());
    let complaint = complaint.unwrap_or_default();
    complaint.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
