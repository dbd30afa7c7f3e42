//! The HTTP client for calls to providers: each call has a time limit, a bounded body, and follows no redirect.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use http::{HeaderValue, Method, StatusCode, header};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use serde::de::DeserializeOwned;
use url::Url;

use super::{
    answer::{ProviderError, bad_answer},
    settings::{is_loopback, is_protected},
};

/// The time limit of a call, from the connection to the last byte of the body.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// The maximum size of a body. The largest one is a key set, of some KiB.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Sends requests to providers.
#[derive(Clone, Debug)]
pub struct HttpClient {
    /// Connects through the proxy that the environment names, if any.
    client: Client,
    /// Connects to this machine, where no proxy leads.
    loopback: Client,
}

impl HttpClient {
    pub fn new() -> Self {
        let tls = tls();
        let client = |builder: reqwest::ClientBuilder| {
            let built = builder
                .tls_backend_preconfigured(tls.clone())
                .redirect(redirect::Policy::none())
                .user_agent(concat!("provost/", env!("CARGO_PKG_VERSION")))
                .build();
            built.expect("the settings are constants")
        };
        Self { client: client(Client::builder()), loopback: client(Client::builder().no_proxy()) }
    }

    /// Requests a JSON document with an access token. `Ok(None)`: the provider refuses this token to read it.
    pub async fn get<T: DeserializeOwned>(&self, url: &str, token: &str) -> Result<Option<T>, ProviderError> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| bad_answer("the access token contains invalid characters", ""))?;
        authorization.set_sensitive(true);
        let request = http::Request::builder()
            .method(Method::GET)
            .uri(url)
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .header(header::AUTHORIZATION, authorization)
            .body(Vec::new())
            .map_err(|_| bad_answer("it names an invalid URL", url))?;
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::OK => {}
            status @ (StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) => {
                tracing::warn!(url, %status, "an identity provider does not let the access token read this");
                return Ok(None);
            }
            status => return Err(bad_answer("it has an unexpected status", &format!("{status} at {url}"))),
        }
        // The error of the parser may quote the document, so it is not logged.
        serde_json::from_slice(response.body()).map(Some).map_err(|_| bad_answer("it is not the expected JSON", url))
    }

    /// Sends a request and reads the whole answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ProviderError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| bad_answer("it names an invalid URL", ""))?;
        if !is_protected(&url) {
            return Err(bad_answer("it names a URL that does not begin with https://", &origin(&url)));
        }
        let client = if is_loopback(&url) { &self.loopback } else { &self.client };
        match tokio::time::timeout(TIME_LIMIT, exchange(client, request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(Failure::TooLarge)) => {
                tracing::warn!(
                    provider = origin(&url),
                    max_bytes = MAX_BODY_BYTES,
                    "the answer of an identity provider is too large"
                );
                Err(ProviderError::TooLarge)
            }
            Ok(Err(Failure::Transport(error))) => {
                // The URL may contain a code, so only the causes are logged.
                let causes = causes(&error.without_url());
                tracing::warn!(provider = origin(&url), causes, "an identity provider can’t be reached");
                Err(ProviderError::Unreachable)
            }
            Err(_) => {
                tracing::warn!(provider = origin(&url), limit = ?TIME_LIMIT, "an identity provider did not answer in time");
                Err(ProviderError::TooSlow)
            }
        }
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = ProviderError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

enum Failure {
    TooLarge,
    Transport(reqwest::Error),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error)
    }
}

async fn exchange(client: &Client, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let mut response = client.execute(request.try_into()?).await?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = HttpResponse::new(body);
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}

/// TLS with the certificate authorities of the system, or with those of Mozilla if the system has none, as in a minimal container.
fn tls() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Scheme, host and port of `url`, for the log.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
