//! Look-ups that prove something: whose key it is, and who may enter which workspace. Tenants are minted here and nowhere else.

use model::{
    handle::Handle,
    id::{AccountId, ApiKeyId, UserId, WorkspaceId},
    permission::Role,
    time::Timestamp,
};

use crate::{
    db::Db,
    error::{Error, Result},
    record, statements,
    tenant::Tenant,
    tx::Tx,
    value::{Column, Kind, Type, Value},
    write::Write,
};

impl Column for Role {
    const KIND: Kind = Kind::of(Type::Text);
    fn put(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn take(value: Value) -> Result<Self> {
        Self::from_word(&String::take(value)?).ok_or(Error::Corrupt("role"))
    }
}

record! {
    /// A key and whom it speaks for.
    pub struct KeyHolder {
        pub id: ApiKeyId,
        pub person_id: UserId,
        pub expires: Option<Timestamp>,
        pub last_used: Option<Timestamp>,
        /// When the person became a member where it is used, or of the newest workspace: from then on a first call is waited for.
        pub member_since: Option<Timestamp>,
    }
}

record! {
    /// The same, with the key's role in one workspace, if it has any.
    pub struct KeyEntry {
        pub id: ApiKeyId,
        pub person_id: UserId,
        pub expires: Option<Timestamp>,
        pub last_used: Option<Timestamp>,
        pub member_since: Option<Timestamp>,
        pub role: Option<Role>,
    }
}

statements! {
    /// The key with this hash.
    open KEY_HOLDER: (String,) => KeyHolder =
        "SELECT k.id, k.person_id, k.expires, k.last_used,
             (SELECT MAX(m.created) FROM workspace_member m WHERE m.person_id = k.person_id) AS member_since
         FROM api_key k WHERE k.key_hash = $1";
    /// The key with this hash, and its person's role in a workspace that is not deleted.
    open KEY_IN_WORKSPACE: (String, AccountId, WorkspaceId) => KeyEntry =
        "SELECT k.id, k.person_id, k.expires, k.last_used, m.created AS member_since, m.role FROM api_key k
         LEFT JOIN workspace w ON w.id = $3 AND w.account_id = $2 AND w.deleted IS NULL
         LEFT JOIN workspace_member m ON m.workspace_id = w.id AND m.person_id = k.person_id
         WHERE k.key_hash = $1";
    /// A person's role in a workspace that is not deleted.
    open ROLE_IN_WORKSPACE: (UserId, AccountId, WorkspaceId) => (Role,) =
        "SELECT m.role FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id
         WHERE m.person_id = $1 AND w.account_id = $2 AND w.id = $3 AND w.deleted IS NULL";
    /// The workspaces that a person is a member of.
    open ADDRESSES: (UserId, i64) => (AccountId, WorkspaceId) =
        "SELECT w.account_id, w.id FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id
         JOIN account a ON a.id = w.account_id
         WHERE m.person_id = $1 AND w.deleted IS NULL ORDER BY a.handle, w.handle LIMIT $2";
    /// The same, for the workspace of an account that has this handle, and when the person last called without a key.
    open ROLE_BY_HANDLE: (UserId, AccountId, Handle) => (WorkspaceId, Role, Option<Timestamp>) =
        "SELECT w.id, m.role, p.last_call FROM workspace w JOIN workspace_member m ON m.workspace_id = w.id
         JOIN person p ON p.id = m.person_id
         WHERE m.person_id = $1 AND w.account_id = $2 AND w.handle = $3 AND w.deleted IS NULL";
    /// When a key ends.
    open KEY_END: (ApiKeyId,) => (Option<Timestamp>,) = "SELECT expires FROM api_key WHERE id = $1";
    /// Notes that a key was used, unless a later use than the second time is noted.
    open TOUCH_KEY: (ApiKeyId, Timestamp, Timestamp) => () =
        "UPDATE api_key SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used <= $3)";
    /// When a person last called without a key.
    open LAST_KEYLESS_CALL: (UserId,) => (Option<Timestamp>,) = "SELECT last_call FROM person WHERE id = $1";
    /// Notes that a person called without a key, unless a later call than the second time is noted.
    open TOUCH_PERSON: (UserId, Timestamp, Timestamp) => () =
        "UPDATE person SET last_call = $2 WHERE id = $1 AND (last_call IS NULL OR last_call <= $3)";
}

/// What a key opens.
pub struct KeyInWorkspace {
    pub holder: KeyHolder,
    /// None if its person is no member there.
    pub tenant: Option<Tenant>,
}

/// How a hash lies in its column.
#[must_use]
pub fn hash_text(hash: &[u8]) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::with_capacity(hash.len() * 2), |mut text, byte| {
        // Writing to a String can't fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// The key with this hash, and the tenant that it is in this workspace.
///
/// # Errors
/// Only those of the database.
pub async fn key_in_workspace(
    db: &Db,
    hash: &[u8],
    account: AccountId,
    workspace: WorkspaceId,
) -> Result<Option<KeyInWorkspace>> {
    let found = db.optional(&KEY_IN_WORKSPACE, (hash_text(hash), account, workspace)).await?;
    Ok(found.map(|entry| KeyInWorkspace {
        holder: KeyHolder {
            id: entry.id,
            person_id: entry.person_id,
            expires: entry.expires,
            last_used: entry.last_used,
            member_since: entry.member_since,
        },
        tenant: entry.role.map(|role| Tenant::new(account, workspace, role)),
    }))
}

/// The tenant that this person is in this workspace.
///
/// # Errors
/// Only those of the database.
pub async fn tenant_of(db: &Db, person: UserId, account: AccountId, workspace: WorkspaceId) -> Result<Option<Tenant>> {
    let role = db.optional(&ROLE_IN_WORKSPACE, (person, account, workspace)).await?;
    Ok(role.map(|(role,)| Tenant::new(account, workspace, role)))
}

/// The tenant that this person is in the workspace of an account that has this handle.
///
/// # Errors
/// Only those of the database.
pub async fn tenant_by_handle(
    db: &Db,
    person: UserId,
    account: AccountId,
    handle: &Handle,
) -> Result<Option<(Tenant, Option<Timestamp>)>> {
    let found = db.optional(&ROLE_BY_HANDLE, (person, account, handle)).await?;
    Ok(found.map(|(workspace, role, last_call)| (Tenant::new(account, workspace, role), last_call)))
}

/// Who calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallBy {
    /// Somebody with a key.
    Key(ApiKeyId),
    /// A person without one.
    Person(UserId),
}

/// Notes a call, unless a later one than `unless_after` is noted; whether it was.
pub struct NoteCall {
    pub by: CallBy,
    pub now: Timestamp,
    pub unless_after: Timestamp,
}

impl Write for NoteCall {
    type Out = bool;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        // A key may have been deleted meanwhile: then there is nothing to note.
        let touched = match self.by {
            CallBy::Key(id) => tx.run(&TOUCH_KEY, (id, self.now, self.unless_after)).await?,
            CallBy::Person(id) => tx.run(&TOUCH_PERSON, (id, self.now, self.unless_after)).await?,
        };
        Ok(touched > 0)
    }
}
