//! Identity providers: their settings, and the exchange that confirms an account.
//!
//! A [`Provider`] gives the URL to send a browser to, and confirms whose account it is with the answer that the browser brings back. Who
//! has begun which attempt, and that each is used once, is up to the caller, who also passes the time.

mod account;
mod answer;
mod attempt;
mod code;
mod discovery;
mod github;
mod http;
mod id_token;
mod oidc;
mod settings;

use std::sync::Arc;

use model::time::Timestamp;
use tracing::Instrument as _;
use url::Url;

pub use account::{NotAProviderAccount, ProviderAccount};
pub use answer::{Callback, Confirmed, ProviderError};
pub use attempt::{Attempt, BrowserSecret, NotAnAttemptSecret, State};
pub use settings::{
    GITHUB_API_URL, GITHUB_BASE_URL, GOOGLE_ISSUER, Issuer, NotAProviderName, NotAnIssuer, ProviderKind, ProviderName,
    ProviderSettings, Secret, is_protected,
};

use self::{code::Registration, github::GitHub, http::HttpClient, oidc::OpenIdConnect};

/// All providers that the operator has configured, in the order of the sign-in page.
#[derive(Debug)]
pub struct Providers(Vec<Provider>);

/// One provider.
#[derive(Debug)]
pub struct Provider {
    name: ProviderName,
    label: String,
    icon: ProviderIcon,
    host: String,
    protocol: Protocol,
    http: Arc<HttpClient>,
}

/// The icon beside the label of a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProviderIcon {
    Google,
    GitHub,
    Other,
}

#[derive(Debug)]
enum Protocol {
    OpenIdConnect { issuer: Issuer, client: Box<OpenIdConnect> },
    GitHub(Box<GitHub>),
}

impl Providers {
    /// The providers of these settings. Their answers lead back to `{public_url}/auth/callback/{name}`.
    #[must_use]
    pub fn new(settings: Vec<ProviderSettings>, public_url: &str) -> Self {
        // The client loads the system's certificates, which a server without providers need not do.
        if settings.is_empty() {
            return Self(Vec::new());
        }
        let http = Arc::new(HttpClient::new());
        Self(settings.into_iter().map(|settings| Provider::new(settings, public_url, http.clone())).collect())
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Provider] {
        &self.0
    }

    /// The provider of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.name.as_str() == name)
    }
}

impl Provider {
    fn new(settings: ProviderSettings, public_url: &str, http: Arc<HttpClient>) -> Self {
        let registration = Registration::new(&settings, public_url);
        let (icon, url) = match &settings.kind {
            ProviderKind::Google { issuer } => (ProviderIcon::Google, issuer.url()),
            ProviderKind::Oidc { issuer } => (ProviderIcon::Other, issuer.url()),
            ProviderKind::GitHub { base_url, api_url: _ } => (ProviderIcon::GitHub, base_url),
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let protocol = match settings.kind {
            ProviderKind::Google { issuer } | ProviderKind::Oidc { issuer } => {
                let client = Box::new(OpenIdConnect::new(&issuer, registration));
                Protocol::OpenIdConnect { issuer, client }
            }
            ProviderKind::GitHub { base_url, api_url } => {
                Protocol::GitHub(Box::new(GitHub::new(&base_url, &api_url, registration)))
            }
        };
        Self { name: settings.name, label: settings.label, icon, host, protocol, http }
    }

    /// The name in settings and in the callback URL.
    #[must_use]
    pub fn name(&self) -> &ProviderName {
        &self.name
    }

    /// The name that people see.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The icon that people see.
    #[must_use]
    pub fn icon_kind(&self) -> ProviderIcon {
        self.icon
    }

    /// The provider of the accounts that it confirms ([`ProviderAccount::provider`]).
    #[must_use]
    pub fn issuer(&self) -> &str {
        match &self.protocol {
            Protocol::OpenIdConnect { issuer, client: _ } => issuer.as_str(),
            Protocol::GitHub(github) => github.issuer(),
        }
    }

    /// The host where people sign in, such as `github.com`, to be shown.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The URL to send the browser to. The first call in an hour fetches the metadata of an OpenID Connect provider.
    pub async fn authorization_url(&self, attempt: &Attempt) -> Result<Url, ProviderError> {
        match &self.protocol {
            Protocol::OpenIdConnect { issuer: _, client } => {
                client.authorization_url(attempt, &self.http).instrument(self.span()).await
            }
            Protocol::GitHub(github) => self.span().in_scope(|| github.authorization_url(attempt)),
        }
    }

    /// Exchanges the code with which the browser has come back, and validates what the provider says about the account. The caller
    /// must have checked that `attempt` is of this provider, and must use it only once.
    pub async fn confirm(
        &self,
        answer: &Callback,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<Confirmed, ProviderError> {
        let http = &*self.http;
        match &self.protocol {
            Protocol::OpenIdConnect { issuer: _, client } => {
                client.confirm(answer, attempt, now, http).instrument(self.span()).await
            }
            Protocol::GitHub(github) => github.confirm(answer, attempt, http).instrument(self.span()).await,
        }
    }

    /// Log lines inside it name the provider.
    fn span(&self) -> tracing::Span {
        tracing::warn_span!("provider", name = %self.name)
    }
}
