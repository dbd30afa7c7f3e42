//! Settings that come as text: flags and variables.

use std::{collections::BTreeMap, ffi::OsString};

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::ConfigError;

pub const FLAGS: &str = "flag";
pub const VARIABLES: &str = "variable";

/// Variables that tests of this project read; they are no settings.
const OF_TESTS: &str = "test_";

/// Settings by key, from one source.
#[derive(Clone, Debug)]
pub struct Given {
    source: &'static str,
    values: BTreeMap<String, String>,
    /// Keys whose value is no text.
    unreadable: Vec<String>,
}

impl Given {
    /// What was said on the command line; keys are those of the file.
    pub fn flags<'a>(flags: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Self {
        let values = flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        Self { source: FLAGS, values, unreadable: Vec::new() }
    }

    /// Those of `variables` whose name begins with `PROVOST_`, but for those that an orchestrator of containers sets.
    pub fn variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut given = Self { source: VARIABLES, values: BTreeMap::new(), unreadable: Vec::new() };
        for (name, value) in variables {
            let Some(key) = name.to_string_lossy().strip_prefix("PROVOST_").map(str::to_ascii_lowercase) else {
                continue;
            };
            match value.into_string() {
                _ if key.starts_with(OF_TESTS) => {}
                Ok(value) if is_of_a_service(&key, &value) => {}
                Ok(value) => {
                    given.values.insert(key, value);
                }
                Err(_) => given.unreadable.push(key),
            }
        }
        given
    }

    /// Refuses a value that is no text.
    pub fn check(&self) -> Result<(), ConfigError> {
        let Some(key) = self.unreadable.first() else { return Ok(()) };
        Err(ConfigError::Value {
            key: key.clone(),
            origin: written(self.source, key).unwrap_or_default(),
            expected: "text in UTF-8".to_owned(),
            got: "other bytes".to_owned(),
        })
    }

    /// Takes one out.
    pub fn take(&mut self, key: &str) -> Option<String> {
        self.values.remove(key)
    }
}

impl Provider for Given {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let values = self.values.iter().map(|(key, text)| (key.clone(), Value::from(text.as_str()))).collect();
        Ok(Profile::Default.collect(values))
    }
}

/// Whether this is what Kubernetes tells each container of a service called `provost` or `provost-…`, such as
/// `PROVOST_SERVICE_HOST`, `PROVOST_PORT` (a URL) and `PROVOST_PORT_4200_TCP_ADDR`. None of our keys looks so.
fn is_of_a_service(key: &str, value: &str) -> bool {
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

/// How a key is written in a source.
pub fn written(source: &str, key: &str) -> Option<String> {
    match source {
        FLAGS => Some(format!("--{}", key.replace('_', "-"))),
        VARIABLES => Some(format!("PROVOST_{}", key.to_ascii_uppercase())),
        _ => None,
    }
}
