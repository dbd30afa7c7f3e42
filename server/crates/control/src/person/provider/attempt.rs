//! Sends a browser to a provider, and lets it come back once, within ten minutes, as the same browser.

use identity::provider::{BrowserSecret, State};
use model::{id::UserId, time::Span};
use store::{
    Tx, Write,
    provider::{AttemptRow, DELETE_SURPLUS_ATTEMPTS, INSERT_ATTEMPT, Purpose, TAKE_ATTEMPT},
};

use super::{Problem, Refused};
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    person::{client_ip, too_many},
    session::require_recent_proof,
};

/// How long a browser may take to come back.
pub(super) const ATTEMPT_LIFETIME: Span = Span::from_micros(600_000_000);
/// The most browsers that are away at once: about 3 MB of rows. A further one replaces the oldest.
const MAX_ATTEMPTS: i64 = 10_000;
/// The most rows that one write deletes above the limit.
pub(super) const MAX_SURPLUS: i64 = 100;
/// The longest path to go to afterwards.
const MAX_DESTINATION_BYTES: usize = 2_000;

/// Where a browser wants to go, and why.
#[derive(Clone, Debug)]
pub struct AttemptRequest {
    /// The provider's name in the settings.
    pub provider: String,
    pub purpose: Purpose,
    /// The path of this site to go to afterwards. The caller has checked that it is one.
    pub destination: Option<String>,
}

/// Records that a browser is sent to a provider, and returns the state that it must bring back.
///
/// # Errors
/// [`Error::TooManyRequests`] after too many attempts of this client; to connect an account or to confirm who it is
/// [`Error::Unauthenticated`] without a session; to connect one [`Error::ProofRequired`].
pub async fn begin_attempt(
    cx: &Cx,
    caller: Option<Caller>,
    request: AttemptRequest,
    browser: &BrowserSecret,
    client: ClientInfo,
) -> Result<State> {
    let now = cx.clock.now();
    cx.throttle.begin_provider(client_ip(client), now).map_err(too_many)?;
    let person_id = match request.purpose {
        Purpose::SignIn => None,
        Purpose::Connect | Purpose::Prove => Some(signed_in_person(cx, caller, request.purpose).await?),
    };
    let mut random = [0; 32];
    cx.ids.fill(&mut random);
    let state = State::new(random);
    let row = AttemptRow {
        state_hash: state.hash(),
        browser_hash: browser.hash(),
        provider: request.provider,
        purpose: request.purpose,
        person_id,
        destination: request.destination.filter(|path| path.len() <= MAX_DESTINATION_BYTES),
        created: now,
    };
    cx.db.write(BeginAttempt(row)).await?;
    Ok(state)
}

async fn signed_in_person(cx: &Cx, caller: Option<Caller>, purpose: Purpose) -> Result<UserId> {
    let caller = caller.filter(|caller| caller.session().is_some()).ok_or(Error::Unauthenticated)?;
    if purpose == Purpose::Connect {
        require_recent_proof(cx, caller).await?;
    }
    Ok(caller.person())
}

struct BeginAttempt(AttemptRow);

impl Write for BeginAttempt {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(&DELETE_SURPLUS_ATTEMPTS, (MAX_ATTEMPTS - 1, MAX_SURPLUS)).await?;
        Ok(tx.exactly_one(&INSERT_ATTEMPT, &self.0).await?)
    }
}

/// Takes the attempt of a browser that comes back. It is gone afterwards, whoever brings its state.
///
/// # Errors
/// [`Refused`] if there is no such attempt (any more), or if it is of another browser, of another provider, or too old.
pub async fn take_attempt(
    cx: &Cx,
    provider: &str,
    state: Option<&State>,
    browser: Option<&BrowserSecret>,
) -> Result<AttemptRow, Refused> {
    let state = state.ok_or_else(|| Refused::of(Problem::Used, None))?;
    let taken = cx.db.write(TakeAttempt(state.hash())).await.map_err(|error| Refused::of(error, None))?;
    let attempt = taken.ok_or_else(|| Refused::of(Problem::Used, None))?;
    if browser.is_none_or(|browser| browser.hash() != attempt.browser_hash) {
        // Where the person of the other browser was going must not be revealed.
        return Err(Refused::of(Problem::OtherBrowser, None));
    }
    if cx.clock.now().since(attempt.created) > ATTEMPT_LIFETIME {
        return Err(Refused::of(Problem::Expired, Some(&attempt)));
    }
    if provider != attempt.provider {
        return Err(Refused::of(Problem::BadAnswer, Some(&attempt)));
    }
    Ok(attempt)
}

struct TakeAttempt(String);

impl Write for TakeAttempt {
    type Out = Option<AttemptRow>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<AttemptRow>> {
        Ok(tx.optional(&TAKE_ATTEMPT, (self.0.as_str(),)).await?)
    }
}
