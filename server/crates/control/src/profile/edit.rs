//! Changes a person's names and the handle of their own account.

use model::{audit::AuditEvent, handle::Handle, id::UserId, profile::join_names, user::MAX_NAME_CHARACTERS};
use store::{
    Tx, Write,
    account::{ACCOUNT_BY_OLD_HANDLE, DELETE_OLD_HANDLES, INSERT_OLD_HANDLE, OLD_HANDLES, RENAME_ACCOUNT},
    person::LOCK_PERSON,
    profile::{PROFILE, ProfileRow, SET_NAMES},
};

use super::{MAX_OLD_HANDLES, OLD_HANDLE_LIFETIME};
use crate::{
    Cx, Error, Result,
    access::{Caller, ClientInfo},
    audit::AuditRecord,
    form::{Form, TextError, line},
    handle::{HandleRequest, Namespace},
};

/// The form with which a person changes their names and their handle.
#[derive(Clone, Debug)]
pub struct EditProfile {
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// None keeps the handle.
    pub handle: Option<String>,
}

/// Changes the caller's names and handle. The previous handle still names the account for 30 days, and nobody else can take it meanwhile.
///
/// # Errors
/// [`Error::Invalid`] for the fields `first_name`, `last_name` and `handle`, also when the handle is taken.
pub async fn edit(cx: &Cx, caller: Caller, edited: EditProfile, client: ClientInfo) -> Result<()> {
    let Checked { first, last, handle } = check(&edited)?;
    // In local mode the server finds its account by its handle.
    let handle = handle.filter(|_| !cx.settings.local);
    let audit = AuditRecord::by_caller(cx, caller, AuditEvent::ProfileEdited, client);
    cx.db.write(Edit { person: caller.person(), first, last, handle, audit }).await
}

struct Checked {
    first: String,
    last: String,
    handle: Option<Handle>,
}

fn check(edited: &EditProfile) -> Result<Checked> {
    let mut form = Form::default();
    let first = form.read("first_name", line(&edited.first_name, MAX_NAME_CHARACTERS));
    let last = match edited.last_name.trim() {
        "" => Ok(String::new()),
        last => line(last, MAX_NAME_CHARACTERS),
    };
    let last = form.read("last_name", last.and_then(|last| fits(first.as_deref().unwrap_or_default(), last)));
    let handle = edited.handle.as_deref().map(|handle| form.read("handle", handle.trim().parse::<Handle>()));
    let is_handle_valid = !matches!(handle, Some(None));
    match (first, last, is_handle_valid) {
        (Some(first), Some(last), true) => Ok(Checked { first, last, handle: handle.flatten() }),
        _ => Err(form.into_error()),
    }
}

/// The last name, if both together are not too long.
fn fits(first: &str, last: String) -> Result<String, TextError> {
    let characters = join_names(first, &last).chars().count();
    if characters > MAX_NAME_CHARACTERS { Err(TextError::TooLong(MAX_NAME_CHARACTERS)) } else { Ok(last) }
}

struct Edit {
    person: UserId,
    first: String,
    last: String,
    handle: Option<Handle>,
    audit: AuditRecord,
}

impl Write for Edit {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.optional(&LOCK_PERSON, (self.person,)).await?.ok_or(Error::Unauthenticated)?;
        let before = tx.optional(&PROFILE, (self.person,)).await?.ok_or(Error::Unauthenticated)?;
        let name = join_names(&self.first, &self.last);
        let now = self.audit.occurred_at();
        let handle = match &self.handle {
            Some(handle) if *handle != before.handle => {
                self.change_handle(tx, &before, handle).await?;
                handle
            }
            _ => &before.handle,
        };
        tx.exactly_one(&SET_NAMES, (self.person, &name, &self.first, &self.last, now)).await?;
        match tx.run(&RENAME_ACCOUNT, (before.account, &name, handle, now)).await {
            // A concurrent write has taken the handle after the queries above.
            Err(error) if error.is_duplicate() => {
                return Err(Error::invalid("handle", format!("{handle} is taken. Choose another.")));
            }
            renamed => renamed?,
        };
        Ok(self.audit.insert_in(tx, Some(before.account), None, Some(handle.as_str())).await?)
    }
}

impl Edit {
    /// Checks that the account may have the handle, and keeps the one that it has.
    async fn change_handle(&self, tx: &mut Tx<'_>, before: &ProfileRow, handle: &Handle) -> Result<()> {
        let now = self.audit.occurred_at();
        let holder = tx.optional(&ACCOUNT_BY_OLD_HANDLE, (handle, now)).await?;
        let is_own_old_one = holder.is_some_and(|(account,)| account == before.account);
        if !is_own_old_one {
            Namespace::Accounts.pick(tx, &HandleRequest::typed(handle.clone()), now).await?;
            let old = tx.all(&OLD_HANDLES, (before.account, now, MAX_OLD_HANDLES)).await?;
            if i64::try_from(old.len()).is_ok_and(|count| count >= MAX_OLD_HANDLES) {
                return Err(Error::invalid(
                    "handle",
                    format!("You can change your handle {MAX_OLD_HANDLES} times in 30 days."),
                ));
            }
        }
        tx.run(&DELETE_OLD_HANDLES, (handle, before.account, now)).await?;
        let expires = now.plus_micros(OLD_HANDLE_LIFETIME.micros());
        tx.run(&INSERT_OLD_HANDLE, (&before.handle, before.account, expires)).await?;
        Ok(())
    }
}
