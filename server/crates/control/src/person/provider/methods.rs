//! How a person can sign in, for their settings, and which providers the sign-in page offers.

use identity::provider::{Provider, ProviderIcon as Kind};
use model::sign_in::{ConnectedAccount, PasswordMethod, ProviderChoice, ProviderIcon, ProviderMethod, SignInMethods};
use store::identity::{IDENTITIES_OF_PERSON, IdentityRow};

use crate::{
    Cx, Result,
    access::Caller,
    session::{PASSWORD_METHOD, has_recent_proof},
};

/// The most ways to sign in that a person has.
pub(super) const MAX_METHODS: i64 = 50;

/// The configured providers, in the order of the settings.
#[must_use]
pub fn provider_choices(cx: &Cx) -> Vec<ProviderChoice> {
    cx.providers.all().iter().map(choice).collect()
}

fn choice(provider: &Provider) -> ProviderChoice {
    let icon = match provider.icon_kind() {
        Kind::Google => ProviderIcon::Google,
        Kind::GitHub => ProviderIcon::GitHub,
        Kind::Other => ProviderIcon::Other,
    };
    ProviderChoice { name: provider.name().to_string(), label: provider.label().to_owned(), icon }
}

/// How the caller can sign in: a password, accounts at providers, and the providers that they have connected no account of.
///
/// # Errors
/// Only those of the database.
pub async fn sign_in_methods(cx: &Cx, caller: Caller) -> Result<SignInMethods> {
    let rows = cx.db.all(&IDENTITIES_OF_PERSON, (caller.person(), MAX_METHODS)).await?;
    let mut providers = Vec::new();
    for provider in cx.providers.all() {
        let host = provider.host().to_owned();
        let of_provider = rows.iter().filter(|row| row.provider == provider.issuer());
        let connected: Vec<_> = of_provider.map(account).map(Some).collect();
        let connected = if connected.is_empty() { vec![None] } else { connected };
        providers.extend(connected.into_iter().map(|connected| ProviderMethod {
            provider: choice(provider),
            host: host.clone(),
            connected,
            is_configured: true,
        }));
    }
    let is_known = |row: &IdentityRow| cx.providers.all().iter().any(|provider| provider.issuer() == row.provider);
    let others = rows.iter().filter(|row| row.provider != PASSWORD_METHOD && !is_known(row));
    providers.extend(others.map(|row| ProviderMethod {
        provider: ProviderChoice { name: String::new(), label: host_of(&row.provider), icon: ProviderIcon::Other },
        host: host_of(&row.provider),
        connected: Some(account(row)),
        is_configured: false,
    }));
    let password = rows.iter().find(|row| row.provider == PASSWORD_METHOD);
    Ok(SignInMethods {
        password: password.map(|row| PasswordMethod { address: row.subject.clone(), changed: row.updated }),
        providers,
        is_proved: has_recent_proof(cx, caller).await?,
    })
}

fn account(row: &IdentityRow) -> ConnectedAccount {
    ConnectedAccount { id: row.id, label: row.label.clone(), connected: row.created, last_used: row.last_used }
}

/// The host of an issuer that is no longer configured, for people.
fn host_of(issuer: &str) -> String {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}
