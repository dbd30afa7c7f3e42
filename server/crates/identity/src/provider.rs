//! Identity providers: their settings, and the exchange that confirms an account.

mod account;
mod settings;

pub use account::{NotAProviderAccount, ProviderAccount};
pub use settings::{
    GITHUB_API_URL, GITHUB_BASE_URL, GOOGLE_ISSUER, Issuer, NotAProviderName, NotAnIssuer, ProviderKind, ProviderName,
    ProviderSettings, Secret, is_protected,
};
