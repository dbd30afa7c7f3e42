//! The exchange with identity providers, against HTTP servers on loopback.
#![expect(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod fake_provider;
mod github;
mod limits;
mod oidc;
mod sign_in;
mod signing_key;
