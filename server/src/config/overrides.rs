//! Settings from flags and environment variables, whose values are text.

use std::{collections::BTreeMap, ffi::OsString};

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::ConfigError;

pub const FLAGS: &str = "flag";
pub const VARIABLES: &str = "variable";

/// The prefix of variables that this project's tests read; these are no settings.
const TEST_PREFIX: &str = "test_";

/// Settings by key, from one source.
#[derive(Clone, Debug)]
pub struct Overrides {
    source: &'static str,
    values: BTreeMap<String, String>,
    /// Keys whose value is not UTF-8.
    not_utf8: Vec<String>,
}

impl Overrides {
    /// Flags of the command line, by the keys of the file.
    pub fn flags<'a>(flags: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Self {
        let values = flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        Self { source: FLAGS, values, not_utf8: Vec::new() }
    }

    /// The variables whose name begins with `PROVOST_`, except those that Kubernetes sets.
    pub fn variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut overrides = Self { source: VARIABLES, values: BTreeMap::new(), not_utf8: Vec::new() };
        for (name, value) in variables {
            let Some(key) = name.to_string_lossy().strip_prefix("PROVOST_").map(str::to_ascii_lowercase) else {
                continue;
            };
            match value.into_string() {
                _ if key.starts_with(TEST_PREFIX) => {}
                Ok(value) if is_kubernetes_variable(&key, &value) => {}
                Ok(value) => {
                    overrides.values.insert(key, value);
                }
                Err(_) => overrides.not_utf8.push(key),
            }
        }
        overrides
    }

    /// Rejects a value that is not UTF-8.
    pub fn check(&self) -> Result<(), ConfigError> {
        let Some(key) = self.not_utf8.first() else { return Ok(()) };
        Err(ConfigError::Value {
            key: key.clone(),
            origin: name_in(self.source, key).unwrap_or_default(),
            expected: "text in UTF-8".to_owned(),
            got: "other bytes".to_owned(),
        })
    }

    /// Removes a value and returns it.
    pub fn take(&mut self, key: &str) -> Option<String> {
        self.values.remove(key)
    }
}

impl Provider for Overrides {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let values = self.values.iter().map(|(key, text)| (key.clone(), Value::from(text.as_str()))).collect();
        Ok(Profile::Default.collect(values))
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

/// The name of a key in its source: a flag or a variable.
pub fn name_in(source: &str, key: &str) -> Option<String> {
    match source {
        FLAGS => Some(format!("--{}", key.replace('_', "-"))),
        VARIABLES => Some(format!("PROVOST_{}", key.to_ascii_uppercase())),
        _ => None,
    }
}
