//! The proof of a permission in an account.

use std::marker::PhantomData;

use model::{id::AccountId, permission::Permit};
use store::{AccountMember, access};

use super::Caller;
use crate::{Cx, Error, Result};

/// The permission `P` in an account.
pub struct Account<P> {
    member: AccountMember,
    caller: Caller,
    permission: PhantomData<fn() -> P>,
}

impl<P> Clone for Account<P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P> Copy for Account<P> {}

impl<P> Account<P> {
    /// The account's id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.member.account()
    }

    /// The caller who has the permission.
    #[must_use]
    pub fn caller(&self) -> Caller {
        self.caller
    }
}

/// Authorizes a caller for `P` in an account.
///
/// # Errors
/// [`Error::NotFound`] if there is no such account, the caller is no member of it, or lacks the permission.
pub async fn authorize_account<P: Permit>(cx: &Cx, caller: Caller, account: AccountId) -> Result<Account<P>> {
    let member = access::account_member(&cx.db, caller.person(), account).await?;
    let member =
        member.filter(|member| member.role().may(P::PERMISSION)).ok_or(Error::not_found("Account", account))?;
    Ok(Account { member, caller, permission: PhantomData })
}
