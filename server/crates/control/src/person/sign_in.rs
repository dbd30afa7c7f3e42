//! Signing in with address and password.

use identity::{Email, Password, Verdict};
use model::{audit::AuditEvent, id::IdentityId};
use store::{
    Tx, Write,
    identity::{PASSWORD_OF_ADDRESS, PasswordRow, REPLACE_SECRET},
};

use super::{SignedIn, Tried, compare, hash};
use crate::{Cx, Error, Result, access::Origin, audit::Act, form::sentence};

/// What somebody fills in to sign in.
#[derive(Debug)]
pub struct SignIn {
    pub email: String,
    pub password: Password,
}

/// Signs somebody in. Whether there is such a person can't be told from the answer, nor from the time that it takes.
///
/// # Errors
/// [`Error::Invalid`] for `email` if it is no address, for `password` if the two don't go together;
/// [`Error::TooMany`] after too many failed attempts.
pub async fn sign_in(cx: &Cx, given: SignIn, origin: Origin) -> Result<SignedIn> {
    let email: Email =
        given.email.parse().map_err(|why: identity::EmailError| Error::invalid("email", sentence(&why.to_string())))?;
    let stored = cx.db.optional(&PASSWORD_OF_ADDRESS, (email.as_str(),)).await?;
    let tried = compare(cx, &email, &given.password, stored, origin).await?;
    let person = tried.stored.as_ref().map(|row| row.person_id);
    match (tried.verdict, person) {
        (Verdict::Right | Verdict::RightButCheap, Some(person)) => {
            let renewed = renewed(cx, tried, given.password).await?;
            let act = Act::of_person(cx, Some(person), AuditEvent::SignedIn, origin);
            cx.db.write(NoteAttempt { renewed, act }).await?;
            Ok(SignedIn(person))
        }
        _ => {
            let act = Act::of_person(cx, person, AuditEvent::SignInRefused, origin);
            cx.db.write(NoteAttempt { renewed: None, act }).await?;
            Err(Error::invalid("password", "Email or password isn’t right."))
        }
    }
}

/// A dearer hash for a password whose hash is cheaper than new ones are.
async fn renewed(cx: &Cx, tried: Tried, password: Password) -> Result<Option<Renewed>> {
    let Tried { stored: Some(PasswordRow { id, secret: Some(old), .. }), verdict: Verdict::RightButCheap } = tried
    else {
        return Ok(None);
    };
    // What could not be chosen today keeps its old hash.
    let Ok(password) = password.choose(&[]) else { return Ok(None) };
    Ok(Some(Renewed { identity: id, old, new: hash(cx, &password).await? }))
}

struct Renewed {
    identity: IdentityId,
    old: String,
    new: String,
}

struct NoteAttempt {
    renewed: Option<Renewed>,
    act: Act,
}

impl Write for NoteAttempt {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        if let Some(Renewed { identity, old, new }) = &self.renewed {
            // If the password was changed meanwhile, the new one's hash stays.
            tx.run(&REPLACE_SECRET, (*identity, old, new, self.act.occurred())).await?;
        }
        Ok(self.act.note(tx, None).await?)
    }
}
