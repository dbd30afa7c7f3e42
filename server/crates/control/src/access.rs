//! Authentication and authorization: [`Caller`] proves a session or an API key, [`store::Tenant`] a membership, [`Workspace<P>`] a
//! permission in that workspace. Each is obtained only from the one before; likewise [`Account<P>`] from a membership in an account, and
//! [`Administrator`] from a caller. A use case demands the proof that it needs, so a call with a weaker one does not compile.

mod account;
mod administrator;
mod caller;
mod key_usage;

use std::{marker::PhantomData, net::IpAddr};

pub use account::{Account, authorize_account};
pub use administrator::{Administrator, authorize_administrator};
pub use caller::{Caller, Credential};
use identity::ApiKey;
pub use model::workspace::WorkspaceRef;
use model::{api_key::is_expired, handle::Handle, id::WorkspaceId, permission::Permit, time::Timestamp};
use store::{
    Tenant,
    access::{self, CallerId, KeyHolder},
    person::PERSON_BY_HANDLE,
    session::{self, SESSION, Session},
};

use self::key_usage::KeyUsage;
use crate::{Cx, Error, Result, local};

/// The permission `P` in a workspace.
pub struct Workspace<P> {
    tenant: Tenant,
    caller: Caller,
    permission: PhantomData<fn() -> P>,
}

impl<P> Clone for Workspace<P> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<P> Copy for Workspace<P> {}

impl<P: Permit> Workspace<P> {
    fn grant(tenant: Tenant, caller: Caller) -> Result<Self> {
        // The same error as for a missing workspace: a caller without the permission must not learn that the workspace exists.
        let granted = tenant.role().may(P::PERMISSION);
        granted
            .then_some(Self { tenant, caller, permission: PhantomData })
            .ok_or(Error::not_found("Workspace", tenant.workspace()))
    }
}

impl<P> Workspace<P> {
    /// The proof that opens the workspace's tables.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The workspace's id.
    #[must_use]
    pub fn id(&self) -> WorkspaceId {
        self.tenant.workspace()
    }

    /// The ids that name the workspace.
    #[must_use]
    pub fn workspace_ref(&self) -> WorkspaceRef {
        WorkspaceRef { account: self.tenant.account(), workspace: self.tenant.workspace() }
    }

    /// The caller who has the permission.
    #[must_use]
    pub fn caller(&self) -> Caller {
        self.caller
    }

    /// The permission `Q` in the same workspace, if the member has it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if not.
    pub fn authorize<Q: Permit>(self) -> Result<Workspace<Q>> {
        Workspace::grant(self.tenant, self.caller)
    }
}

/// The membership of a caller in a workspace, with whatever permissions.
#[derive(Clone, Copy)]
pub struct Membership {
    tenant: Tenant,
    caller: Caller,
}

impl Membership {
    /// The caller who is the member.
    #[must_use]
    pub fn caller(&self) -> Caller {
        self.caller
    }

    /// The permission `P`, if the member has it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if not.
    pub fn authorize<P: Permit>(self) -> Result<Workspace<P>> {
        Workspace::grant(self.tenant, self.caller)
    }
}

/// Authenticates a client's call by its API key, and records that the key was used.
///
/// # Errors
/// [`Error::Unauthenticated`] if the key is unknown, expired or deleted.
pub async fn authenticate_key(cx: &Cx, key: &ApiKey) -> Result<Caller> {
    let (caller, usage) = find_caller(cx, key).await?;
    usage.record(cx).await;
    Ok(caller)
}

/// Authenticates a client's call by its API key and authorizes it for `P` in a workspace: one query for both.
///
/// # Errors
/// [`Error::Unauthenticated`] for the key, [`Error::NotFound`] for the workspace.
pub async fn authorize_key<P: Permit>(cx: &Cx, key: &ApiKey, workspace: WorkspaceRef) -> Result<Workspace<P>> {
    let found = access::key_in_workspace(&cx.db, &key.sha256(), workspace).await?;
    let found = found.ok_or(Error::Unauthenticated)?;
    let (caller, usage) = check_expiry(cx, &found.holder)?;
    let tenant = found.tenant.ok_or(Error::not_found("Workspace", workspace.workspace))?;
    let workspace = Workspace::grant(tenant, caller)?;
    usage.record(cx).await;
    Ok(workspace)
}

