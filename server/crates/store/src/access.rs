//! Look-ups that authenticate and authorize: whose API key it is, and which role a person has in a workspace or an account.
//! Only these look-ups make a [`Tenant`] or an [`AccountMember`].

use model::{
    handle::Handle,
    id::{AccountId, ApiKeyId, UserId, WorkspaceId},
    permission::Role,
    time::Timestamp,
    workspace::WorkspaceRef,
};

use crate::{
    changes::Change,
    db::Db,
    error::{Error, Result},
    record, statements,
    tenant::{AccountMember, Tenant},
    tx::Tx,
    value::{Column, Kind, Type, Value},
    write::Write,
};

impl Column for Role {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn from_value(value: Value) -> Result<Self> {
        Self::parse(&String::from_value(value)?).ok_or(Error::Corrupt("role"))
    }
}

record! {
    /// An API key and its person.
    pub struct KeyHolder {
        pub id: ApiKeyId,
        pub person_id: UserId,
        pub expires: Option<Timestamp>,
        pub last_used: Option<Timestamp>,
        /// When the person became a member of the workspace in question, or of their newest one. Pages wait for a first call after this time.
        pub member_since: Option<Timestamp>,
    }
}

record! {
    /// The same, with the person's role in one workspace, if they are a member.
    pub struct KeyInWorkspaceRow {
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
    unscoped KEY_HOLDER: (String,) => KeyHolder =
        "SELECT k.id, k.person_id, k.expires, k.last_used,
             (SELECT MAX(m.created) FROM workspace_member m WHERE m.person_id = k.person_id) AS member_since
         FROM api_key k WHERE k.key_hash = $1";
    /// The key with this hash, and its person's role in a workspace that is not deleted.
    unscoped KEY_IN_WORKSPACE: (String, AccountId, WorkspaceId) => KeyInWorkspaceRow =
        "SELECT k.id, k.person_id, k.expires, k.last_used, m.created AS member_since, m.role FROM api_key k
         LEFT JOIN workspace w ON w.id = $3 AND w.account_id = $2 AND w.deleted IS NULL
         LEFT JOIN workspace_member m ON m.workspace_id = w.id AND m.person_id = k.person_id
         WHERE k.key_hash = $1";
    /// A person's role in a workspace that is not deleted.
    unscoped ROLE_IN_WORKSPACE: (UserId, AccountId, WorkspaceId) => (Role,) =
        "SELECT m.role FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id
         WHERE m.person_id = $1 AND w.account_id = $2 AND w.id = $3 AND w.deleted IS NULL";
    /// A person's role in an account.
    unscoped ROLE_IN_ACCOUNT: (UserId, AccountId) => (Role,) =
        "SELECT role FROM account_member WHERE person_id = $1 AND account_id = $2";
    /// The workspaces that a person is a member of.
    unscoped WORKSPACES_OF_PERSON: (UserId, i64) => (AccountId, WorkspaceId) =
        "SELECT w.account_id, w.id FROM workspace_member m JOIN workspace w ON w.id = m.workspace_id
         JOIN account a ON a.id = w.account_id
         WHERE m.person_id = $1 AND w.deleted IS NULL ORDER BY a.handle, w.handle LIMIT $2";
    /// The same, for the workspace with this handle in an account, and when the person last called without a key.
    unscoped ROLE_BY_HANDLE: (UserId, AccountId, Handle) => (WorkspaceId, Role, Option<Timestamp>) =
        "SELECT w.id, m.role, p.last_call FROM workspace w JOIN workspace_member m ON m.workspace_id = w.id
         JOIN person p ON p.id = m.person_id
         WHERE m.person_id = $1 AND w.account_id = $2 AND w.handle = $3 AND w.deleted IS NULL";
    /// When a key expires.
    unscoped KEY_EXPIRY: (ApiKeyId,) => (Option<Timestamp>,) = "SELECT expires FROM api_key WHERE id = $1";
    /// Records the use of a key, unless a use later than the second time is recorded already.
    unscoped TOUCH_KEY: (ApiKeyId, Timestamp, Timestamp) => () =
        "UPDATE api_key SET last_used = $2 WHERE id = $1 AND (last_used IS NULL OR last_used <= $3)";
    /// When a person last called without a key.
    unscoped LAST_KEYLESS_CALL: (UserId,) => (Option<Timestamp>,) = "SELECT last_call FROM person WHERE id = $1";
    /// Records a person's call without a key, unless a call later than the second time is recorded already.
    unscoped TOUCH_PERSON: (UserId, Timestamp, Timestamp) => () =
        "UPDATE person SET last_call = $2 WHERE id = $1 AND (last_call IS NULL OR last_call <= $3)";
}

/// A key, and the access that it has to one workspace.
pub struct KeyInWorkspace {
    pub holder: KeyHolder,
    /// None if the key's person is no member of the workspace.
    pub tenant: Option<Tenant>,
}

/// The hexadecimal text that is stored of a hash.
#[must_use]
pub fn hash_text(hash: &[u8]) -> String {
    use std::fmt::Write;
    hash.iter().fold(String::with_capacity(hash.len() * 2), |mut text, byte| {
        // Writing to a String can't fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// The key with this hash, and its tenant proof for this workspace.
///
/// # Errors
/// Only those of the database.
pub async fn key_in_workspace(
    db: &Db,
    hash: &[u8],
    WorkspaceRef { account, workspace }: WorkspaceRef,
) -> Result<Option<KeyInWorkspace>> {
    let row = db.optional(&KEY_IN_WORKSPACE, (hash_text(hash), account, workspace)).await?;
    Ok(row.map(|row| KeyInWorkspace {
        holder: KeyHolder {
            id: row.id,
            person_id: row.person_id,
            expires: row.expires,
            last_used: row.last_used,
            member_since: row.member_since,
        },
        tenant: row.role.map(|role| Tenant::new(account, workspace, role)),
    }))
}

/// The person's tenant proof for this workspace, if they are a member.
///
/// # Errors
/// Only those of the database.
pub async fn tenant_of(
    db: &Db,
    person: UserId,
    WorkspaceRef { account, workspace }: WorkspaceRef,
) -> Result<Option<Tenant>> {
    let role = db.optional(&ROLE_IN_WORKSPACE, (person, account, workspace)).await?;
    Ok(role.map(|(role,)| Tenant::new(account, workspace, role)))
}

/// The person's tenant proof for the workspace with this handle, and when they last called without a key.
///
/// # Errors
/// Only those of the database.
pub async fn tenant_by_handle(
    db: &Db,
    person: UserId,
    account: AccountId,
    handle: &Handle,
) -> Result<Option<(Tenant, Option<Timestamp>)>> {
    let row = db.optional(&ROLE_BY_HANDLE, (person, account, handle)).await?;
    Ok(row.map(|(workspace, role, last_call)| (Tenant::new(account, workspace, role), last_call)))
}

/// The proof of a person's membership in this account, if they are a member.
///
/// # Errors
/// Only those of the database.
pub async fn account_member(db: &Db, person: UserId, account: AccountId) -> Result<Option<AccountMember>> {
    let role = db.optional(&ROLE_IN_ACCOUNT, (person, account)).await?;
    Ok(role.map(|(role,)| AccountMember::new(account, role)))
}

/// Whose last call is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallerId {
    /// A client with an API key.
    Key(ApiKeyId),
    /// A person without a key.
    Person(UserId),
}

/// Records the time of a call, unless a call later than `unless_after` is recorded already.
pub struct RecordCall {
    pub by: CallerId,
    /// Whose pages show the call.
    pub person: UserId,
    pub now: Timestamp,
    pub unless_after: Timestamp,
}

impl Write for RecordCall {
    type Out = ();
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        // No row is updated if the key was deleted since the caller was authenticated.
        let touched = match self.by {
            CallerId::Key(id) => tx.run(&TOUCH_KEY, (id, self.now, self.unless_after)).await?,
            CallerId::Person(id) => tx.run(&TOUCH_PERSON, (id, self.now, self.unless_after)).await?,
        };
        if touched > 0 {
            tx.publish(Change::ClientCalled { person: self.person });
        }
        Ok(())
    }
}
