//! Who may register.

use identity::Email;

use crate::{Error, Result};

/// The operator's rule.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum SignUp {
    /// Everybody who reaches the server.
    #[default]
    Open,
    /// People with an address of one of these domains. Until it is verified, a password account can do nothing but verify it.
    Domains(Vec<String>),
    /// Only people for whom an administrator creates an account on the server's machine.
    Closed,
}

impl SignUp {
    /// Checks whether the holder of an account at a provider may register. The provider says whether it has verified the address.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with a sentence for the person.
    pub fn check(&self, email: Option<&Email>, verified: bool) -> Result<()> {
        match self {
            Self::Open => Ok(()),
            Self::Closed => Err(closed()),
            Self::Domains(domains) => {
                let Some(email) = email.filter(|email| has_domain(email, domains)) else {
                    let domains = list(domains);
                    let sentence =
                        format!("To register here, you need an email address of {domains}. This account has none.");
                    return Err(Error::Forbidden(sentence));
                };
                if !verified {
                    let sentence = format!("Verify {email} where this account is, then try again.");
                    return Err(Error::Forbidden(sentence));
                }
                Ok(())
            }
        }
    }

    /// Whether a person can do nothing but verify their address until it is verified: only then it shows that they may be here.
    #[must_use]
    pub fn demands_verified_address(&self) -> bool {
        matches!(self, Self::Domains(_))
    }

    /// Checks whether anybody may register by a form.
    pub(super) fn check_form(&self) -> Result<()> {
        match self {
            Self::Open | Self::Domains(_) => Ok(()),
            Self::Closed => Err(closed()),
        }
    }

    /// Checks the address that a person has typed, and says what is wrong with it.
    pub(super) fn check_typed(&self, email: Email) -> Result<Email, String> {
        match self {
            Self::Domains(domains) if !has_domain(&email, domains) => {
                Err(format!("use an email address of {}", list(domains)))
            }
            Self::Open | Self::Domains(_) | Self::Closed => Ok(email),
        }
    }
}

fn closed() -> Error {
    Error::Forbidden("Only an administrator creates accounts on this server. Ask yours for one.".to_owned())
}

fn has_domain(email: &Email, domains: &[String]) -> bool {
    domains.iter().any(|domain| domain == email.domain())
}

/// `a`, `a or b`, `a, b or c`.
fn list(domains: &[String]) -> String {
    match domains {
        [] => "no domain".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use identity::Email;

    use super::SignUp;
    use crate::Error;

    fn domains(domains: &[&str]) -> SignUp {
        SignUp::Domains(domains.iter().map(|domain| (*domain).to_owned()).collect())
    }

    /// What `rule` says to the holder of a provider's account.
    fn check(rule: &SignUp, email: Option<&str>, verified: bool) -> Result<(), String> {
        let email: Option<Email> = email.map(|email| email.parse().unwrap());
        rule.check(email.as_ref(), verified).map_err(|error| match error {
            Error::Forbidden(sentence) => sentence,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn open_and_closed_do_not_look_at_the_address() {
        for (email, verified) in [(None, false), (Some("ann@example.org"), false), (Some("ann@example.org"), true)] {
            assert_eq!(check(&SignUp::Open, email, verified), Ok(()));
            assert!(check(&SignUp::Closed, email, verified).unwrap_err().contains("administrator"));
        }
    }

    #[test]
    fn a_provider_must_have_verified_an_address_of_the_domains() {
        let rule = domains(&["example.org", "example.com"]);
        for good in ["ann@example.org", "Ann@Example.COM"] {
            assert_eq!(check(&rule, Some(good), true), Ok(()), "{good}");
            assert_eq!(check(&rule, Some(good), false).unwrap_err().find("Verify "), Some(0), "{good}");
        }
        let sentence =
            "To register here, you need an email address of example.org or example.com. This account has none.";
        for other in [
            None,
            Some("ann@sub.example.org"),
            Some("ann@notexample.org"),
            Some("ann@example.org.evil.example"),
            Some("example.org@evil.example"),
        ] {
            assert_eq!(check(&rule, other, true).unwrap_err(), sentence, "{other:?}");
        }
    }

    #[test]
    fn a_typed_address_of_another_domain_names_the_domains() {
        let typed = |rule: &SignUp| rule.check_typed("ann@evil.example".parse().unwrap());
        assert_eq!(typed(&domains(&["a.org"])).unwrap_err(), "use an email address of a.org");
        assert_eq!(
            typed(&domains(&["a.org", "b.org", "c.org"])).unwrap_err(),
            "use an email address of a.org, b.org or c.org"
        );
        assert!(typed(&SignUp::Open).is_ok());
    }
}
