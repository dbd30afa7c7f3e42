//! Three proofs, each only to be had from the one before: [`Caller`] (a session or a key), [`store::Tenant`] (a membership), and
//! [`Workspace<P>`] (a permission there). A use case demands the proof it needs; a weaker caller does not compile.

mod call;

use std::{marker::PhantomData, net::IpAddr};

use identity::ApiKey;
use model::{
    api_key::is_over,
    handle::Handle,
    id::{AccountId, ApiKeyId, UserId, WorkspaceId},
    permission::Permit,
    time::Timestamp,
};
use store::{
    Tenant,
    access::{self, CallBy, KeyHolder},
    person::PERSON_OF_HANDLE,
    session::{self, SESSION, Session, SessionKey},
};

use self::call::Call;
use crate::{Cx, Error, Result, local, session::unavailable};

/// Somebody who has shown who they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caller {
    person: UserId,
    by: Credential,
}

/// How a caller has shown it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Credential {
    /// A session in a browser.
    Session(SessionKey),
    /// An API key.
    ApiKey(ApiKeyId),
    /// Nothing: local mode, where whoever reaches the loopback is the local person.
    Local,
    /// A shell on the machine.
    Administrator,
}

impl Caller {
    pub(crate) fn new(person: UserId, by: Credential) -> Self {
        Self { person, by }
    }

    /// Who it is.
    #[must_use]
    pub fn person(&self) -> UserId {
        self.person
    }

    /// How it was shown.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.by
    }

    /// The API key, if the caller came with one.
    #[must_use]
    pub fn api_key(&self) -> Option<ApiKeyId> {
        match self.by {
            Credential::ApiKey(id) => Some(id),
            _ => None,
        }
    }

    /// The session, if the caller came with one.
    #[must_use]
    pub fn session(&self) -> Option<SessionKey> {
        match self.by {
            Credential::Session(key) => Some(key),
            _ => None,
        }
    }
}

/// The right `P` in a workspace.
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
        // Whoever lacks the right is not told what it is that they may not see.
        let granted = tenant.role().may(P::PERMISSION);
        granted.then_some(Self { tenant, caller, permission: PhantomData }).ok_or(Error::NotFound("Workspace"))
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

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> Caller {
        self.caller
    }
}

/// Which workspace a call is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address {
    pub account: AccountId,
    pub workspace: WorkspaceId,
}

/// The caller who sent this API key, for a client's call, which is noted.
///
/// # Errors
/// [`Error::Unauthenticated`] if the key is unknown, expired or deleted.
pub async fn by_key(cx: &Cx, key: &ApiKey) -> Result<Caller> {
    let (caller, call) = recognise(cx, key).await?;
    call.note(cx).await;
    Ok(caller)
}

/// The right `P` in the workspace at `address`, for the caller who sent this API key: one read for both.
///
/// # Errors
/// [`Error::Unauthenticated`] for the key, [`Error::NotFound`] for the workspace.
pub async fn enter_by_key<P: Permit>(cx: &Cx, key: &ApiKey, address: Address) -> Result<Workspace<P>> {
    let found = access::key_in_workspace(&cx.db, &key.sha256(), address.account, address.workspace).await?;
    let found = found.ok_or(Error::Unauthenticated)?;
    let (caller, call) = accept(cx, &found.holder)?;
    let entered = Workspace::grant(found.tenant.ok_or(Error::NotFound("Workspace"))?, caller)?;
    call.note(cx).await;
    Ok(entered)
}

/// What a key opens where no workspace is named.
pub enum Opened<P> {
    /// The only workspace that there is.
    One(Workspace<P>),
    /// One of these has to be chosen.
    Several(Vec<Address>),
}

/// The right `P` in the only workspace of the caller who sent this API key; where there are several, at most `most` of them.
///
/// # Errors
/// [`Error::Unauthenticated`] for the key, [`Error::NotFound`] if there is no workspace, or the caller may not do that there.
pub async fn enter_only<P: Permit>(cx: &Cx, key: &ApiKey, most: i64) -> Result<Opened<P>> {
    let (caller, call) = recognise(cx, key).await?;
    let addresses = addresses(cx, caller, most.max(2)).await?;
    match addresses.as_slice() {
        [] => Err(Error::NotFound("Workspace")),
        [address] => {
            let entered = enter(cx, caller, *address).await?;
            call.note(cx).await;
            Ok(Opened::One(entered))
        }
        _ => Ok(Opened::Several(addresses)),
    }
}

/// The right `P` in the workspace at `address`.
///
/// # Errors
/// [`Error::NotFound`] if there is no such workspace, the caller is no member of it, or may not do that there.
pub async fn enter<P: Permit>(cx: &Cx, caller: Caller, address: Address) -> Result<Workspace<P>> {
    let tenant = access::tenant_of(&cx.db, caller.person, address.account, address.workspace).await?;
    Workspace::grant(tenant.ok_or(Error::NotFound("Workspace"))?, caller)
}

