//! Who somebody is: passwords, API keys, sign-in names, and how often one may try.
//!
//! It knows no SQL and no HTTP. It reads no clock and draws no randomness: time and random bytes are handed in.

pub mod api_key;
mod base62;
pub mod email;
pub mod hasher;
pub mod password;
pub mod throttle;

pub use api_key::{ApiKey, KeyKind, NotAnApiKey};
pub use email::{Email, EmailError};
pub use hasher::{Cost, CostError, HashError, Hasher, Verdict};
pub use password::{NewPassword, Password, PasswordError};
pub use throttle::{ClientIp, RetryAfter, SignInLimits, SignInThrottle};
