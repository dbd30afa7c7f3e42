//! Authentication and authorization: the first argument of a handler states what its caller must be allowed to do.
//!
//! Only this module distinguishes the paths of cloud mode (`/accounts/{a}/workspaces/{w}/…`) from the bare paths of local mode.

use axum::extract::FromRequestParts;
use control::{
    Cx,
    access::{self, Caller, ImplicitWorkspace, Workspace, WorkspaceRef},
};
use http::{header, request::Parts};
use identity::ApiKey;
use model::permission::Permit;
use uuid::Uuid;

use crate::{
    error::ApiError,
    extract::path::{find, path_params},
    route::{Access, Authorize},
};

/// A caller with a valid key.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated(pub Caller);

/// A member of the workspace in the path with the permission `P`, and what use cases need to serve the call.
pub struct InWorkspace<P>(pub Cx, pub Workspace<P>);

/// Any caller, without a key.
#[derive(Clone, Copy, Debug)]
pub struct Public;

impl Authorize for Authenticated {
    const ACCESS: Access = Access::Caller;
}

impl<P: Permit> Authorize for InWorkspace<P> {
    const ACCESS: Access = Access::Member(P::PERMISSION);
}

impl Authorize for Public {
    const ACCESS: Access = Access::Public;
}

impl FromRequestParts<Cx> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, cx: &Cx) -> Result<Self, ApiError> {
        let caller = if cx.settings.local {
            access::authenticate_local_call(cx).await?
        } else {
            access::authenticate_key(cx, &bearer_key(parts)?).await?
        };
        Ok(Self(caller))
    }
}

impl<P: Permit> FromRequestParts<Cx> for InWorkspace<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, cx: &Cx) -> Result<Self, ApiError> {
        let workspace_ref = workspace_ref(parts).await?;
        authorize(cx, workspace_ref, || bearer_key(parts)).await.map(|workspace| Self(cx.clone(), workspace))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Public {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self)
    }
}

/// Checks the permission `P` in a workspace, for requests and sockets alike. `key` is called only where a key is required: the bare
/// paths of local mode ignore the key that a client sends, which may be one of another server.
pub(crate) async fn authorize<P: Permit>(
    cx: &Cx,
    workspace_ref: Option<WorkspaceRef>,
    key: impl FnOnce() -> Result<ApiKey, ApiError>,
) -> Result<Workspace<P>, ApiError> {
    match workspace_ref {
        _ if needs_no_key(cx, workspace_ref) => Ok(access::authorize_local_call(cx).await?),
        Some(workspace_ref) => Ok(access::authorize_key(cx, &key()?, workspace_ref).await?),
        None => only_workspace(cx, &key()?).await,
    }
}

/// Whether callers need no key: on the bare paths of local mode.
pub(crate) fn needs_no_key(cx: &Cx, workspace_ref: Option<WorkspaceRef>) -> bool {
    workspace_ref.is_none() && cx.settings.local
}

/// The key in `Authorization: Bearer …`. The case of the scheme does not matter.
pub(crate) fn bearer_key(parts: &Parts) -> Result<ApiKey, ApiError> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, key) = header.and_then(|header| header.split_once(' ')).ok_or(ApiError::Unauthorized)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::Unauthorized);
    }
    key.trim().parse().map_err(|_| ApiError::Unauthorized)
}

/// The workspace in the path; none on a bare path.
pub(crate) async fn workspace_ref(parts: &mut Parts) -> Result<Option<WorkspaceRef>, ApiError> {
    let params = path_params(parts).await?;
    let id = |text| Uuid::parse_str(text).map_err(|_| ApiError::NoSuchPath);
    let (Some(account), Some(workspace)) = (find(&params, "account"), find(&params, "workspace")) else {
        return Ok(None);
    };
    Ok(Some(WorkspaceRef { account: id(account)?.into(), workspace: id(workspace)?.into() }))
}

/// How many workspaces the error lists for a caller who has to choose one.
const MAX_LISTED_WORKSPACES: u8 = 20;

/// The key's only workspace: without local mode, bare paths mean this one.
async fn only_workspace<P: Permit>(cx: &Cx, key: &ApiKey) -> Result<Workspace<P>, ApiError> {
    match access::authorize_only_workspace(cx, key, i64::from(MAX_LISTED_WORKSPACES) + 1).await? {
        ImplicitWorkspace::Only(workspace) => Ok(workspace),
        ImplicitWorkspace::Ambiguous(workspace_refs) => {
            let base = &cx.settings.public_url;
            let url = |workspace_ref: &WorkspaceRef| {
                format!("{base}/api/accounts/{}/workspaces/{}", workspace_ref.account, workspace_ref.workspace)
            };
            let listed = usize::from(MAX_LISTED_WORKSPACES);
            let urls: Vec<String> = workspace_refs.iter().take(listed).map(url).collect();
            let more = if workspace_refs.len() > listed { " and more" } else { "" };
            let list = urls.join(", ");
            Err(ApiError::BadRequest(format!(
                "This key has access to several workspaces. Set PREFECT_API_URL to one of: {list}{more}"
            )))
        }
    }
}
