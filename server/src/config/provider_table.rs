//! The keys of `[providers.NAME]`, and their names as variables.

use std::path::PathBuf;

use identity::{Issuer, ProviderName, Secret};

use super::{
    ConfigError,
    text::{Line, Setting},
    value::ProviderUrl,
};

/// How a provider confirms an account: the values of `kind`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    Google,
    GitHub,
    Oidc,
}

/// One row of the table.
#[derive(Debug)]
pub struct ProviderRow {
    /// The key in `[providers.NAME]`.
    pub key: &'static str,
    pub help: &'static str,
    /// The default or a description of it.
    pub default: &'static str,
    /// The form of the value.
    pub expected: fn() -> String,
    /// The kinds of providers that have the key.
    pub kinds: &'static [Protocol],
}

const EVERY: &[Protocol] = &[Protocol::Google, Protocol::GitHub, Protocol::Oidc];
const WITH_ISSUER: &[Protocol] = &[Protocol::Google, Protocol::Oidc];
const GITHUB: &[Protocol] = &[Protocol::GitHub];

/// All keys of a provider.
pub const TABLE: &[ProviderRow] = &[
    row::<Protocol>("kind", EVERY, "required", "The kind of provider; oidc is any OpenID Connect provider"),
    row::<Line<255>>("client_id", EVERY, "required", "The client ID that the provider gave you"),
    row::<Secret>(
        "client_secret",
        EVERY,
        "required, or client_secret_file",
        "The client secret that the provider gave you",
    ),
    row::<PathBuf>("client_secret_file", EVERY, "none", "A file that contains the client secret"),
    row::<Line<40>>("label", EVERY, "Google, GitHub, or the name", "The name on the sign-in page"),
    row::<Issuer>(
        "issuer",
        WITH_ISSUER,
        "https://accounts.google.com for google; required for oidc",
        "The provider’s issuer, below which it publishes .well-known/openid-configuration",
    ),
    row::<ProviderUrl>("base_url", GITHUB, "https://github.com", "Another GitHub, such as a GitHub Enterprise Server"),
    row::<ProviderUrl>(
        "api_url",
        GITHUB,
        "https://api.github.com; /api/v3 below another base_url",
        "The API of that GitHub",
    ),
];

const fn row<T: Setting>(
    key: &'static str,
    kinds: &'static [Protocol],
    default: &'static str,
    help: &'static str,
) -> ProviderRow {
    ProviderRow { key, help, default, expected: T::expected, kinds }
}

impl Protocol {
    /// The value of `kind`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::GitHub => "github",
            Self::Oidc => "oidc",
        }
    }

    /// The default label.
    pub(super) fn label(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("Google"),
            Self::GitHub => Some("GitHub"),
            Self::Oidc => None,
        }
    }
}

impl Setting for Protocol {
    const EXPECTED: &'static str = "google, github or oidc";

    fn read(text: &str) -> Option<Self> {
        EVERY.iter().copied().find(|kind| kind.as_str() == text)
    }
}

/// The variable of a provider's key.
pub fn variable(name: &str, key: &str) -> String {
    format!("PROVOST_PROVIDERS_{name}_{key}").replace('-', "_").to_ascii_uppercase()
}

/// The key of a variable, given in lowercase without `PROVOST_`; `None` if it is no key of a provider. Underscores of the provider's
/// name become hyphens, which variables can't have.
pub(super) fn key_of_variable(variable: &str) -> Option<String> {
    let variable = variable.strip_prefix(VARIABLES)?;
    TABLE.iter().find_map(|row| {
        let name = variable.strip_suffix(row.key)?.strip_suffix('_')?;
        Some(format!("providers.{}.{}", name.replace('_', "-"), row.key))
    })
}

/// The beginning of variables about providers, without `PROVOST_`.
const VARIABLES: &str = "providers_";

/// Whether a key is about providers, valid or not.
pub(super) fn is_about_providers(key: &str) -> bool {
    key == "providers" || key.starts_with("providers.") || key.starts_with(VARIABLES)
}

/// The provider's name in a key; `None` if the key is not about providers.
pub(super) fn split_key<'k>(key: &'k str, origin: &str) -> Result<Option<&'k str>, ConfigError> {
    if !is_about_providers(key) {
        return Ok(None);
    }
    let (key_owned, origin) = (key.to_owned(), origin.to_owned());
    if key.starts_with(VARIABLES) {
        let known: Vec<_> = TABLE.iter().map(|row| variable("NAME", row.key)).collect();
        return Err(ConfigError::Unknown { key: key_owned, origin, known: known.join(", ") });
    }
    let Some((name, setting)) = key.strip_prefix("providers.").and_then(|rest| rest.rsplit_once('.')) else {
        let problem = "expected a table [providers.NAME] with kind, client_id and client_secret".to_owned();
        return Err(ConfigError::Key { key: key_owned, origin, problem });
    };
    if name.parse::<ProviderName>().is_err() {
        let problem = format!(
            "{name:?} can’t be a provider’s name: expected 1 to 31 of a to z, 0 to 9 and -, not beginning with -, and not password"
        );
        return Err(ConfigError::Key { key: key_owned, origin, problem });
    }
    if TABLE.iter().all(|row| row.key != setting) {
        let known: Vec<_> = TABLE.iter().map(|row| row.key).collect();
        return Err(ConfigError::Unknown { key: key_owned, origin, known: known.join(", ") });
    }
    Ok(Some(name))
}
