//! Sign-in through an OpenID Connect provider.

use model::time::Timestamp;
use oauth2::TokenResponse as _;
use url::Url;

use super::{
    account::ProviderAccount,
    answer::{Callback, Confirmed, ProviderError, bad_answer},
    attempt::Attempt,
    code::{Registration, Tokens},
    discovery::{Discovery, Metadata, endpoints},
    http::HttpClient,
    id_token::{self, Claims, Expected, Rejection},
    settings::Issuer,
};

const SCOPES: [&str; 3] = ["openid", "email", "profile"];

/// One OpenID Connect provider.
#[derive(Debug)]
pub struct OpenIdConnect {
    discovery: Discovery,
    registration: Registration,
}

impl OpenIdConnect {
    pub fn new(issuer: &Issuer, registration: Registration) -> Self {
        Self { discovery: Discovery::new(issuer), registration }
    }

    pub async fn authorization_url(&self, attempt: &Attempt, http: &HttpClient) -> Result<Url, ProviderError> {
        let (metadata, _) = self.discovery.get(http).await?;
        self.registration.authorization_url(endpoints(&metadata)?, &SCOPES, attempt, &[("nonce", attempt.nonce())])
    }

    pub async fn confirm(
        &self,
        answer: &Callback,
        attempt: &Attempt,
        now: Timestamp,
        http: &HttpClient,
    ) -> Result<Confirmed, ProviderError> {
        // The answer of another provider must not be used, not even its error.
        let issuer = self.discovery.issuer();
        if let Some(other) = answer.iss.as_ref().filter(|iss| **iss != **issuer) {
            return Err(bad_answer("it comes from another issuer", other));
        }
        let code = answer.code()?;
        let (metadata, _) = self.discovery.get(http).await?;
        if answer.iss.is_none() && metadata.additional_metadata().authorization_response_iss_parameter_supported {
            return Err(bad_answer("it does not name its issuer", ""));
        }
        let tokens = self.registration.exchange(endpoints(&metadata)?, code, attempt, http).await?;
        let Some(token) = &tokens.extra_fields().id_token else {
            return Err(bad_answer("the token endpoint sent no ID token", ""));
        };
        let claims = self.verify(token, attempt, now, http).await?;
        self.confirmed(&claims, &metadata, &tokens, http).await
    }

    /// Verifies an ID token, with the provider's new keys if the known ones do not contain the one that it names.
    async fn verify(
        &self,
        token: &str,
        attempt: &Attempt,
        now: Timestamp,
        http: &HttpClient,
    ) -> Result<Claims, ProviderError> {
        let expected = Expected {
            issuer: self.discovery.issuer(),
            client_id: self.registration.client_id(),
            nonce: attempt.nonce(),
            now,
        };
        let unknown_key = || bad_answer("the ID token is signed with an unknown key", "");
        let (_, keys) = self.discovery.get(http).await?;
        match id_token::verify(token, &keys, &expected) {
            Ok(claims) => return Ok(claims),
            Err(Rejection::Error(error)) => return Err(error),
            Err(Rejection::UnknownKey) => {}
        }
        let Some(keys) = self.discovery.newer_keys(&keys, http).await? else { return Err(unknown_key()) };
        id_token::verify(token, &keys, &expected).map_err(|rejection| match rejection {
            Rejection::Error(error) => error,
            Rejection::UnknownKey => unknown_key(),
        })
    }

    /// The confirmed account. If the ID token contains no address, the userinfo endpoint is asked for it.
    async fn confirmed(
        &self,
        claims: &Claims,
        metadata: &Metadata,
        tokens: &Tokens,
        http: &HttpClient,
    ) -> Result<Confirmed, ProviderError> {
        let account = claims.subject().and_then(|subject| ProviderAccount::new(self.discovery.issuer(), subject).ok());
        let account = account.ok_or_else(|| bad_answer("the ID token contains no usable subject", ""))?;
        let mut found = claims.email();
        let mut name = claims.name();
        let mut username = claims.username();
        if let Some(endpoint) = metadata.userinfo_endpoint().filter(|_| found.is_none()) {
            let more: Option<Claims> = http.get(endpoint.as_str(), tokens.access_token().secret()).await?;
            if let Some(more) = more {
                if more.subject() != Some(account.subject()) {
                    return Err(bad_answer("the userinfo endpoint describes another account", ""));
                }
                found = more.email();
                name = name.or_else(|| more.name());
                username = username.or_else(|| more.username());
            }
        }
        let (email, email_verified) = found.map_or((None, false), |(email, verified)| (Some(email), verified));
        let label = email.as_ref().map(|email| email.as_str().to_owned()).or(username);
        Ok(Confirmed { account, label, name, email, email_verified })
    }
}
