//! The settings that say who may register.

use control::person::SignUp;
use identity::Email;

use super::{ConfigError, source::Source, text::Setting};

/// The values of `sign_up`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignUpMode {
    Open,
    Domains,
    Closed,
}

impl Setting for SignUpMode {
    const EXPECTED: &'static str = "open, domains or closed";

    fn read(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "domains" => Some(Self::Domains),
            "closed" => Some(Self::Closed),
            _ => None,
        }
    }
}

/// The domains of email addresses, as addresses have them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmailDomains(Vec<String>);

impl Setting for EmailDomains {
    const EXPECTED: &'static str = "domains of email addresses, such as example.org, example.com";

    fn read(text: &str) -> Option<Self> {
        let domain = |domain: &str| {
            // The text must be a whole domain: with an @ in it, the address would have another one.
            let address: Email = format!("x@{}", domain.trim()).parse().ok().filter(|_| !domain.contains('@'))?;
            Some(address.domain().to_owned())
        };
        text.split(',').map(domain).collect::<Option<_>>().map(Self)
    }
}

/// The rule, if both settings fit together.
pub(super) fn rule(mode: SignUpMode, domains: Option<EmailDomains>, texts: &Source) -> Result<SignUp, ConfigError> {
    let error = |key: &str, problem: &str| {
        let origin = texts.origin(key).unwrap_or("default").to_owned();
        Err(ConfigError::Key { key: key.to_owned(), origin, problem: problem.to_owned() })
    };
    match (mode, domains) {
        (SignUpMode::Open, None) => Ok(SignUp::Open),
        (SignUpMode::Closed, None) => Ok(SignUp::Closed),
        (SignUpMode::Domains, Some(domains)) => Ok(SignUp::Domains(domains.0)),
        (SignUpMode::Domains, None) => error("sign_up", "expected the domains with it: set sign_up_domains too"),
        (SignUpMode::Open | SignUpMode::Closed, Some(_)) => {
            error("sign_up_domains", "expected sign_up = \"domains\" with it: set that too, or remove the domains")
        }
    }
}
