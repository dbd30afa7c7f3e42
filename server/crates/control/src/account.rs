//! The accounts that a person is a member of: today only their own, later organisations too.

use model::{
    permission::{CreateWorkspaces, Permit},
    workspace::Account,
};
use store::account::ACCOUNTS_OF_PERSON;

use crate::{Cx, Result, access::Caller};

/// The most accounts in one list.
const MAX_ACCOUNTS: i64 = 200;

/// The accounts in which the caller may create workspaces, their own first.
///
/// # Errors
/// Only those of the database.
pub async fn list(cx: &Cx, caller: Caller) -> Result<Vec<Account>> {
    let rows = cx.db.all(&ACCOUNTS_OF_PERSON, (caller.person(), MAX_ACCOUNTS)).await?;
    let allowed = rows.into_iter().filter(|(.., role)| role.may(CreateWorkspaces::PERMISSION));
    Ok(allowed.map(|(id, name, handle, _)| Account { id, name, handle }).collect())
}
