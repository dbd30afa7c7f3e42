//! What an operator configures of an identity provider.

use std::{fmt, str::FromStr};

use url::{Host, Url};
use zeroize::Zeroizing;

/// Google's issuer, which an operator need not configure.
pub const GOOGLE_ISSUER: &str = "https://accounts.google.com";
/// Where people sign in to GitHub.
pub const GITHUB_BASE_URL: &str = "https://github.com";
/// GitHub's API.
pub const GITHUB_API_URL: &str = "https://api.github.com";

/// The maximum length of an issuer, as it is stored with each account.
const MAX_ISSUER_BYTES: usize = 255;
/// The maximum length of a provider's name, which is a part of its callback URL.
const MAX_NAME_BYTES: usize = 31;

/// The name of a provider in settings and in its callback URL.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ProviderName(String);

/// A text is not the name of a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "expected 1 to {MAX_NAME_BYTES} lowercase letters, digits and hyphens, the first one not a hyphen, and not `password`"
)]
pub struct NotAProviderName;

/// The protocol of a provider, and its URLs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProviderKind {
    Google { issuer: Issuer },
    Oidc { issuer: Issuer },
    GitHub { base_url: Url, api_url: Url },
}

/// The issuer of an OpenID Connect provider, with the exact text that its tokens must name. `https://id.example.org` and
/// `https://id.example.org/` are different issuers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issuer {
    text: String,
    url: Url,
}

/// A text is not an issuer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAnIssuer {
    #[error("expected a URL such as https://id.example.org")]
    NotAUrl,
    #[error("must begin with https://; http:// is allowed for this machine only, such as http://127.0.0.1:8080")]
    NotHttps,
    #[error("must not contain a user name, a query or a fragment")]
    MoreThanAPath,
    #[error("must have at most {MAX_ISSUER_BYTES} ASCII characters")]
    TooLong,
}

/// The settings of one provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    pub name: ProviderName,
    /// The name that people see on the sign-in page.
    pub label: String,
    pub kind: ProviderKind,
    pub client_id: String,
    pub client_secret: Secret,
}

/// A client secret. Memory is cleared when it is dropped, and `Debug` does not print it.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl ProviderName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderName {
    type Err = NotAProviderName;

    fn from_str(text: &str) -> Result<Self, NotAProviderName> {
        let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_valid = (1..=MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(is_allowed);
        // `password` is the method of sessions that a password opened.
        if !is_valid || text.starts_with('-') || text == "password" {
            return Err(NotAProviderName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Issuer {
    /// The text, exactly as configured.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl FromStr for Issuer {
    type Err = NotAnIssuer;

    fn from_str(text: &str) -> Result<Self, NotAnIssuer> {
        let url: Url = text.parse().map_err(|_| NotAnIssuer::NotAUrl)?;
        if url.host_str().is_none() || text.bytes().any(|byte| byte.is_ascii_whitespace()) {
            return Err(NotAnIssuer::NotAUrl);
        }
        if !is_protected(&url) {
            return Err(NotAnIssuer::NotHttps);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.query().is_some() || url.fragment().is_some() {
            return Err(NotAnIssuer::MoreThanAPath);
        }
        if text.len() > MAX_ISSUER_BYTES || !text.is_ascii() {
            return Err(NotAnIssuer::TooLong);
        }
        Ok(Self { text: text.to_owned(), url })
    }
}

/// Whether others on the network can't read or change what is sent to `url`: it is encrypted, or does not leave this machine.
#[must_use]
pub fn is_protected(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether the host of `url` is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl Secret {
    /// Takes a secret. It must not be empty; the settings reject that.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The plain text, to be sent to the provider.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Issuer, NotAProviderName, NotAnIssuer, ProviderName, Secret};

    #[test]
    fn names_are_short_and_fit_into_a_url() {
        for good in ["google", "a", "7", "my-company-2", &"n".repeat(31)] {
            assert_eq!(good.parse::<ProviderName>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "Google", "a b", "a/b", "a_b", "ä", "password", &"n".repeat(32)] {
            assert_eq!(bad.parse::<ProviderName>(), Err(NotAProviderName), "{bad:?}");
        }
    }

    #[test]
    fn an_issuer_is_a_protected_url_and_keeps_its_text() {
        for good in
            ["https://id.example.org", "https://id.example.org/", "https://id.example.org/a/b", "http://[::1]:8080"]
        {
            assert_eq!(good.parse::<Issuer>().unwrap().as_str(), good);
        }
        let cases = [
            ("", NotAnIssuer::NotAUrl),
            ("id.example.org", NotAnIssuer::NotAUrl),
            (" https://id.example.org", NotAnIssuer::NotAUrl),
            ("mailto:ann@example.org", NotAnIssuer::NotAUrl),
            ("http://id.example.org", NotAnIssuer::NotHttps),
            ("ftp://localhost", NotAnIssuer::NotHttps),
            ("https://ann@id.example.org", NotAnIssuer::MoreThanAPath),
            ("https://id.example.org?a", NotAnIssuer::MoreThanAPath),
            ("https://id.example.org/#a", NotAnIssuer::MoreThanAPath),
            ("https://id.example.org/\u{e4}", NotAnIssuer::TooLong),
        ];
        for (bad, expected) in cases {
            assert_eq!(bad.parse::<Issuer>(), Err(expected), "{bad:?}");
        }
    }

    #[test]
    fn debug_does_not_print_a_secret() {
        let secret = Secret::new("s3cr3t".to_owned());
        assert_eq!((format!("{secret:?}").as_str(), secret.expose()), ("Secret(…)", "s3cr3t"));
    }
}
