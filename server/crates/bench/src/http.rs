//! The HTTP client of the bench. Servers are on this machine, so it uses no TLS.

use std::time::Duration;

use reqwest::ClientBuilder;
use rustls::crypto::ring;

const TIMEOUT: Duration = Duration::from_secs(30);

pub fn client() -> ClientBuilder {
    // reqwest builds no client without a default provider of cryptography; another client may have installed it already.
    let _installed = ring::default_provider().install_default();
    reqwest::Client::builder().timeout(TIMEOUT)
}