/// The workspace of a call with an API key that names no workspace.
pub enum ImplicitWorkspace<P> {
    /// The only workspace of the caller.
    Only(Workspace<P>),
    /// The caller has several: the client has to name one of these.
    Ambiguous(Vec<WorkspaceRef>),
}

/// Authenticates a client's call by its API key and authorizes it for `P` in the caller's only workspace. If there are several, returns
/// at most `limit` of them, and at least two.
///
/// # Errors
/// [`Error::Unauthenticated`] for the key, [`Error::NotFound`] if there is no workspace, or the caller lacks the permission.
pub async fn authorize_only_workspace<P: Permit>(cx: &Cx, key: &ApiKey, limit: i64) -> Result<ImplicitWorkspace<P>> {
    let (caller, usage) = find_caller(cx, key).await?;
    let workspaces = workspace_refs(cx, caller, limit.max(2)).await?;
    match workspaces.as_slice() {
        [] => Err(Error::missing("Workspace")),
        [only] => {
            let workspace = authorize(cx, caller, *only).await?;
            usage.record(cx).await;
            Ok(ImplicitWorkspace::Only(workspace))
        }
        _ => Ok(ImplicitWorkspace::Ambiguous(workspaces)),
    }
}

/// Authorizes a caller for `P` in a workspace.
///
/// # Errors
/// [`Error::NotFound`] if there is no such workspace, the caller is no member of it, or lacks the permission.
pub async fn authorize<P: Permit>(cx: &Cx, caller: Caller, workspace: WorkspaceRef) -> Result<Workspace<P>> {
    membership(cx, caller, workspace).await?.authorize()
}

/// The membership of a caller in a workspace, for several calls of [`Membership::authorize`].
///
/// # Errors
/// [`Error::NotFound`] if there is no such workspace, or the caller is no member of it.
pub async fn membership(cx: &Cx, caller: Caller, workspace: WorkspaceRef) -> Result<Membership> {
    let tenant = access::tenant_of(&cx.db, caller.person(), workspace).await?;
    let tenant = tenant.ok_or(Error::not_found("Workspace", workspace.workspace))?;
    Ok(Membership { tenant, caller })
}

/// Authenticates a browser by its session.
///
/// # Errors
/// [`Error::Unauthenticated`] if the session is not signed in, or has ended.
pub async fn authenticate_session(session: &Session) -> Result<Caller> {
    let (person, key) = session::holder(session).await?.ok_or(Error::Unauthenticated)?;
    Ok(Caller::new(person, Credential::Session(key)))
}

/// Authenticates a request in local mode, as the local person.
///
/// # Errors
/// [`Error::Unauthenticated`] if the server does not run in local mode.
pub fn authenticate_local(cx: &Cx) -> Result<Caller> {
    cx.settings.local.then_some(Caller::new(local::PERSON, Credential::Local)).ok_or(Error::Unauthenticated)
}

/// Authorizes a request in local mode for `P` in the default workspace.
///
/// # Errors
/// [`Error::Unauthenticated`] if the server does not run in local mode.
pub async fn authorize_local<P: Permit>(cx: &Cx) -> Result<Workspace<P>> {
    Ok(local_workspace(cx).await?.0)
}

/// As [`authorize_local`], for a client's call, which is recorded.
///
/// # Errors
/// As [`authorize_local`].
pub async fn authorize_local_call<P: Permit>(cx: &Cx) -> Result<Workspace<P>> {
    let (ws, last_call) = local_workspace(cx).await?;
    KeyUsage::local(last_call, cx.clock.now()).record(cx).await;
    Ok(ws)
}

