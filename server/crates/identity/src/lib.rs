#![doc = include_str!("../README.md")]

pub mod api_key;
mod base62;
pub mod email;
pub mod hasher;
pub mod password;
pub mod provider;
pub mod throttle;

pub use api_key::{ApiKey, KeyKind, NotAnApiKey};
pub use email::{Email, EmailError};
pub use hasher::{Cost, CostError, HashError, Hasher, Verification};
pub use password::{NewPassword, Password, PasswordError};
pub use provider::{NotAProviderAccount, ProviderAccount};
pub use throttle::{ClientIp, RetryAfter, SignInLimits, SignInThrottle};
