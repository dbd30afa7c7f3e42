//! Signs a person in with e-mail address and password.

use identity::{Email, Password, Verdict};
use model::audit::AuditEvent;
use store::{
    Tx, Write,
    identity::{PASSWORD_BY_EMAIL, PasswordRow, REPLACE_SECRET},
    session::Proof,
};

use super::{SignedIn, compare, hash, wrong_password};
use crate::{Cx, Error, Result, access::ClientInfo, audit::AuditRecord, form::sentence};

/// The form by which a person signs in.
#[derive(Debug)]
pub struct SignIn {
    pub email: String,
    pub password: Password,
}

/// How often an attempt is made if its hash is replaced meanwhile: by another sign-in that renews the hash, or by a new password.
const MAX_ATTEMPTS: usize = 2;

/// Signs a person in. Neither the result nor its time reveals whether the address is registered.
///
/// # Errors
/// [`Error::Invalid`] for `email` if it is not an e-mail address, for `password` if the two don't match;
/// [`Error::TooMany`] after too many failed attempts.
pub async fn sign_in(cx: &Cx, form: SignIn, client: ClientInfo) -> Result<SignedIn> {
    let email: Email =
        form.email.parse().map_err(|why: identity::EmailError| Error::invalid("email", sentence(&why.to_string())))?;
    for _ in 0..MAX_ATTEMPTS {
        if let Some(signed_in) = attempt(cx, &email, &form.password, client).await? {
            return Ok(signed_in);
        }
    }
    Err(wrong_password())
}

/// None if the hash was replaced while it was compared.
async fn attempt(cx: &Cx, email: &Email, typed: &Password, client: ClientInfo) -> Result<Option<SignedIn>> {
    let stored = cx.db.optional(&PASSWORD_BY_EMAIL, (email.as_str(),)).await?;
    let comparison = compare(cx, email, typed, stored, client).await?;
    match (comparison.verdict, comparison.stored) {
        (Verdict::Right | Verdict::NeedsRehash, Some(PasswordRow { id, person_id, secret: Some(secret), .. })) => {
            let renewed = if comparison.verdict == Verdict::NeedsRehash { renewed(cx, typed).await? } else { None };
            let audit = AuditRecord::by_person(cx, Some(person_id), AuditEvent::SignedIn, client);
            let recorded = cx.db.write(RecordSignIn { proof: Proof { identity: id, secret }, renewed, audit }).await?;
            Ok(recorded.map(|proof| SignedIn { person: person_id, proof }))
        }
        (_, stored) => {
            // For an unknown address there is no person whose log could show a record. The response does not wait for the insert, so it
            // takes the same time with and without one.
            if let Some(row) = stored {
                AuditRecord::by_person(cx, Some(row.person_id), AuditEvent::SignInRefused, client).spawn_insert(cx);
            }
            Err(wrong_password())
        }
    }
}

/// A new hash for a password whose hash is weaker than today's. A password that today's rules reject keeps its old hash.
async fn renewed(cx: &Cx, typed: &Password) -> Result<Option<String>> {
    match typed.clone().choose(&[]) {
        Ok(password) => hash(cx, &password).await.map(Some),
        Err(_) => Ok(None),
    }
}

/// Records a sign-in and returns the proof with the hash that is then stored; none if the hash was replaced before.
struct RecordSignIn {
    proof: Proof,
    renewed: Option<String>,
    audit: AuditRecord,
}

impl Write for RecordSignIn {
    type Out = Option<Proof>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Proof>> {
        let mut proof = self.proof.clone();
        if let Some(new) = &self.renewed {
            if tx.run(&REPLACE_SECRET, (proof.identity, &proof.secret, new, self.audit.occurred())).await? == 0 {
                return Ok(None);
            }
            proof.secret.clone_from(new);
        }
        self.audit.insert(tx, None).await?;
        Ok(Some(proof))
    }
}