/// The caller whose browser holds this session.
///
/// # Errors
/// [`Error::Unauthenticated`] if nobody has signed in there, or the session is over.
pub async fn by_session(session: &Session) -> Result<Caller> {
    let holder = session::holder(session).await.map_err(unavailable)?.ok_or(Error::Unauthenticated)?;
    Ok(Caller::new(holder.person(), Credential::Session(holder.key())))
}

/// The local person, in local mode.
///
/// # Errors
/// [`Error::Unauthenticated`] if the server does not run in local mode.
pub fn by_loopback(cx: &Cx) -> Result<Caller> {
    cx.settings.local.then_some(Caller::new(local::PERSON, Credential::Local)).ok_or(Error::Unauthenticated)
}

/// The right `P` in the default workspace, in local mode.
///
/// # Errors
/// [`Error::Unauthenticated`] if the server does not run in local mode.
pub async fn enter_local<P: Permit>(cx: &Cx) -> Result<Workspace<P>> {
    Ok(local_workspace(cx).await?.0)
}

/// The same, for a client's call, which is noted.
///
/// # Errors
/// As [`enter_local`].
pub async fn enter_by_local_call<P: Permit>(cx: &Cx) -> Result<Workspace<P>> {
    let (at, last_call) = local_workspace(cx).await?;
    Call::local(last_call).note(cx).await;
    Ok(at)
}

/// The local person, in local mode, for a client's call, which is noted.
///
/// # Errors
/// As [`by_loopback`].
pub async fn by_local_call(cx: &Cx) -> Result<Caller> {
    let caller = by_loopback(cx)?;
    let person = cx.db.optional(&access::LAST_KEYLESS_CALL, (caller.person,)).await?;
    Call::local(person.and_then(|(last_call,)| last_call)).note(cx).await;
    Ok(caller)
}

/// The right `P` in the default workspace, and when a client last called there.
async fn local_workspace<P: Permit>(cx: &Cx) -> Result<(Workspace<P>, Option<Timestamp>)> {
    let caller = by_loopback(cx)?;
    let found = access::tenant_by_handle(&cx.db, caller.person, local::ACCOUNT, &local::workspace_handle()).await?;
    let (tenant, last_call) = found.ok_or(Error::NotFound("Workspace"))?;
    Ok((Workspace::grant(tenant, caller)?, last_call))
}

/// The person whose own account has this handle, for a shell on the machine.
///
/// # Errors
/// [`Error::NotFound`] if there is no such person.
pub async fn by_shell(cx: &Cx, handle: &Handle) -> Result<Caller> {
    let person = cx.db.optional(&PERSON_OF_HANDLE, (handle,)).await?;
    let (person,) = person.ok_or(Error::NotFound("Person"))?;
    Ok(Caller::new(person, Credential::Administrator))
}

/// Whether what a caller came with is still good: the session not over, the key not deleted or expired. For sockets, which outlive their door.
///
/// # Errors
/// Only those of the database.
pub async fn still_holds(cx: &Cx, caller: Caller) -> Result<bool> {
    let now = cx.clock.now();
    Ok(match caller.by {
        Credential::Session(key) => {
            let session = cx.db.optional(&SESSION, (key,)).await?;
            let life = cx.settings.session_life();
            session.is_some_and(|row| row.person_id == caller.person && now < life.end(row.created, row.last_seen))
        }
        Credential::ApiKey(id) => {
            let key = cx.db.optional(&access::KEY_END, (id,)).await?;
            key.is_some_and(|(end,)| !is_over(end, now))
        }
        Credential::Local => cx.settings.local,
        Credential::Administrator => true,
    })
}

/// All workspaces that the caller is a member of, at most `most`, by account and handle.
///
/// # Errors
/// Only those of the database.
pub async fn addresses(cx: &Cx, caller: Caller, most: i64) -> Result<Vec<Address>> {
    let rows = cx.db.all(&access::ADDRESSES, (caller.person, most)).await?;
    Ok(rows.into_iter().map(|(account, workspace)| Address { account, workspace }).collect())
}

/// Whose key this is.
async fn recognise(cx: &Cx, key: &ApiKey) -> Result<(Caller, Call)> {
    let holder = cx.db.optional(&access::KEY_HOLDER, (access::hash_text(&key.sha256()),)).await?;
    accept(cx, &holder.ok_or(Error::Unauthenticated)?)
}

/// Checks the key's time.
fn accept(cx: &Cx, holder: &KeyHolder) -> Result<(Caller, Call)> {
    if is_over(holder.expires, cx.clock.now()) {
        return Err(Error::Unauthenticated);
    }
    let (id, person) = (holder.id, holder.person_id);
    let call = Call { by: CallBy::Key(id), person, last: holder.last_used, awaited: holder.member_since };
    Ok((Caller::new(person, Credential::ApiKey(id)), call))
}

/// Where a request came from, as far as it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Origin {
    /// The client's address.
    pub address: Option<IpAddr>,
}
