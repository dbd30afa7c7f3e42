//! A client of the router in this process.

use axum::{
    Router,
    body::{Body, Bytes},
};
use control::access::Address;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use testkit::{Kit, Somebody};
use tower::ServiceExt;

/// Somebody with a key, who speaks to one workspace.
#[derive(Clone)]
pub struct Client {
    pub router: Router,
    pub key: Option<String>,
    /// The path of the workspace.
    pub base: String,
    pub address: Address,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Client {
    /// Somebody new called `name`, with a workspace and a key.
    pub async fn new(kit: &Kit, name: &str) -> Self {
        let somebody = kit.person(name).await;
        Self::of(kit, &somebody).await
    }

    /// A key and a workspace of somebody's.
    pub async fn of(kit: &Kit, somebody: &Somebody) -> Self {
        let address = kit.workspace(somebody, "Research").await;
        let key = kit.key(somebody, "test").await;
        let base = format!("/accounts/{}/workspaces/{}", address.account, address.workspace);
        Self { router: api::router::router(kit.cx.clone()), key: Some(key.secret.reveal().to_owned()), base, address }
    }

    /// The same client with another key, or with none.
    pub fn with_key(&self, key: Option<&str>) -> Self {
        Self { key: key.map(str::to_owned), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Body::from(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, Body::from(body.to_string())).await
    }

    /// Calls a route of the workspace.
    pub async fn call(&self, method: &str, path: &str, body: Body) -> Answer {
        self.call_at(method, &format!("{}{path}", self.base), body).await
    }

    /// Calls a route by its whole path.
    pub async fn call_at(&self, method: &str, path: &str, body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        self.send(request.body(body).expect("a request")).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let bytes: Bytes = body.collect().await.expect("a body").to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("a JSON body") };
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
}

/// A text of so many characters of four bytes each that no database can make smaller.
pub fn incompressible(kit: &Kit, characters: usize) -> String {
    let character = |_| char::from_u32(0x1_0000 + u32::try_from(kit.cx.ids.below(0xF000)).unwrap()).unwrap();
    (0..characters).map(character).collect()
}
