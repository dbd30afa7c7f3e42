//! Accounts, the owners of workspaces, and their members. Handles of people and of organisations share one namespace.

use model::{
    handle::Handle,
    id::{AccountId, UserId},
    permission::Role,
    time::Timestamp,
    workspace::Account,
};

use crate::{
    error::{Error, Result},
    record, statements,
    value::{Column, Kind, Type, Value},
};

impl Column for Handle {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn from_value(value: Value) -> Result<Self> {
        String::from_value(value)?.parse().map_err(|_| Error::Corrupt("handle"))
    }
}

record! {
    for Account {
        id: AccountId,
        name: String,
        handle: Handle,
    }
}

statements! {
    /// Adds a personal account, unless its handle or its id is taken.
    unscoped INSERT_PERSONAL_ACCOUNT: (AccountId, String, Handle, Timestamp) => () =
        "INSERT INTO account (id, name, handle, kind, created, updated) VALUES ($1, $2, $3, 'personal', $4, $4)
         ON CONFLICT DO NOTHING";
    /// Makes a person a member of an account, unless they are one.
    unscoped INSERT_ACCOUNT_MEMBER: (AccountId, UserId, Role, Timestamp) => () =
        "INSERT INTO account_member (account_id, person_id, role, created) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    /// The account with this handle.
    unscoped ACCOUNT_BY_HANDLE: (Handle,) => (AccountId,) = "SELECT id FROM account WHERE handle = $1";
    /// The account with this id.
    unscoped ACCOUNT: (AccountId,) => Account = select "FROM account WHERE id = $1";
    /// Locks an account, so that a write can count what it owns and add to it without a race.
    unscoped LOCK_ACCOUNT: (AccountId,) => (AccountId,) = sqlite "SELECT id FROM account WHERE id = $1"
        postgres "SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE";
    /// The accounts that a person is a member of with a role, the personal one first.
    unscoped ACCOUNTS_OF_PERSON: (UserId, i64) => (AccountId, String, Handle, Role) =
        "SELECT a.id, a.name, a.handle, m.role FROM account_member m JOIN account a ON a.id = m.account_id
         WHERE m.person_id = $1 ORDER BY CASE WHEN a.kind = 'personal' THEN 0 ELSE 1 END, a.handle LIMIT $2";
    /// A person's personal account.
    unscoped PERSONAL_ACCOUNT: (UserId,) => Account = select ("a")
        "FROM account_member m JOIN account a ON a.id = m.account_id
         WHERE m.person_id = $1 AND a.kind = 'personal'";
}
