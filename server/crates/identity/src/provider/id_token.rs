//! Verifies ID tokens, and reads the claims of a verified one.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use model::time::Timestamp;
use oauth2::ClientId;
use openidconnect::{
    ClaimsVerificationError, IssuerUrl, Nonce, SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;
use serde_json::Value;

use super::answer::{ProviderError, bad_answer, shown};
use crate::Email;

/// How far the clocks of provider and server may differ.
const LEEWAY_SECONDS: f64 = 60.0;

/// The algorithms with which a provider may sign. With those of a shared secret (`HS…`) everybody who knows the client secret could sign
/// in as everybody, and `none` is no signature.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a token must contain.
pub struct Expected<'a> {
    pub issuer: &'a IssuerUrl,
    pub client_id: &'a ClientId,
    pub nonce: &'a str,
    pub now: Timestamp,
}

/// Why a token was not verified.
pub enum Rejection {
    /// The keys do not contain the one that the token names. The provider may have new ones.
    UnknownKey,
    Error(ProviderError),
}

/// The claims about a person, in an ID token or a document of the userinfo endpoint.
///
/// Providers send some of them with other types than the specification has, so a wrong type counts as a missing claim.
#[derive(Deserialize)]
pub struct Claims {
    sub: Value,
    #[serde(default)]
    email: Value,
    #[serde(default)]
    email_verified: Value,
    #[serde(default)]
    name: Value,
    #[serde(default)]
    preferred_username: Value,
}

impl Claims {
    /// The provider's id of the account.
    pub fn subject(&self) -> Option<&str> {
        self.sub.as_str()
    }

    /// The address, if it is one, and whether the provider has verified it. The text `"true"` verifies nothing: some providers let people
    /// set it themselves.
    pub fn email(&self) -> Option<(Email, bool)> {
        let email = self.email.as_str()?.parse().ok()?;
        Some((email, self.email_verified == Value::Bool(true)))
    }

    pub fn name(&self) -> Option<String> {
        self.name.as_str().and_then(shown)
    }

    pub fn username(&self) -> Option<String> {
        self.preferred_username.as_str().and_then(shown)
    }
}

/// Verifies signature, issuer, audience, nonce and expiry of an ID token.
pub fn verify(token: &str, keys: &Arc<CoreJsonWebKeySet>, expected: &Expected<'_>) -> Result<Claims, Rejection> {
    // The parser's errors quote the token, so they are not logged.
    let rejected = |reason, said: &str| Rejection::Error(bad_answer(reason, said));
    let parsed: CoreIdToken = token.parse().map_err(|_| rejected("the ID token can’t be read", ""))?;
    let latest_expiry = expected.now.plus_seconds(-LEEWAY_SECONDS);
    let verifier = CoreIdTokenVerifier::new_public_client(
        expected.client_id.clone(),
        expected.issuer.clone(),
        CoreJsonWebKeySet::clone(keys),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || DateTime::from_timestamp_micros(latest_expiry.micros()).unwrap_or(DateTime::<Utc>::MAX_UTC));
    let nonce = Nonce::new(expected.nonce.to_owned());
    let verified = parsed.claims(&verifier, &nonce).map_err(|error| match error {
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            Rejection::UnknownKey
        }
        error => rejected(reason(&error), &error.to_string()),
    })?;
    // The library leaves the check of the authorized party to its caller.
    if let Some(party) = verified.authorized_party()
        && **party != **expected.client_id
    {
        return Err(rejected("the ID token was issued to another client", party));
    }
    claims(token).ok_or_else(|| rejected("the ID token can’t be read", ""))
}

/// The claims as the provider wrote them. The library would accept the text `"true"` as verified, so its claims are not used.
fn claims(token: &str) -> Option<Claims> {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

fn reason(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "the ID token has expired",
        ClaimsVerificationError::InvalidAudience(_) => "the ID token is for another client",
        ClaimsVerificationError::InvalidIssuer(_) => "the ID token is from another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "the ID token is for another sign-in",
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoSignature
            | SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::UnsupportedAlg(_),
        ) => "the ID token is not signed with an allowed algorithm",
        ClaimsVerificationError::SignatureVerification(_) => "the signature of the ID token is not valid",
        _ => "the ID token is not valid",
    }
}
