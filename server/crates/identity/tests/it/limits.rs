//! Providers that are away, slow, or send too much.

use std::time::Duration;

use identity::{ProviderError, ProviderKind};
use serde_json::json;
use tokio::{net::TcpListener, time::Instant};

use crate::{
    fake_provider::Answer,
    sign_in::{METADATA, OidcSignIn, attempt, now, providers, with_code},
};

#[tokio::test]
async fn a_provider_that_is_away_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let providers = providers(ProviderKind::Oidc { issuer: format!("http://{address}").parse().unwrap() });
    let result = providers.all()[0].authorization_url(&attempt()).await;
    assert_eq!(result, Err(ProviderError::Unreachable));
}

#[tokio::test]
async fn a_server_without_tls_is_not_accepted_for_https() {
    let sign_in = OidcSignIn::start().await;
    let issuer = sign_in.fake.url.replace("http://", "https://").parse().unwrap();
    let result = providers(ProviderKind::Oidc { issuer }).all()[0].authorization_url(&attempt()).await;
    assert_eq!(result, Err(ProviderError::Unreachable));
}

#[tokio::test]
async fn a_silent_provider_is_given_five_seconds() {
    let sign_in = OidcSignIn::start().await;
    sign_in.claims().await;
    sign_in.fake.answer("/token", Answer::Silence);
    // The paused clock jumps to the time limit as soon as nothing else can happen.
    tokio::time::pause();
    let begun = Instant::now();
    let result = sign_in.provider().confirm(&with_code(), &attempt(), now()).await;
    assert_eq!(result, Err(ProviderError::TooSlow));
    assert_eq!(begun.elapsed().as_secs(), Duration::from_secs(5).as_secs());
}

#[tokio::test]
async fn a_body_of_50_mb_is_not_read() {
    let sign_in = OidcSignIn::start().await;
    sign_in.claims().await;
    sign_in.fake.answer("/token", Answer::Large(50_000_000));
    let result = sign_in.provider().confirm(&with_code(), &attempt(), now()).await;
    assert_eq!(result, Err(ProviderError::TooLarge));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let sign_in = OidcSignIn::start().await;
    sign_in.fake.json("/elsewhere", json!({}));
    sign_in.fake.answer(METADATA, Answer::Redirect("/elsewhere"));
    let result = sign_in.provider().authorization_url(&attempt()).await;
    assert_eq!(result, Err(ProviderError::BadAnswer("it sent no metadata or keys")));
    assert!(sign_in.fake.received("/elsewhere").is_empty());
}
