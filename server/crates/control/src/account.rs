//! The accounts that somebody is a member of: their own today, organisations later.

use model::workspace::Account;
use store::account::ACCOUNTS_OF_PERSON;

use crate::{Cx, Result, access::Caller};

/// The most accounts that are listed.
const MOST: i64 = 200;

/// The caller's accounts, their own first: those that a workspace can be made in.
///
/// # Errors
/// Only those of the database.
pub async fn list(cx: &Cx, caller: Caller) -> Result<Vec<Account>> {
    let rows = cx.db.all(&ACCOUNTS_OF_PERSON, (caller.person(), MOST)).await?;
    Ok(rows.into_iter().map(Account::from).collect())
}
