//! What an OpenID Connect provider publishes: its endpoints and keys, fetched when they are needed and kept for an hour.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use oauth2::AuthType;
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, IssuerUrl, JsonWebKeySet, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
        CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{
    answer::{ProviderError, bad_answer},
    code::Endpoints,
    http::HttpClient,
    settings::Issuer,
};

/// How long metadata and keys are used.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
/// How long the keys are not fetched again, however many tokens with unknown key ids come.
const MIN_KEY_AGE: Duration = Duration::from_secs(60);

pub type Metadata = ProviderMetadata<
    ExtraMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// The field of RFC 9207, which the library does not know.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct ExtraMetadata {
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for ExtraMetadata {}

/// Fetches and caches what one provider publishes.
#[derive(Debug)]
pub struct Discovery {
    issuer: IssuerUrl,
    found: Mutex<Option<Found>>,
    /// When the keys were last fetched because of an unknown key id. It is locked during the call, so that sign-ins that wait for the
    /// same keys share one call.
    refetch: tokio::sync::Mutex<Option<Instant>>,
}

/// What was found, and when.
#[derive(Clone, Debug)]
struct Found {
    metadata: Arc<Metadata>,
    keys: Arc<CoreJsonWebKeySet>,
    at: Instant,
}

impl Discovery {
    pub fn new(issuer: &Issuer) -> Self {
        let issuer = IssuerUrl::new(issuer.as_str().to_owned()).expect("an issuer is a URL");
        Self { issuer, found: Mutex::new(None), refetch: tokio::sync::Mutex::new(None) }
    }

    /// The issuer, exactly as configured.
    pub fn issuer(&self) -> &IssuerUrl {
        &self.issuer
    }

    /// The metadata and keys of the provider.
    pub async fn get(&self, http: &HttpClient) -> Result<(Arc<Metadata>, Arc<CoreJsonWebKeySet>), ProviderError> {
        if let Some(found) = self.cached().filter(|found| found.at.elapsed() < MAX_AGE) {
            return Ok((found.metadata, found.keys));
        }
        // The library rejects metadata whose issuer is not exactly this one.
        let metadata = Metadata::discover_async(self.issuer.clone(), http).await.map_err(discovery_error)?;
        let found = Found { keys: Arc::new(metadata.jwks().clone()), metadata: Arc::new(metadata), at: Instant::now() };
        self.store(found.clone());
        Ok((found.metadata, found.keys))
    }

    /// Keys that are newer than `old`, which did not contain the key of a token; `None` if they were fetched less than a minute ago and
    /// are still the same.
    pub async fn newer_keys(
        &self,
        old: &Arc<CoreJsonWebKeySet>,
        http: &HttpClient,
    ) -> Result<Option<Arc<CoreJsonWebKeySet>>, ProviderError> {
        let mut last_fetch = self.refetch.lock().await;
        let Some(found) = self.cached() else { return Ok(None) };
        // Another sign-in has fetched them while this one waited.
        if !Arc::ptr_eq(&found.keys, old) {
            return Ok(Some(found.keys));
        }
        if last_fetch.is_some_and(|at| at.elapsed() < MIN_KEY_AGE) {
            return Ok(None);
        }
        *last_fetch = Some(Instant::now());
        let keys = JsonWebKeySet::fetch_async(found.metadata.jwks_uri(), http).await.map_err(discovery_error)?;
        let keys = Arc::new(keys);
        self.store(Found { keys: keys.clone(), ..found });
        Ok(Some(keys))
    }

    fn cached(&self) -> Option<Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self, found: Found) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }
}

/// The endpoints for the authorization code flow.
pub fn endpoints(metadata: &Metadata) -> Result<Endpoints, ProviderError> {
    let token = metadata.token_endpoint().ok_or_else(|| bad_answer("its metadata names no token endpoint", ""))?;
    let methods = metadata.token_endpoint_auth_methods_supported();
    let supports = |method| methods.is_some_and(|methods| methods.contains(&method));
    // Without this field a provider supports the header.
    let only_body =
        supports(CoreClientAuthMethod::ClientSecretPost) && !supports(CoreClientAuthMethod::ClientSecretBasic);
    Ok(Endpoints {
        authorization: metadata.authorization_endpoint().clone(),
        token: token.clone(),
        auth_type: if only_body { AuthType::RequestBody } else { AuthType::BasicAuth },
    })
}

fn discovery_error(error: DiscoveryError<ProviderError>) -> ProviderError {
    match error {
        DiscoveryError::Request(error) => error,
        DiscoveryError::Validation(text) => bad_answer("its metadata names another issuer", &text),
        DiscoveryError::Parse(error) => {
            bad_answer("its metadata or keys can’t be read", &format!("at {}", error.path()))
        }
        DiscoveryError::Response(status, _, text) => {
            bad_answer("it sent no metadata or keys", &format!("{text} (status {status})"))
        }
        other => bad_answer("it sent no metadata or keys", &other.to_string()),
    }
}