/// As [`authenticate_local`], for a client's call, which is recorded.
///
/// # Errors
/// As [`authenticate_local`].
pub async fn authenticate_local_call(cx: &Cx) -> Result<Caller> {
    let caller = authenticate_local(cx)?;
    let person = cx.db.optional(&access::LAST_KEYLESS_CALL, (caller.person(),)).await?;
    let last_call = person.and_then(|(last_call,)| last_call);
    KeyUsage::local(last_call, cx.clock.now()).record(cx).await;
    Ok(caller)
}

/// The permission `P` in the default workspace, and when a client last called there.
async fn local_workspace<P: Permit>(cx: &Cx) -> Result<(Workspace<P>, Option<Timestamp>)> {
    let caller = authenticate_local(cx)?;
    let found = access::tenant_by_handle(&cx.db, caller.person(), local::ACCOUNT, &local::workspace_handle()).await?;
    let (tenant, last_call) = found.ok_or(Error::missing("Workspace"))?;
    Ok((Workspace::grant(tenant, caller)?, last_call))
}

/// Authenticates a shell on the server's machine as the person whose own account has this handle.
///
/// # Errors
/// [`Error::NotFound`] if there is no such person.
pub async fn authenticate_shell(cx: &Cx, handle: &Handle) -> Result<Caller> {
    let person = cx.db.optional(&PERSON_BY_HANDLE, (handle,)).await?;
    let (person,) = person.ok_or(Error::missing("User"))?;
    Ok(Caller::new(person, Credential::Shell))
}

/// Whether the caller's credential is still valid: the session has not ended, the key is neither deleted nor expired. For websockets, which
/// outlive the request that opened them.
///
/// # Errors
/// Only those of the database.
pub async fn is_still_valid(cx: &Cx, caller: Caller) -> Result<bool> {
    let now = cx.clock.now();
    Ok(match caller.credential() {
        Credential::Session(key) => {
            let session = cx.db.optional(&SESSION, (key,)).await?;
            let lifetime = cx.settings.session_lifetime();
            session.is_some_and(|row| {
                row.person_id == caller.person() && now < lifetime.expiry(row.created, row.last_seen)
            })
        }
        Credential::ApiKey(id) => {
            let key = cx.db.optional(&access::KEY_EXPIRY, (id,)).await?;
            key.is_some_and(|(end,)| !is_expired(end, now))
        }
        Credential::Local => cx.settings.local,
        Credential::Shell => true,
    })
}

/// The workspaces that the caller is a member of, at most `limit`, sorted by account and handle.
///
/// # Errors
/// Only those of the database.
pub async fn workspace_refs(cx: &Cx, caller: Caller, limit: i64) -> Result<Vec<WorkspaceRef>> {
    let rows = cx.db.all(&access::WORKSPACES_OF_PERSON, (caller.person(), limit)).await?;
    Ok(rows.into_iter().map(|(account, workspace)| WorkspaceRef { account, workspace }).collect())
}

/// The caller with this API key.
async fn find_caller(cx: &Cx, key: &ApiKey) -> Result<(Caller, KeyUsage)> {
    let holder = cx.db.optional(&access::KEY_HOLDER, (access::hash_text(&key.sha256()),)).await?;
    check_expiry(cx, &holder.ok_or(Error::Unauthenticated)?)
}

/// The caller who holds the key, unless the key has expired.
fn check_expiry(cx: &Cx, holder: &KeyHolder) -> Result<(Caller, KeyUsage)> {
    let now = cx.clock.now();
    if is_expired(holder.expires, now) {
        return Err(Error::Unauthenticated);
    }
    let (id, person) = (holder.id, holder.person_id);
    let (last, member_since) = (holder.last_used, holder.member_since);
    let usage = KeyUsage { caller: CallerId::Key(id), person, now, last, member_since };
    Ok((Caller::new(person, Credential::ApiKey(id)), usage))
}

/// What is known of the client that sent a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClientInfo {
    /// The client's IP address.
    pub address: Option<IpAddr>,
}
