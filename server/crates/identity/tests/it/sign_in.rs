//! One sign-in through a fake provider, as far as a browser and the caller are concerned.

use std::collections::HashMap;

use identity::{
    Attempt, BrowserSecret, Callback, Confirmed, Provider, ProviderError, ProviderKind, ProviderSettings, Providers,
    Secret, State,
};
use model::time::Timestamp;
use serde_json::{Value, json};

use crate::{
    fake_provider::FakeProvider,
    signing_key::{KEY, SigningKey},
};

pub const PUBLIC_URL: &str = "https://provost.example.org";
pub const CLIENT_ID: &str = "client one";
pub const CLIENT_SECRET: &str = "s3cr3t&";
/// The time of all tests, in seconds since 1970.
pub const NOW: i64 = 1_780_000_000;

pub const METADATA: &str = "/.well-known/openid-configuration";

pub fn now() -> Timestamp {
    Timestamp::from_micros(NOW * 1_000_000)
}

pub fn providers(kind: ProviderKind) -> Providers {
    let settings = ProviderSettings {
        name: "company".parse().unwrap(),
        label: "Company".to_owned(),
        kind,
        client_id: CLIENT_ID.to_owned(),
        client_secret: Secret::new(CLIENT_SECRET.to_owned()),
    };
    Providers::new(vec![settings], PUBLIC_URL)
}

pub fn attempt() -> Attempt {
    Attempt::new(&BrowserSecret::new([1; 32]), &State::new([2; 32]))
}

pub fn with_code() -> Callback {
    Callback { code: Some("the code".to_owned()), ..Callback::default() }
}

/// The parameters of a URL.
pub fn query(url: &url::Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// A fake OpenID Connect provider and the sign-in of one browser.
pub struct OidcSignIn {
    pub fake: FakeProvider,
    providers: Providers,
}

impl OidcSignIn {
    pub async fn start() -> Self {
        let fake = FakeProvider::start().await;
        fake.json(METADATA, metadata(&fake.url));
        fake.json("/keys", json!({ "keys": [KEY.jwk()] }));
        let providers = providers(ProviderKind::Oidc { issuer: fake.url.parse().unwrap() });
        Self { fake, providers }
    }

    pub fn provider(&self) -> &Provider {
        self.providers.get("company").unwrap()
    }

    /// The claims of a good ID token for this sign-in, as the provider makes them of the nonce in the authorization URL.
    pub async fn claims(&self) -> Value {
        let url = self.provider().authorization_url(&attempt()).await.unwrap();
        json!({
            "iss": self.fake.url,
            "aud": CLIENT_ID,
            "sub": "12345",
            "nonce": query(&url)["nonce"],
            "iat": NOW,
            "exp": NOW + 600,
            "email": "Ann@example.org",
            "email_verified": true,
            "name": "Ann Lee",
        })
    }

    /// The browser comes back with `answer`, and the token endpoint sends `id_token`.
    pub async fn confirm_answer(&self, answer: &Callback, id_token: &str) -> Result<Confirmed, ProviderError> {
        let tokens = json!({ "access_token": "the access token", "token_type": "Bearer", "id_token": id_token });
        self.fake.json("/token", tokens);
        self.provider().confirm(answer, &attempt(), now()).await
    }

    pub async fn confirm_token(&self, id_token: &str) -> Result<Confirmed, ProviderError> {
        self.confirm_answer(&with_code(), id_token).await
    }

    /// As [`Self::confirm_token`], with a token that the provider has signed.
    pub async fn confirm(&self, claims: &Value) -> Result<Confirmed, ProviderError> {
        self.confirm_token(&KEY.sign(claims)).await
    }

    /// The provider has these keys from now on.
    pub fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        self.fake.json("/keys", json!({ "keys": keys }));
    }
}

/// The metadata of a provider at `url`.
pub fn metadata(url: &str) -> Value {
    json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/userinfo"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
    })
}
