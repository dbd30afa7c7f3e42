//! Settings that come as text: flags and variables.

use std::collections::BTreeMap;

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

pub const FLAGS: &str = "flag";
pub const VARIABLES: &str = "variable";

/// Variables that tests of this project read; they are no settings.
const OF_TESTS: &str = "test_";

/// Settings by key, from one source.
#[derive(Clone, Debug)]
pub struct Given {
    source: &'static str,
    values: BTreeMap<String, String>,
}

impl Given {
    /// What was said on the command line; keys are those of the file.
    pub fn flags<'a>(flags: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Self {
        let values = flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        Self { source: FLAGS, values }
    }

    /// Those of `variables` whose name begins with `PROVOST_`.
    pub fn variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let key = |name: &str| Some(name.strip_prefix("PROVOST_")?.to_ascii_lowercase());
        let values = variables
            .into_iter()
            .filter_map(|(name, value)| Some((key(&name)?, value)))
            .filter(|(key, _)| !key.starts_with(OF_TESTS))
            .collect();
        Self { source: VARIABLES, values }
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

/// How a key is written in a source.
pub fn written(source: &str, key: &str) -> Option<String> {
    match source {
        FLAGS => Some(format!("--{}", key.replace('_', "-"))),
        VARIABLES => Some(format!("PROVOST_{}", key.to_ascii_uppercase())),
        _ => None,
    }
}
