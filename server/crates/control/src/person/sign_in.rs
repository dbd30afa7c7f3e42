//! Signing in with address and password.

use identity::{Email, Password, Verdict};
use model::audit::AuditEvent;
use store::{
    Tx, Write,
    identity::{PASSWORD_OF_ADDRESS, PasswordRow, REPLACE_SECRET},
    session::Proof,
};

use super::{SignedIn, compare, hash, wrong_password};
use crate::{Cx, Error, Result, access::Origin, audit::Act, form::sentence};

/// What somebody fills in to sign in.
#[derive(Debug)]
pub struct SignIn {
    pub email: String,
    pub password: Password,
}

/// How often an attempt is made whose hash is replaced before it ends: by another sign-in that renews it, or for another password.
const TRIES: usize = 2;

/// Signs somebody in. Whether there is such a person can't be told from the answer, nor from the time that it takes.
///
/// # Errors
/// [`Error::Invalid`] for `email` if it is no address, for `password` if the two don't go together;
/// [`Error::TooMany`] after too many failed attempts.
pub async fn sign_in(cx: &Cx, given: SignIn, origin: Origin) -> Result<SignedIn> {
    let email: Email =
        given.email.parse().map_err(|why: identity::EmailError| Error::invalid("email", sentence(&why.to_string())))?;
    for _ in 0..TRIES {
        if let Some(signed_in) = attempt(cx, &email, &given.password, origin).await? {
            return Ok(signed_in);
        }
    }
    Err(wrong_password())
}

/// None if the hash was replaced meanwhile.
async fn attempt(cx: &Cx, email: &Email, typed: &Password, origin: Origin) -> Result<Option<SignedIn>> {
    let stored = cx.db.optional(&PASSWORD_OF_ADDRESS, (email.as_str(),)).await?;
    let tried = compare(cx, email, typed, stored, origin).await?;
    match (tried.verdict, tried.stored) {
        (Verdict::Right | Verdict::RightButCheap, Some(PasswordRow { id, person_id, secret: Some(secret), .. })) => {
            let renewed = if tried.verdict == Verdict::RightButCheap { renewed(cx, typed).await? } else { None };
            let act = Act::of_person(cx, Some(person_id), AuditEvent::SignedIn, origin);
            let noted = cx.db.write(NoteSignIn { proof: Proof { identity: id, secret }, renewed, act }).await?;
            Ok(noted.map(|proof| SignedIn { person: person_id, proof }))
        }
        (_, known) => {
            // What nobody could ever read is not written; and nobody waits for what is, so that the two take the same time.
            if let Some(row) = known {
                Act::of_person(cx, Some(row.person_id), AuditEvent::SignInRefused, origin).note_aside(cx);
            }
            Err(wrong_password())
        }
    }
}

/// A dearer hash for a password whose hash is cheaper than new ones are. What could not be chosen today keeps its old one.
async fn renewed(cx: &Cx, typed: &Password) -> Result<Option<String>> {
    match typed.clone().choose(&[]) {
        Ok(password) => hash(cx, &password).await.map(Some),
        Err(_) => Ok(None),
    }
}

/// Notes a sign-in and yields what is stored of its password after that: nothing if that was replaced before.
struct NoteSignIn {
    proof: Proof,
    renewed: Option<String>,
    act: Act,
}

impl Write for NoteSignIn {
    type Out = Option<Proof>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Proof>> {
        let mut proof = self.proof.clone();
        if let Some(new) = &self.renewed {
            if tx.run(&REPLACE_SECRET, (proof.identity, &proof.secret, new, self.act.occurred())).await? == 0 {
                return Ok(None);
            }
            proof.secret.clone_from(new);
        }
        self.act.note(tx, None).await?;
        Ok(Some(proof))
    }
}
