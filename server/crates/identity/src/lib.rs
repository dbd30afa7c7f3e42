#![doc = include_str!("../README.md")]

pub mod api_key;
mod base62;
pub mod email;
pub mod hasher;
pub mod mail;
pub mod password;
pub mod provider;
pub mod setup_token;
pub mod throttle;

pub use api_key::{ApiKey, KeyKind, NotAnApiKey};
pub use email::{Email, EmailError};
pub use hasher::{Cost, CostError, HashError, Hasher, Verification};
pub use mail::{MailSettings, MailToken, Mailer, SmtpSecurity, SmtpSettings};
pub use password::{NewPassword, Password, PasswordError};
pub use provider::{
    Attempt, BrowserSecret, Callback, Confirmed, Issuer, NotAProviderAccount, NotAProviderName, Provider,
    ProviderAccount, ProviderError, ProviderIcon, ProviderKind, ProviderName, ProviderSettings, Providers, Secret,
    State,
};
pub use setup_token::{NotASetupToken, SetupToken};
pub use throttle::{ClientIp, RetryAfter, SignInLimits, SignInThrottle};
