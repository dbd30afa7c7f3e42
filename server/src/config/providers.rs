//! The tables `[providers.NAME]`: identity providers by which people sign in.

use std::collections::BTreeMap;

use identity::{
    Issuer, ProviderKind, ProviderName, ProviderSettings,
    provider::{GITHUB_API_URL, GITHUB_BASE_URL, GOOGLE_ISSUER},
};
use url::Url;

use super::{
    ConfigError,
    provider_table::{Protocol, TABLE, split_key, variable},
    secret,
    source::Source,
    text::{Line, Setting},
    value::ProviderUrl,
};

/// The providers, sorted by name.
pub(super) fn read(texts: &Source) -> Result<Vec<ProviderSettings>, ConfigError> {
    let mut names = BTreeMap::new();
    for (key, origin) in texts.keys() {
        if let Some(name) = split_key(key, origin)? {
            names.entry(name).or_insert(origin);
        }
    }
    let mut providers = Vec::new();
    for (name, origin) in names {
        let name: ProviderName = name.parse().expect("`split_key` returns only names of providers");
        let provider = Keys { texts, name, origin }.provider()?;
        reject_same_issuer(&providers, &provider, texts)?;
        providers.push(provider);
    }
    Ok(providers)
}

/// The keys of one provider.
struct Keys<'t> {
    texts: &'t Source,
    name: ProviderName,
    /// Where the first of its keys is set.
    origin: &'t str,
}

impl Keys<'_> {
    fn provider(self) -> Result<ProviderSettings, ConfigError> {
        let protocol: Protocol = self.required("kind")?;
        self.reject_keys_of_other_kinds(protocol)?;
        let client_id = self.required::<Line<255>>("client_id")?.0;
        let client_secret = secret::read(self.texts, &self.key("client_secret"))?;
        let client_secret = client_secret.ok_or_else(|| {
            let expected =
                "the secret that the provider gave you, or client_secret_file with the path of a file with it";
            self.missing("client_secret", expected.to_owned())
        })?;
        let kind = self.kind(protocol)?;
        let label = self.optional::<Line<40>>("label")?.map(|label| label.0);
        let label = label.unwrap_or_else(|| protocol.label().unwrap_or(self.name.as_str()).to_owned());
        Ok(ProviderSettings { name: self.name, label, kind, client_id, client_secret })
    }

    fn kind(&self, protocol: Protocol) -> Result<ProviderKind, ConfigError> {
        let url = |key: &str, default: &str| -> Result<Url, ConfigError> {
            let url = self.optional::<ProviderUrl>(key)?;
            Ok(url.unwrap_or_else(|| ProviderUrl::read(default).expect("the default is a valid URL")).0)
        };
        let google = || Issuer::read(GOOGLE_ISSUER).expect("Google's issuer is valid");
        Ok(match protocol {
            Protocol::Google => ProviderKind::Google { issuer: self.optional("issuer")?.unwrap_or_else(google) },
            Protocol::Oidc => ProviderKind::Oidc { issuer: self.required("issuer")? },
            Protocol::GitHub => {
                let base_url = url("base_url", GITHUB_BASE_URL)?;
                let base = base_url.as_str().trim_end_matches('/');
                let of_enterprise_server = format!("{base}/api/v3");
                let api_url = if base == GITHUB_BASE_URL { GITHUB_API_URL } else { &of_enterprise_server };
                ProviderKind::GitHub { api_url: url("api_url", api_url)?, base_url }
            }
        })
    }

    fn key(&self, key: &str) -> String {
        format!("providers.{}.{key}", self.name)
    }

    fn optional<T: Setting>(&self, key: &str) -> Result<Option<T>, ConfigError> {
        self.texts.parse(&self.key(key), "")
    }

    fn required<T: Setting>(&self, key: &str) -> Result<T, ConfigError> {
        self.optional(key)?.ok_or_else(|| self.missing(key, T::expected()))
    }

    fn missing(&self, key: &str, expected: String) -> ConfigError {
        let (variable, origin) = (variable(self.name.as_str(), key), self.origin.to_owned());
        ConfigError::Missing { key: self.key(key), variable, origin, expected }
    }

    fn reject_keys_of_other_kinds(&self, protocol: Protocol) -> Result<(), ConfigError> {
        for row in TABLE.iter().filter(|row| !row.kinds.contains(&protocol)) {
            let key = self.key(row.key);
            if let Some(origin) = self.texts.origin(&key) {
                let kinds: Vec<_> = row.kinds.iter().map(|kind| kind.as_str()).collect();
                let (kinds, kind) = (kinds.join(" and "), protocol.as_str());
                let problem =
                    format!("belongs to providers of kind {kinds}, and this one is of kind {kind}; remove it");
                return Err(ConfigError::Key { origin: origin.to_owned(), key, problem });
            }
        }
        Ok(())
    }
}

/// What the accounts of a provider are stored under, without a slash at the end.
fn issuer(kind: &ProviderKind) -> (&'static str, &str) {
    let (key, url) = match kind {
        ProviderKind::Google { issuer } | ProviderKind::Oidc { issuer } => ("issuer", issuer.as_str()),
        ProviderKind::GitHub { base_url, .. } => ("base_url", base_url.as_str()),
    };
    (key, url.trim_end_matches('/'))
}

/// Rejects a provider that another one names too: the same person would have one account for both buttons.
fn reject_same_issuer(
    others: &[ProviderSettings],
    provider: &ProviderSettings,
    texts: &Source,
) -> Result<(), ConfigError> {
    let (key, url) = issuer(&provider.kind);
    let Some(other) = others.iter().find(|other| issuer(&other.kind).1 == url) else { return Ok(()) };
    let path = |key: &str| format!("providers.{}.{key}", provider.name);
    // If the URL is the default of the kind, the kind is what is set.
    let key = [key, "kind"].map(path).into_iter().find(|key| texts.origin(key).is_some());
    let key = key.unwrap_or_else(|| path("kind"));
    let origin = texts.origin(&key).unwrap_or_default().to_owned();
    let problem = format!("{url} is already the provider {}; remove one of the two", other.name);
    Err(ConfigError::Key { key, origin, problem })
}
