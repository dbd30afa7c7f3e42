//! The keys of the settings file, their defaults, and the checks that need several keys.

use std::{net::SocketAddr, ops::RangeInclusive, path::Path, path::PathBuf, time::Duration};

use figment::{
    Error, Metadata, Profile, Provider,
    error::Kind,
    value::{Dict, Map},
};
use identity::Cost;
use ipnet::IpNet;
use serde::Deserialize;

use super::{
    Config, ConfigError, ConnectionSettings, data_dir, overrides,
    text::{PerSecond, setting},
    value::{DatabaseUrl, LogFormat, LogLevel, PublicUrl},
};

/// The settings file.
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
    max_connections_per_address: Option<u32>,
    #[serde(deserialize_with = "setting")]
    head_timeout: Option<Duration>,
    #[serde(deserialize_with = "setting")]
    body_timeout: Option<Duration>,
    #[serde(deserialize_with = "setting")]
    write_timeout: Option<Duration>,
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
    /// Fills in the defaults and rejects invalid combinations.
    pub fn validate(self) -> Result<Config, ConfigError> {
        let listen = self.listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 4200)));
        let local = self.local.unwrap_or_default();
        let local_on_any_address = self.local_on_any_address.unwrap_or_default();
        if local && !local_on_any_address {
            require_loopback(listen, self.public_url.as_ref())?;
        }
        let (session_idle, session_absolute) =
            (self.session_idle.unwrap_or(14 * DAY), self.session_absolute.unwrap_or(90 * DAY));
        if session_idle > session_absolute {
            let problem = "it is longer than session_absolute, which ends every session".to_owned();
            return Err(ConfigError::Conflict { key: "session_idle", problem });
        }
        let (sign_in, password_cost) = (self.sign_in()?, self.password_cost()?);
        let connections = self.connections();
        let data_dir = data_dir(self.data_dir)?;
        Ok(Config {
            listen,
            database: self.database_url.unwrap_or_else(|| DatabaseUrl::Sqlite(data_dir.join("provost.db"))),
            data_dir,
            public_url: self.public_url,
            local,
            local_on_any_address,
            log_format: self.log_format.unwrap_or_default(),
            log_level: self.log_level.unwrap_or_default(),
            connections,
            sign_in,
            session_idle,
            session_absolute,
            password_cost,
        })
    }

    fn connections(&self) -> ConnectionSettings {
        let seconds = Duration::from_secs;
        ConnectionSettings {
            max: self.max_connections.unwrap_or(4_096) as usize,
            max_per_address: self.max_connections_per_address.unwrap_or(1_024) as usize,
            trusted_proxies: self.trusted_proxies.clone().unwrap_or_default(),
            head_timeout: self.head_timeout.unwrap_or(seconds(10)),
            body_timeout: self.body_timeout.unwrap_or(seconds(300)),
            write_timeout: self.write_timeout.unwrap_or(seconds(30)),
            idle_timeout: self.idle_timeout.unwrap_or(seconds(75)),
            stop_timeout: self.stop_timeout.unwrap_or(seconds(30)),
        }
    }

    fn sign_in(&self) -> Result<identity::SignInLimits, ConfigError> {
        let default = identity::SignInLimits::default();
        let span = |time: Duration| model::time::Span::from_seconds(time.as_secs_f64());
        Ok(identity::SignInLimits {
            address_burst: self.sign_in_burst.unwrap_or(default.address_burst),
            address_per_second: self.sign_in_per_second.map_or(default.address_per_second, |rate| rate.0),
            // The throttle stores the time of every attempt of an account.
            account_attempts: in_range(
                "account_attempts",
                self.account_attempts,
                default.account_attempts,
                1..=10_000,
            )?,
            account_window: self.account_window.map_or(default.account_window, span),
            register_burst: self.register_burst.unwrap_or(default.register_burst),
            register_per_second: self.register_per_second.map_or(default.register_per_second, |rate| rate.0),
        })
    }

    /// The default is the minimum, because a cheaper hash is too weak. The maximum keeps sign-in possible.
    fn password_cost(&self) -> Result<Cost, ConfigError> {
        let Cost { memory_kib, passes, lanes } = Cost::default();
        Ok(Cost {
            memory_kib: in_range("argon2_memory_kib", self.argon2_memory_kib, memory_kib, memory_kib..=1_048_576)?,
            passes: in_range("argon2_passes", self.argon2_passes, passes, passes..=100)?,
            lanes: in_range("argon2_lanes", self.argon2_lanes, lanes, 1..=64)?,
        })
    }
}

/// The value or its default, if it lies within the range.
fn in_range(
    key: &'static str,
    value: Option<u32>,
    default: u32,
    range: RangeInclusive<u32>,
) -> Result<u32, ConfigError> {
    let value = value.unwrap_or(default);
    if range.contains(&value) {
        return Ok(value);
    }
    let problem = format!("it must be from {} to {}, and is {value}", range.start(), range.end());
    Err(ConfigError::Conflict { key, problem })
}

/// Rejects local mode on an address or URL of another machine: local mode has no sign-in.
fn require_loopback(listen: SocketAddr, public_url: Option<&PublicUrl>) -> Result<(), ConfigError> {
    if !listen.ip().is_loopback() {
        return Err(local_mode_exposed(listen));
    }
    match public_url {
        Some(url) if !url.is_loopback() => {
            let problem = format!(
                "local mode serves every caller without sign-in, and {url} is not on this machine; leave it out, name \
                 localhost, or set --local-on-any-address if this is intended"
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

/// A provider of figment whose errors name the file.
pub struct NamedProvider<'a, P> {
    path: &'a Path,
    inner: P,
}

impl<'a, P> NamedProvider<'a, P> {
    pub fn new(path: &'a Path, inner: P) -> Self {
        Self { path, inner }
    }
}

impl<P: Provider> Provider for NamedProvider<'_, P> {
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
        let origin = |key: &str| overrides::name_in(&source, key).unwrap_or_else(|| source.clone());
        match error.kind {
            Kind::InvalidType(got, expected) | Kind::InvalidValue(got, expected) => {
                Self::Value { origin: origin(&key), key, expected, got: got.to_string() }
            }
            Kind::UnknownField(key, known) => Self::Unknown { origin: origin(&key), key, known: known.join(", ") },
            other => Self::File { origin: source, problem: other.to_string() },
        }
    }
}
