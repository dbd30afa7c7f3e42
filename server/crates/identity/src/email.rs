//! E-mail addresses as sign-in names.
//!
//! Addresses are not verified, so an address does not prove who its user is; it is only a name to sign in with.

use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Error, Options};
use unicode_normalization::UnicodeNormalization as _;

/// The maximum length of an address in SMTP.
const MAX_BYTES: usize = 254;

/// A sign-in name: a trimmed e-mail address in lower case.
///
/// Addresses that differ only in case are the same: mail systems in use treat them so, and a second account `Ann@…` could impersonate
/// `ann@…`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Email(String);

/// Why a text is not a valid sign-in name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EmailError {
    #[error("enter an email address")]
    Empty,
    #[error("an email address has at most {MAX_BYTES} characters")]
    TooLong,
    #[error("an email address needs an @, such as ann@example.org")]
    NoAt,
    #[error("the part before the @ is missing or too long")]
    LocalPart,
    #[error("the part after the @ is not a domain, such as example.org")]
    Domain,
    #[error("this email address contains a character that isn’t allowed")]
    Character,
}

impl Email {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        let name: String = text.nfc().collect::<String>().to_lowercase();
        let plain = Options::default().without_display_text().without_domain_literal();
        EmailAddress::parse_with_options(&name, plain).map_err(EmailError::from)?;
        // A quoted local part could contain spaces, a second @ and look-alikes; addresses in use are not quoted.
        if name.starts_with('"') {
            return Err(EmailError::Character);
        }
        Ok(Self(name))
    }
}

impl From<Error> for EmailError {
    fn from(error: Error) -> Self {
        match error {
            Error::MissingSeparator => Self::NoAt,
            Error::LocalPartEmpty | Error::LocalPartTooLong => Self::LocalPart,
            Error::DomainEmpty
            | Error::DomainTooLong
            | Error::SubDomainEmpty
            | Error::SubDomainTooLong
            | Error::DomainTooFew
            | Error::DomainInvalidSeparator
            | Error::UnsupportedDomainLiteral => Self::Domain,
            _ => Self::Character,
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Email, EmailError};

    #[test]
    fn addresses_are_normalised() {
        // The last one has an `é` of two code points.
        for (typed, name) in [
            ("  Ann.Lee+work@Example.ORG ", "ann.lee+work@example.org"),
            ("ann@localhost", "ann@localhost"),
            ("andre\u{301}@example.org", "andr\u{e9}@example.org"),
        ] {
            assert_eq!(typed.parse::<Email>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn an_invalid_address_is_rejected_with_its_reason() {
        let long = format!("ann@{}.org", "a.".repeat(150));
        let cases = [
            ("", EmailError::Empty),
            ("   ", EmailError::Empty),
            (&long, EmailError::TooLong),
            ("ann", EmailError::NoAt),
            ("@example.org", EmailError::LocalPart),
            ("ann@", EmailError::Domain),
            ("ann@example..org", EmailError::Domain),
            ("ann@[127.0.0.1]", EmailError::Domain),
            ("ann lee@example.org", EmailError::Character),
            ("\"ann lee\"@example.org", EmailError::Character),
            ("ann\0@example.org", EmailError::Character),
            ("ann@exa\nmple.org", EmailError::Character),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Email>(), Err(expected), "{text:?}");
        }
        assert!("Ann <ann@example.org>".parse::<Email>().is_err());
    }
}
