//! The doors: what a handler asks of its caller is its first argument.
//!
//! The addresses of cloud mode (`/accounts/{a}/workspaces/{w}/…`) and the bare ones of local mode meet here and nowhere else.

use axum::extract::FromRequestParts;
use control::{
    Cx,
    access::{self, Address, Caller, Opened, Workspace},
};
use http::{header, request::Parts};
use identity::ApiKey;
use model::permission::Permit;
use uuid::Uuid;

use crate::{
    error::ApiError,
    path::segment,
    route::{Access, Gate},
};

/// Somebody with a good key.
#[derive(Clone, Copy, Debug)]
pub struct Me(pub Caller);

/// A member of the workspace in the path who may do `P` there.
pub struct In<P>(pub Workspace<P>);

impl Gate for Me {
    const ACCESS: Access = Access::Caller;
}

impl<P: Permit> Gate for In<P> {
    const ACCESS: Access = Access::Member(P::PERMISSION);
}

impl FromRequestParts<Cx> for Me {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, cx: &Cx) -> Result<Self, ApiError> {
        let caller =
            if cx.settings.local { access::by_local_call(cx).await? } else { access::by_key(cx, &key(parts)?).await? };
        Ok(Self(caller))
    }
}

impl<P: Permit> FromRequestParts<Cx> for In<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, cx: &Cx) -> Result<Self, ApiError> {
        let address = address(parts).await?;
        enter(cx, address, || key(parts)).await.map(Self)
    }
}

/// The right `P` at an address, for requests and sockets alike. `key` is asked for where somebody has to show one: at the bare address
/// of local mode nobody has, and what a client shows there all the same, such as a key of another server, is not looked at.
pub(crate) async fn enter<P: Permit>(
    cx: &Cx,
    address: Option<Address>,
    key: impl FnOnce() -> Result<ApiKey, ApiError>,
) -> Result<Workspace<P>, ApiError> {
    match address {
        _ if needs_no_key(cx, address) => Ok(access::enter_by_local_call(cx).await?),
        Some(address) => Ok(access::enter_by_key(cx, &key()?, address).await?),
        None => the_only_one(cx, &key()?).await,
    }
}

/// Whether everybody is let in at this address.
pub(crate) fn needs_no_key(cx: &Cx, address: Option<Address>) -> bool {
    address.is_none() && cx.settings.local
}

/// The key in `Authorization: Bearer …`; the scheme is written in upper or lower case.
pub(crate) fn key(parts: &Parts) -> Result<ApiKey, ApiError> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, key) = header.and_then(|header| header.split_once(' ')).ok_or(ApiError::Unauthorized)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::Unauthorized);
    }
    key.trim().parse().map_err(|_| ApiError::Unauthorized)
}

/// The workspace that the path names, if it names one.
pub(crate) async fn address(parts: &mut Parts) -> Result<Option<Address>, ApiError> {
    let id = |text: String| Uuid::parse_str(&text).map_err(|_| ApiError::NoSuchPath);
    let (Some(account), Some(workspace)) = (segment(parts, "account").await?, segment(parts, "workspace").await?)
    else {
        return Ok(None);
    };
    Ok(Some(Address { account: id(account)?.into(), workspace: id(workspace)?.into() }))
}

/// How many workspaces are named to a caller who has to choose one.
const MOST_NAMED: u8 = 20;

/// The key's workspace where it has exactly one: what the bare address means without local mode.
async fn the_only_one<P: Permit>(cx: &Cx, key: &ApiKey) -> Result<Workspace<P>, ApiError> {
    match access::enter_only(cx, key, i64::from(MOST_NAMED) + 1).await? {
        Opened::One(workspace) => Ok(workspace),
        Opened::Several(addresses) => {
            let base = &cx.settings.public_url;
            let url = |at: &Address| format!("{base}/api/accounts/{}/workspaces/{}", at.account, at.workspace);
            let most = usize::from(MOST_NAMED);
            let urls: Vec<String> = addresses.iter().take(most).map(url).collect();
            let more = if addresses.len() > most { " and more" } else { "" };
            let list = urls.join(", ");
            Err(ApiError::BadRequest(format!(
                "This key opens several workspaces. Set PREFECT_API_URL to one of: {list}{more}"
            )))
        }
    }
}
