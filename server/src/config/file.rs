//! The keys of the settings, as they stand in the file, their defaults, and what they must be together.

use std::{net::SocketAddr, path::Path, path::PathBuf, time::Duration};

use figment::{
    Error, Metadata, Profile, Provider,
    error::Kind,
    value::{Dict, Map},
};
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    Config, ConfigError, Connections, data_dir, given,
    text::{PerSecond, setting},
    value::{DatabaseUrl, LogFormat, LogLevel, PublicUrl},
};

/// What the file may say.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    #[serde(deserialize_with = "setting")]
    listen: Option<SocketAddr>,
    #[serde(deserialize_with = "setting")]
    data_dir: Option<PathBuf>,
    #[serde(deserialize_with = "setting")]
    database_url: Option<DatabaseUrl>,
    #[serde(deserialize_with = "setting")]
    public_url: Option<PublicUrl>,
    #[serde(deserialize_with = "setting")]
    local: Option<bool>,
    #[serde(deserialize_with = "setting")]
    local_on_any_address: Option<bool>,
    #[serde(deserialize_with = "setting")]
    log_format: Option<LogFormat>,
    #[serde(deserialize_with = "setting")]
    log_level: Option<LogLevel>,
    #[serde(deserialize_with = "setting")]
    trusted_proxies: Option<Vec<IpNet>>,
    #[serde(deserialize_with = "setting")]
    max_connections: Option<u32>,
    #[serde(deserialize_with = "setting")]
    head_timeout: Option<Duration>,
    #[serde(deserialize_with = "setting")]
    idle_timeout: Option<Duration>,
    #[serde(deserialize_with = "setting")]
    stop_timeout: Option<Duration>,
    #[serde(deserialize_with = "setting")]
    sign_in_burst: Option<u32>,
    #[serde(deserialize_with = "setting")]
    sign_in_per_second: Option<PerSecond>,
    #[serde(deserialize_with = "setting")]
    account_attempts: Option<u32>,
    #[serde(deserialize_with = "setting")]
    account_window: Option<Duration>,
    #[serde(deserialize_with = "setting")]
    register_burst: Option<u32>,
    #[serde(deserialize_with = "setting")]
    register_per_second: Option<PerSecond>,
    #[serde(deserialize_with = "setting")]
    session_idle: Option<Duration>,
    #[serde(deserialize_with = "setting")]
    session_absolute: Option<Duration>,
    #[serde(deserialize_with = "setting")]
    argon2_memory_kib: Option<u32>,
    #[serde(deserialize_with = "setting")]
    argon2_passes: Option<u32>,
    #[serde(deserialize_with = "setting")]
    argon2_lanes: Option<u32>,
}

const DAY: Duration = Duration::from_secs(86_400);

impl Settings {
    /// Fills in the defaults, and refuses what can't go together.
    pub fn checked(self) -> Result<Config, ConfigError> {
        let listen = self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 4200)));
        let local = self.local.unwrap_or_default();
        if local && !listen.ip().is_loopback() && !self.local_on_any_address.unwrap_or_default() {
            return Err(local_in_the_open(listen));
        }
        let (session_idle, session_absolute) =
            (self.session_idle.unwrap_or(14 * DAY), self.session_absolute.unwrap_or(90 * DAY));
        if session_idle > session_absolute {
            let problem = "it is longer than session_absolute, which ends every session".to_owned();
            return Err(ConfigError::Conflict { key: "session_idle", problem });
        }
        let (connections, sign_in, password_cost) = (self.connections(), self.sign_in(), self.password_cost()?);
        let data_dir = data_dir(self.data_dir)?;
        Ok(Config {
            listen,
            database: self.database_url.unwrap_or_else(|| DatabaseUrl::Sqlite(data_dir.join("provost.db"))),
            data_dir,
            public_url: self.public_url,
            local,
            log_format: self.log_format.unwrap_or_default(),
            log_level: self.log_level.unwrap_or_default(),
            trusted_proxies: self.trusted_proxies.unwrap_or_default(),
            connections,
            sign_in,
            session_idle,
            session_absolute,
            password_cost,
        })
    }

    fn connections(&self) -> Connections {
        let seconds = Duration::from_secs;
        Connections {
            most: self.max_connections.unwrap_or(4_096) as usize,
            head_timeout: self.head_timeout.unwrap_or(seconds(10)),
            idle_timeout: self.idle_timeout.unwrap_or(seconds(75)),
            stop_timeout: self.stop_timeout.unwrap_or(seconds(30)),
        }
    }

    fn sign_in(&self) -> identity::SignInLimits {
        let default = identity::SignInLimits::default();
        let span = |time: Duration| model::time::Span::from_seconds(time.as_secs_f64());
        identity::SignInLimits {
            address_burst: self.sign_in_burst.unwrap_or(default.address_burst),
            address_per_second: self.sign_in_per_second.map_or(default.address_per_second, |rate| rate.0),
            account_attempts: self.account_attempts.unwrap_or(default.account_attempts).min(10_000),
            account_window: self.account_window.map_or(default.account_window, span),
            register_burst: self.register_burst.unwrap_or(default.register_burst),
            register_per_second: self.register_per_second.map_or(default.register_per_second, |rate| rate.0),
        }
    }

    fn password_cost(&self) -> Result<identity::Cost, ConfigError> {
        let least = identity::Cost::default();
        let cost = identity::Cost {
            memory_kib: self.argon2_memory_kib.unwrap_or(least.memory_kib),
            passes: self.argon2_passes.unwrap_or(least.passes),
            lanes: self.argon2_lanes.unwrap_or(least.lanes),
        };
        let weak = cost.memory_kib < least.memory_kib || cost.passes < least.passes;
        let huge = cost.memory_kib > 1_048_576 || cost.passes > 100 || cost.lanes > 64;
        if weak || huge {
            let problem = format!(
                "memory_kib must be {} to 1048576, passes {} to 100, lanes 1 to 64",
                least.memory_kib, least.passes
            );
            return Err(ConfigError::Conflict { key: "argon2_*", problem });
        }
        Ok(cost)
    }
}

fn local_in_the_open(listen: SocketAddr) -> ConfigError {
    let problem = format!(
        "it answers everybody without sign-in, and {listen} can be reached from other machines; listen on 127.0.0.1, or \
         say --local-on-any-address if this is meant"
    );
    ConfigError::Conflict { key: "local", problem }
}

/// A file's settings under its path.
pub struct Named<'a, P> {
    path: &'a Path,
    inner: P,
}

impl<'a, P> Named<'a, P> {
    pub fn new(path: &'a Path, inner: P) -> Self {
        Self { path, inner }
    }
}

impl<P: Provider> Provider for Named<'_, P> {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.path.display().to_string())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        self.inner.data()
    }
}

impl From<Error> for ConfigError {
    fn from(error: Error) -> Self {
        let source = error.metadata.as_ref().map_or_else(String::new, |metadata| metadata.name.to_string());
        let key = error.path.join(".");
        let origin = |key: &str| given::written(&source, key).unwrap_or_else(|| source.clone());
        match error.kind {
            Kind::InvalidType(got, expected) | Kind::InvalidValue(got, expected) => {
                Self::Value { origin: origin(&key), key, expected, got: got.to_string() }
            }
            Kind::UnknownField(key, known) => Self::Unknown { origin: origin(&key), key, known: known.join(", ") },
            other => Self::File { origin: source, problem: other.to_string() },
        }
    }
}
