//! What binds a browser to the answer of a provider: two secrets, and the values derived from them that the provider is sent.

use std::{fmt, str::FromStr};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

const BYTES: usize = 32;

/// A text is not one of the secrets of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected {BYTES} bytes in base64url")]
pub struct NotAnAttemptSecret;

/// The secret in the cookie of the browser that was sent to a provider.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct BrowserSecret([u8; BYTES]);

/// The `state` of one attempt, which the provider returns with the browser.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct State([u8; BYTES]);

macro_rules! attempt_secret {
    ($name:ident) => {
        impl $name {
            /// The caller must pass cryptographically secure random bytes.
            #[must_use]
            pub fn new(random: [u8; BYTES]) -> Self {
                Self(random)
            }

            /// The secret in base64url, for the cookie or the URL.
            #[must_use]
            pub fn to_text(&self) -> String {
                BASE64_URL_SAFE_NO_PAD.encode(self.0)
            }

            /// The hash that is stored: SHA-256 in hex.
            #[must_use]
            pub fn hash(&self) -> String {
                hex(&Sha256::digest(self.0))
            }
        }

        impl FromStr for $name {
            type Err = NotAnAttemptSecret;

            fn from_str(text: &str) -> Result<Self, NotAnAttemptSecret> {
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotAnAttemptSecret)?;
                Ok(Self(bytes.try_into().map_err(|_| NotAnAttemptSecret)?))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

attempt_secret!(BrowserSecret);
attempt_secret!(State);

/// What the provider is sent for one attempt. Only the browser that has the secret can derive the nonce and the code verifier again, so
/// they need not be stored.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
}

impl Attempt {
    /// The attempt of this browser with this state.
    #[must_use]
    pub fn new(browser: &BrowserSecret, state: &State) -> Self {
        Self {
            state: state.to_text(),
            nonce: derive("nonce", browser, state),
            verifier: derive("verifier", browser, state),
        }
    }

    /// The `state` parameter.
    pub(super) fn state(&self) -> &str {
        &self.state
    }

    /// The nonce that the ID token must contain.
    pub(super) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The code verifier of PKCE.
    pub(super) fn verifier(&self) -> &str {
        &self.verifier
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(…)")
    }
}

fn derive(purpose: &str, browser: &BrowserSecret, state: &State) -> String {
    let digest = Sha256::new().chain_update(purpose).chain_update(browser.0).chain_update(state.0).finalize();
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Attempt, BrowserSecret, NotAnAttemptSecret, State};

    #[test]
    fn a_secret_survives_its_text() {
        let secret = BrowserSecret::new([7; 32]);
        let text = secret.to_text();
        assert_eq!(text.len(), 43);
        assert_eq!(text.parse::<BrowserSecret>().unwrap().hash(), secret.hash());
        assert_eq!(secret.hash().len(), 64);
        assert_eq!(format!("{secret:?}"), "BrowserSecret(…)");
        for bad in ["", "a", &text[1..], &format!("{text}A"), &format!("{text}="), &"+".repeat(43)] {
            assert_eq!(bad.parse::<State>().map(|_| ()), Err(NotAnAttemptSecret), "{bad:?}");
        }
    }

    #[test]
    fn nonce_and_verifier_depend_on_browser_and_state() {
        let attempt = |browser, state| Attempt::new(&BrowserSecret::new([browser; 32]), &State::new([state; 32]));
        let (first, again) = (attempt(1, 2), attempt(1, 2));
        assert_eq!((first.nonce(), first.verifier()), (again.nonce(), again.verifier()));
        for other in [attempt(1, 3), attempt(2, 2), attempt(2, 1)] {
            assert_ne!(first.nonce(), other.nonce());
            assert_ne!(first.verifier(), other.verifier());
        }
        assert_ne!(first.nonce(), first.verifier());
        assert_eq!(first.verifier().len(), 43, "the minimum of PKCE");
    }
}
