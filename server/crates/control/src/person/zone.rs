//! The time zone of a person: the one of the browser in which they last signed in, for browsers that send none.

use model::{id::UserId, zone::BrowserZone};
use store::{
    Tx, Write,
    person::{SET_ZONE, ZONE},
};

use crate::{
    Cx, Error, Result,
    access::{Caller, authenticate_session},
    session::Session,
};

/// Keeps the zone of the browser in which a person has just signed in. If that fails, they are signed in all the same.
pub async fn keep_zone(cx: &Cx, browser: &Session, sent: &BrowserZone) {
    if let Err(error) = keep(cx, browser, sent).await {
        tracing::warn!(%error, "the time zone of a person could not be kept");
    }
}

async fn keep(cx: &Cx, browser: &Session, sent: &BrowserZone) -> Result<()> {
    let caller = authenticate_session(browser).await?;
    if zone(cx, caller).await?.as_ref() == Some(sent) {
        return Ok(());
    }
    cx.db.write(KeepZone { person: caller.person(), zone: sent.to_string() }).await
}

struct KeepZone {
    person: UserId,
    zone: String,
}

impl Write for KeepZone {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.run(&SET_ZONE, (self.person, self.zone.as_str())).await?;
        Ok(())
    }
}

/// The caller's zone; `None` if no browser of theirs has sent one at sign-in.
///
/// # Errors
/// Those of the database.
pub async fn zone(cx: &Cx, caller: Caller) -> Result<Option<BrowserZone>> {
    let found = cx.db.optional(&ZONE, (caller.person(),)).await?;
    Ok(found.and_then(|(zone,)| BrowserZone::parse(&zone?)))
}
