//! Why a sign-in by provider was refused, as a code for URLs and a sentence for people.

use std::time::Duration;

use identity::provider::{Provider, ProviderError};
use store::provider::{AttemptRow, Purpose};

use crate::{Cx, Error};

macro_rules! problems {
    ($($(#[$doc:meta])* $problem:ident = $code:literal, $sentence:literal;)*) => {
        /// Why a sign-in by provider was refused.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Problem {
            $($(#[$doc])* $problem,)*
        }

        impl Problem {
            /// All problems.
            pub const ALL: &[Self] = &[$(Self::$problem,)*];

            /// The code in URLs.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$problem => $code,)* }
            }

            /// What happened, with `{provider}` in place of the provider's name.
            fn template(self) -> &'static str {
                match self { $(Self::$problem => $sentence,)* }
            }
        }
    };
}

problems! {
    /// The person or the provider's policy said no.
    Denied = "denied", "{provider} didn’t sign you in, because access was denied. Try again or choose another method.";
    /// The provider answered with an error of another kind.
    Answered = "answered", "{provider} answered with an error. Try again, or ask your administrator to check its settings.";
    /// The provider can't be reached.
    Unreachable = "unreachable", "{provider} can’t be reached at the moment. Try again later or choose another method.";
    /// The provider took too long.
    TooSlow = "slow", "{provider} took too long to answer. Try again or choose another method.";
    /// The provider's answer was longer than any valid one.
    TooLarge = "large", "{provider} sent an answer that is too large. Ask your administrator to check its settings.";
    /// The provider's answer is not valid for this sign-in.
    BadAnswer = "answer", "{provider} sent an answer that can’t be trusted, so you weren’t signed in. Try again.";
    /// The browser came back too late.
    Expired = "expired", "Signing in took longer than 10 minutes. Try again.";
    /// The sign-in began in another browser, or the cookie is gone.
    OtherBrowser = "browser", "This sign-in began in another browser. Start again here.";
    /// The sign-in was used already, or never began.
    Used = "used", "This sign-in link has already been used. Start again.";
    /// The address is verified for another person.
    AddressTaken = "address", "Sign in the way you did before, then connect this account in your profile.";
    /// Nobody may register.
    Closed = "closed", "This server is closed to new people. Ask your administrator for an account.";
    /// People may register with addresses of certain domains only.
    Domain = "domain", "You can’t register with this email address. Use one of your organisation, or ask your administrator.";
    /// The rules need a verified address, and the provider confirmed none.
    Unverified = "unverified", "{provider} didn’t confirm your email address. Verify it there, then try again.";
    /// The account belongs to another person.
    ConnectedElsewhere = "connected", "This {provider} account is already connected to another user.";
    /// The person confirmed with an account that is not connected to them.
    OtherAccount = "account", "This {provider} account isn’t connected to you. Use the one you sign in with.";
    /// The session ended, or another person signed in meanwhile.
    SignedOut = "signed-out", "You were signed out in the meantime. Sign in and try again.";
    /// Too many sign-ins from one client.
    TooMany = "many", "Too many attempts. Try again in a minute.";
    /// The server itself can't complete the sign-in.
    Unavailable = "unavailable", "The server can’t complete this at the moment. Try again.";
    /// The provider is not configured.
    Unknown = "unknown", "This sign-in method isn’t available any more. Choose another method.";
}

impl Problem {
    /// The inverse of [`Problem::code`].
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|problem| problem.code() == code)
    }

    /// What happened and what to do, for people.
    #[must_use]
    pub fn sentence(self, provider: Option<&str>) -> String {
        self.template().replace("{provider}", provider.unwrap_or("The provider"))
    }
}

/// What the code of a problem means, for people; `None` if it is none. `provider` is the provider's name in the settings.
#[must_use]
pub fn problem_sentence(cx: &Cx, code: &str, provider: &str) -> Option<String> {
    let problem = Problem::parse(code)?;
    if let (Problem::Closed | Problem::Domain, Err(Error::Forbidden(sentence))) =
        (problem, cx.settings.sign_up.check(None, false))
    {
        return Some(sentence);
    }
    Some(problem.sentence(cx.providers.get(provider).map(Provider::label)))
}

impl From<&ProviderError> for Problem {
    fn from(error: &ProviderError) -> Self {
        match error {
            ProviderError::Denied => Self::Denied,
            ProviderError::Answered { .. } => Self::Answered,
            ProviderError::Unreachable => Self::Unreachable,
            ProviderError::TooSlow => Self::TooSlow,
            ProviderError::TooLarge => Self::TooLarge,
            ProviderError::BadAnswer(_) => Self::BadAnswer,
        }
    }
}

/// Why a step of a sign-in by provider was not made.
#[derive(Clone, PartialEq, Debug)]
pub enum Refusal {
    /// Something that a person can understand and that `Problem` names.
    Problem(Problem),
    /// The person has to confirm first that it is them.
    ProofRequired,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Problem(match error {
            Error::ProofRequired => return Self::ProofRequired,
            Error::Unauthenticated | Error::Forbidden(_) => Problem::SignedOut,
            // A second means that the database is overloaded, and more that the client has tried too often.
            Error::TooManyRequests { retry_after } if retry_after > Duration::from_secs(1) => Problem::TooMany,
            _ => Problem::Unavailable,
        })
    }
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Error::from(error).into()
    }
}

/// Why nothing was done, and where the person came from.
#[derive(Clone, PartialEq, Debug)]
pub struct Refused {
    pub refusal: Refusal,
    pub purpose: Purpose,
    pub to: Option<String>,
}

impl Refused {
    /// Of an attempt, if it is known.
    pub(super) fn of(refusal: impl Into<Refusal>, attempt: Option<&AttemptRow>) -> Self {
        let purpose = attempt.map_or(Purpose::SignIn, |attempt| attempt.purpose);
        Self { refusal: refusal.into(), purpose, to: attempt.and_then(|attempt| attempt.destination.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn problems_are_parsed_from_their_codes() {
        for problem in Problem::ALL {
            assert_eq!(Problem::parse(problem.code()), Some(*problem));
            assert!(!problem.sentence(Some("Google")).contains(['{', '}']), "{problem:?}");
        }
        assert_eq!(Problem::parse("nonsense"), None);
        assert!(Problem::Denied.sentence(Some("Google")).starts_with("Google didn’t"));
        assert!(Problem::Denied.sentence(None).starts_with("The provider didn’t"));
    }
}
