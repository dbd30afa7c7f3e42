//! Accounts at identity providers, by which people sign in.

/// The maximum length of each part, which OpenID Connect sets for the subject.
const MAX_BYTES: usize = 255;

/// An account at an identity provider, as the provider has confirmed it for the person who signs in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProviderAccount {
    provider: String,
    subject: String,
}

/// Two texts are no account at a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a provider’s account: expected two texts of 1 to {MAX_BYTES} ASCII characters, the first not `password`")]
pub struct NotAProviderAccount;

impl ProviderAccount {
    /// The account with the id `subject` at `provider`. Call this only with what the provider has confirmed.
    pub fn new(provider: &str, subject: &str) -> Result<Self, NotAProviderAccount> {
        // Passwords are stored beside the accounts of providers, under this name.
        if provider == "password" || !is_valid(provider) || !is_valid(subject) {
            return Err(NotAProviderAccount);
        }
        Ok(Self { provider: provider.to_owned(), subject: subject.to_owned() })
    }

    /// The provider.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The provider's id of the account.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

fn is_valid(text: &str) -> bool {
    (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::{NotAProviderAccount, ProviderAccount};

    #[test]
    fn provider_and_subject_are_short_printable_ascii() {
        let account = ProviderAccount::new("https://accounts.example.org", &"s".repeat(255)).unwrap();
        assert_eq!((account.provider(), account.subject().len()), ("https://accounts.example.org", 255));
        for bad in ["", "a\0b", "a\nb", "ä", &"s".repeat(256)] {
            assert_eq!(ProviderAccount::new(bad, "1"), Err(NotAProviderAccount), "{bad:?}");
            assert_eq!(ProviderAccount::new("github", bad), Err(NotAProviderAccount), "{bad:?}");
        }
        assert_eq!(ProviderAccount::new("password", "ann@example.org"), Err(NotAProviderAccount));
    }
}
