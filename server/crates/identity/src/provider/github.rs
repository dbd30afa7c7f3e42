//! Sign-in through GitHub or a GitHub Enterprise Server, which speak OAuth 2.0 without OpenID Connect.

use oauth2::{AuthType, AuthUrl, TokenResponse as _, TokenUrl};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{
    account::ProviderAccount,
    answer::{Callback, Confirmed, ProviderError, bad_answer, shown},
    attempt::Attempt,
    code::{Endpoints, Registration},
    http::HttpClient,
};
use crate::Email;

const SCOPES: [&str; 2] = ["read:user", "user:email"];

/// GitHub, or one GitHub Enterprise Server.
#[derive(Debug)]
pub struct GitHub {
    /// Without a slash at the end.
    base_url: String,
    /// Without a slash at the end.
    api_url: String,
    registration: Registration,
}

/// The answer of `/user`.
#[derive(Deserialize)]
struct User {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    login: Value,
    #[serde(default)]
    name: Value,
}

/// An entry of the answer of `/user/emails`.
#[derive(Deserialize)]
struct Address {
    #[serde(default)]
    email: Value,
    #[serde(default)]
    primary: Value,
    #[serde(default)]
    verified: Value,
}

impl GitHub {
    pub fn new(base_url: &Url, api_url: &Url, registration: Registration) -> Self {
        let trimmed = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Self { base_url: trimmed(base_url), api_url: trimmed(api_url), registration }
    }

    /// The name of this GitHub in the accounts that it confirms.
    pub fn issuer(&self) -> &str {
        &self.base_url
    }

    pub fn authorization_url(&self, attempt: &Attempt) -> Result<Url, ProviderError> {
        self.registration.authorization_url(self.endpoints()?, &SCOPES, attempt, &[])
    }

    pub async fn confirm(
        &self,
        answer: &Callback,
        attempt: &Attempt,
        http: &HttpClient,
    ) -> Result<Confirmed, ProviderError> {
        let code = answer.code()?;
        let tokens = self.registration.exchange(self.endpoints()?, code, attempt, http).await?;
        let token = tokens.access_token().secret();
        let user: Option<User> = http.get(&format!("{}/user", self.api_url), token).await?;
        let user = user.ok_or_else(|| bad_answer("it does not say whose access token this is", ""))?;
        let addresses: Option<Vec<Address>> = http.get(&format!("{}/user/emails", self.api_url), token).await?;
        let id = user.id.as_u64().filter(|id| *id > 0);
        let id = id.ok_or_else(|| bad_answer("the account has no id", ""))?;
        let account = ProviderAccount::new(self.issuer(), &id.to_string())
            .map_err(|_| bad_answer("the account has no usable id", ""))?;
        let email = addresses.iter().flatten().find_map(Address::primary_and_verified);
        Ok(Confirmed {
            account,
            label: user.login.as_str().and_then(shown),
            name: user.name.as_str().and_then(shown),
            email_verified: email.is_some(),
            email,
        })
    }

    fn endpoints(&self) -> Result<Endpoints, ProviderError> {
        let endpoint = |name: &str| format!("{}/login/oauth/{name}", self.base_url);
        let invalid = |_| bad_answer("its base URL is not valid", &self.base_url);
        Ok(Endpoints {
            authorization: AuthUrl::new(endpoint("authorize")).map_err(invalid)?,
            token: TokenUrl::new(endpoint("access_token")).map_err(invalid)?,
            auth_type: AuthType::RequestBody,
        })
    }
}

impl Address {
    /// The address, if people can sign in to GitHub with it. The others may be unverified, or be somebody else's.
    fn primary_and_verified(&self) -> Option<Email> {
        let counts = self.primary == Value::Bool(true) && self.verified == Value::Bool(true);
        self.email.as_str().filter(|_| counts)?.parse().ok()
    }
}
