//! What happens when a provider has sent a browser back.

use identity::provider::{Attempt, BrowserSecret, Callback, Confirmed, Provider, State};
use store::provider::{AttemptRow, Purpose};

use super::{
    Problem, Refusal, Refused,
    account::{connect_provider, verify_provider},
    attempt::take_attempt,
    registration::offer_registration,
};
use crate::{
    Cx, Error,
    access::{self, Caller, ClientInfo},
    session::{self, Session, renew_proof},
};

/// What a browser brings back from a provider.
#[derive(Debug)]
pub struct Returned {
    /// From the query.
    pub state: Option<State>,
    /// From the cookie.
    pub browser: Option<BrowserSecret>,
    pub callback: Callback,
}

/// What was done.
#[derive(Debug)]
pub enum Completed {
    /// The browser is signed in.
    SignedIn { to: Option<String> },
    /// The account is new here: its holder chooses a handle in the browser that has this secret in its cookie.
    Registering { token: BrowserSecret },
    /// The account is connected to the person.
    Connected { to: Option<String> },
    /// The person has shown who they are.
    Proved { to: Option<String> },
}

/// Takes the attempt, asks the provider whose account it is, and does what the browser was sent for.
///
/// # Errors
/// [`Refused`], with a problem for people.
pub async fn complete(
    cx: &Cx,
    browser: &Session,
    provider: &Provider,
    returned: Returned,
    client: ClientInfo,
) -> Result<Completed, Refused> {
    let Returned { state, browser: secret, callback } = returned;
    let attempt = take_attempt(cx, provider.name().as_str(), state.as_ref(), secret.as_ref()).await?;
    let refused = |refusal: Refusal| Refused::of(refusal, Some(&attempt));
    let (Some(secret), Some(state)) = (secret, state) else { return Err(refused(Problem::OtherBrowser.into())) };
    let confirmed = provider.confirm(&callback, &Attempt::new(&secret, &state), cx.clock.now()).await;
    let confirmed = confirmed.map_err(|error| {
        tracing::info!(provider = provider.name().as_str(), %error, "a sign-in by provider failed");
        refused(Problem::from(&error).into())
    })?;
    finish(cx, browser, &attempt, confirmed, client).await.map_err(refused)
}

/// Does what a browser was sent to a provider for, with the account that the provider has confirmed.
///
/// # Errors
/// [`Refusal`], with a problem for people.
pub async fn finish(
    cx: &Cx,
    browser: &Session,
    attempt: &AttemptRow,
    confirmed: Confirmed,
    client: ClientInfo,
) -> Result<Completed, Refusal> {
    let to = attempt.destination.clone();
    match attempt.purpose {
        Purpose::SignIn => match verify_provider(cx, &attempt.provider, &confirmed).await? {
            Some(verified) => {
                session::begin(cx, browser, verified, client).await?;
                Ok(Completed::SignedIn { to })
            }
            None => Ok(Completed::Registering { token: offer_registration(cx, attempt, confirmed).await? }),
        },
        Purpose::Connect => {
            let caller = same_person(browser, attempt).await?;
            match connect_provider(cx, caller, confirmed, client).await {
                Err(Error::Conflict(_)) => Err(Problem::ConnectedElsewhere.into()),
                connected => Ok(connected.map(|()| Completed::Connected { to })?),
            }
        }
        Purpose::Prove => {
            let caller = same_person(browser, attempt).await?;
            let verified = verify_provider(cx, &attempt.provider, &confirmed).await?;
            let verified = verified.filter(|verified| verified.person() == caller.person());
            let verified = verified.ok_or(Problem::OtherAccount)?;
            let key = caller.session().ok_or(Problem::SignedOut)?;
            renew_proof(cx, key, verified).await?;
            Ok(Completed::Proved { to })
        }
    }
}

/// The caller, if the person who left for the provider is still signed in.
async fn same_person(browser: &Session, attempt: &AttemptRow) -> Result<Caller, Refusal> {
    let caller = access::authenticate_session(browser).await?;
    if attempt.person_id == Some(caller.person()) { Ok(caller) } else { Err(Problem::SignedOut.into()) }
}
