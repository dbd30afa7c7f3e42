//! Credentials: passwords, API keys, e-mail addresses as sign-in names, accounts at identity providers, and the rate limits on sign-in
//! attempts.
//!
//! This crate knows no SQL and no HTTP, and reads no clock or random source: the caller passes the time and random bytes.

pub mod api_key;
mod base62;
pub mod email;
pub mod hasher;
pub mod password;
pub mod provider;
pub mod throttle;

pub use api_key::{ApiKey, KeyKind, NotAnApiKey};
pub use email::{Email, EmailError};
pub use hasher::{Cost, CostError, HashError, Hasher, Verdict};
pub use password::{NewPassword, Password, PasswordError};
pub use provider::{NotAProviderAccount, ProviderAccount};
pub use throttle::{ClientIp, RetryAfter, SignInLimits, SignInThrottle};
