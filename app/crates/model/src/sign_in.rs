//! How people sign in, as pages show it.

use serde::{Deserialize, Serialize};

use crate::{id::IdentityId, time::Timestamp};

/// A provider that the sign-in page offers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProviderChoice {
    /// The name in URLs.
    pub name: String,
    /// The name for people.
    pub label: String,
    pub icon: ProviderIcon,
}

/// The picture of a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ProviderIcon {
    Google,
    GitHub,
    Other,
}

/// How a person can sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInMethods {
    /// None if the person has no password.
    pub password: Option<PasswordMethod>,
    /// A row for each connected account, and for each provider without one.
    pub providers: Vec<ProviderMethod>,
    /// Whether the person has shown recently who they are, and may change their sign-in methods.
    pub is_proved: bool,
}

impl SignInMethods {
    /// How many of them sign the person in.
    #[must_use]
    pub fn in_use(&self) -> usize {
        let accounts = self.providers.iter().filter(|method| method.is_configured && method.connected.is_some());
        accounts.count() + usize::from(self.password.is_some())
    }
}

/// A person's password.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PasswordMethod {
    /// The address to sign in with.
    pub address: String,
    pub changed: Timestamp,
}

/// A provider, and an account there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ProviderMethod {
    pub provider: ProviderChoice,
    /// The host on which people sign in.
    pub host: String,
    /// None if the person has connected no account.
    pub connected: Option<ConnectedAccount>,
    /// Whether the server's settings still have the provider.
    pub is_configured: bool,
}

/// An account at a provider that signs a person in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConnectedAccount {
    pub id: IdentityId,
    /// Its address or login there.
    pub label: Option<String>,
    pub connected: Timestamp,
    pub last_used: Option<Timestamp>,
}

/// What the sign-in and the register page offer beside the form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInOptions {
    pub providers: Vec<ProviderChoice>,
    /// Why the last sign-in by a provider was refused, in a sentence.
    pub problem: Option<String>,
}

/// An account at a provider whose holder is choosing a handle.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NewAccountScreen {
    /// The provider's name for people.
    pub provider: String,
    /// The account's address or login there.
    pub label: Option<String>,
    /// Suggestions for the form, which may be empty.
    pub name: String,
    pub handle: String,
}

/// A person's sign-in methods.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInScreen {
    pub methods: SignInMethods,
    /// Why the last visit to a provider changed nothing, in a sentence.
    pub problem: Option<String>,
}
