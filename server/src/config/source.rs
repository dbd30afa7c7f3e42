//! The sources of settings: flags, environment variables and the settings file. Each yields a text for a key.

use std::{collections::BTreeMap, ffi::OsString, io, path::Path};

use toml::{Table, Value};

use super::{ConfigError, text::Setting};

/// The prefix of variables that this project's tests read; these are no settings.
const TEST_PREFIX: &str = "test_";

/// The text of a setting, or what it is instead, and where it comes from.
#[derive(Clone, Debug)]
struct Text {
    value: Result<String, &'static str>,
    origin: String,
}

/// Texts of settings by key, from one source or from several.
#[derive(Clone, Default, Debug)]
pub struct Source(BTreeMap<String, Text>);

impl Source {
    /// Flags of the command line, by the keys of the file.
    pub fn flags<'a>(flags: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Self {
        let text = |(key, value): (&str, Option<String>)| {
            let origin = format!("--{}", key.replace('_', "-"));
            Some((key.to_owned(), Text { value: Ok(value?), origin }))
        };
        Self(flags.into_iter().filter_map(text).collect())
    }

    /// The variables whose name begins with `PROVOST_`, except those that Kubernetes sets.
    pub fn variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let text = |(name, value): (OsString, OsString)| {
            let origin = name.to_string_lossy().into_owned();
            let key = origin.strip_prefix("PROVOST_")?.to_ascii_lowercase();
            let value = value.into_string().map_err(|_| "bytes that are not UTF-8");
            let ignored = key.starts_with(TEST_PREFIX) || is_kubernetes_variable(&key, value.as_deref().unwrap_or(""));
            (!ignored).then_some((key, Text { value, origin }))
        };
        Self(variables.into_iter().filter_map(text).collect())
    }

    /// The settings file. It may be missing unless it is `required`.
    pub(super) fn file(path: &Path, required: bool) -> Result<Self, ConfigError> {
        let origin = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if !required && error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(ConfigError::File { origin, problem: error.to_string() }),
        };
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            // Only the number of the line, because the line itself may contain a password.
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let problem = format!("line {}: {}", 1 + before.matches('\n').count(), error.message());
            ConfigError::File { origin: origin.clone(), problem }
        })?;
        let text = |(key, value)| (key, Text { value: toml_text(&value), origin: origin.clone() });
        Ok(Self(table.into_iter().map(text).collect()))
    }

    /// Both sources; the texts of `overrides` take precedence.
    pub(super) fn overridden_by(mut self, overrides: Self) -> Self {
        self.0.extend(overrides.0);
        self
    }

    /// The keys, each with where its text comes from.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, text)| (key.as_str(), text.origin.as_str()))
    }

    /// The setting of a key, or its default.
    pub(super) fn parse<T: Setting>(&self, key: &str, default: &str) -> Result<T, ConfigError> {
        let Some(Text { value, origin }) = self.0.get(key) else {
            return Ok(T::of_default(default).expect("the defaults in the table are valid"));
        };
        let parsed = value.as_deref().ok().and_then(|text| T::read(text.trim()));
        parsed.ok_or_else(|| ConfigError::Value {
            key: key.to_owned(),
            origin: origin.clone(),
            expected: T::expected(),
            got: match value {
                Ok(_) if T::SECRET => "a hidden value, because it may contain a password".to_owned(),
                Ok(text) => format!("{text:?}"),
                Err(other) => (*other).to_owned(),
            },
        })
    }
}

/// The text of a TOML value; a list is its entries, joined by commas.
fn toml_text(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => Ok(value.to_string()),
        Value::Array(entries) => {
            let entries: Option<Vec<_>> = entries.iter().map(Value::as_str).collect();
            Ok(entries.ok_or("a list with entries that are not text")?.join(","))
        }
        Value::Table(_) => Err("a table"),
        Value::Datetime(_) => Err("a date"),
    }
}

/// Whether Kubernetes sets this variable in each container for a service called `provost` or `provost-…`, such as
/// `PROVOST_SERVICE_HOST`, `PROVOST_PORT` (a URL) and `PROVOST_PORT_4200_TCP_ADDR`. No setting has such a name.
fn is_kubernetes_variable(key: &str, value: &str) -> bool {
    let name = format!("_{key}");
    let protocol = |rest: &str| {
        let after_number = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
        after_number.len() < rest.len() && ["_tcp", "_udp", "_sctp"].iter().any(|known| after_number.starts_with(known))
    };
    name.ends_with("_service_host")
        || name.ends_with("_service_port")
        || name.contains("_service_port_")
        || (name.ends_with("_port") && value.contains("://"))
        || name.rsplit_once("_port_").is_some_and(|(_, rest)| protocol(rest))
}
