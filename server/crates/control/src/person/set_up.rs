//! The link with which the first person of a server registers, and then administers it.

use identity::SetupToken;
use model::time::Timestamp;
use store::{
    Tx, Write,
    access::hash_text,
    setup::{DELETE_SETUP_LINK, OTHER_PERSON, SET_SETUP_LINK, USE_SETUP_LINK},
};

use crate::{Cx, Error, Result, local};

/// Makes a new link, which replaces an earlier one. `None` if there is a person, who can sign in or be made an administrator by the
/// command line; the earlier link is then deleted.
///
/// # Errors
/// Only those of the database.
pub async fn issue_setup_token(cx: &Cx) -> Result<Option<SetupToken>> {
    let mut random = [0; 32];
    cx.ids.fill(&mut random);
    let token = SetupToken::from_random(&random);
    let is_issued = cx.db.write(IssueSetupLink { hash: hash_text(&token.sha256()), now: cx.clock.now() }).await?;
    Ok(is_issued.then_some(token))
}

struct IssueSetupLink {
    hash: String,
    now: Timestamp,
}

impl Write for IssueSetupLink {
    type Out = bool;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        // The person of local mode can't sign in.
        if tx.optional(&OTHER_PERSON, (local::PERSON,)).await?.is_some() {
            tx.run(&DELETE_SETUP_LINK, ()).await?;
            return Ok(false);
        }
        tx.run(&SET_SETUP_LINK, (&self.hash, self.now)).await?;
        Ok(true)
    }
}

/// Uses up the link within the write that registers the first person.
pub(super) async fn use_link(tx: &mut Tx<'_>, token: &SetupToken) -> Result<()> {
    // Of two registrations at once the second waits for the lock on the row, and then finds no row.
    match tx.run(&USE_SETUP_LINK, (hash_text(&token.sha256()), local::PERSON)).await? {
        0 => Err(void_link()),
        _ => Ok(()),
    }
}

/// The error for a link that is wrong, used or replaced.
pub(super) fn void_link() -> Error {
    let sentence = "This setup link is no longer valid. If nobody has used it, restart the server to get a new one.";
    Error::Forbidden(sentence.to_owned())
}
