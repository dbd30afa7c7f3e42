//! An API client that calls the router in this process.

use axum::{
    Router,
    body::{Body, Bytes},
};
use control::access::WorkspaceRef;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use testkit::{TestApp, TestUser};
use tower::ServiceExt;

/// A client with a key of one user and the path of one workspace.
#[derive(Clone)]
pub struct Client {
    pub router: Router,
    pub key: Option<String>,
    /// The path prefix of the workspace.
    pub base: String,
    pub workspace_ref: WorkspaceRef,
    /// The version that the client sends; clients always do.
    pub api_version: Option<&'static str>,
}

/// A response with its complete body.
#[derive(Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Client {
    /// Creates a user called `name` with a workspace and a key.
    pub async fn new(app: &TestApp, name: &str) -> Self {
        let user = app.person(name).await;
        Self::for_user(app, &user).await
    }

    /// Creates a workspace and a key for the user.
    pub async fn for_user(app: &TestApp, user: &TestUser) -> Self {
        let workspace_ref = app.workspace(user, "Research").await;
        let key = app.key(user, "test").await;
        let base = format!("/accounts/{}/workspaces/{}", workspace_ref.account, workspace_ref.workspace);
        Self {
            router: api::router::router(app.cx.clone()),
            key: Some(key.secret.reveal().to_owned()),
            base,
            workspace_ref,
            api_version: None,
        }
    }

    /// The same client with another key, or without one.
    pub fn with_key(&self, key: Option<&str>) -> Self {
        Self { key: key.map(str::to_owned), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.call("GET", path, Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> TestResponse {
        self.call("POST", path, Body::from(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> TestResponse {
        self.call("PATCH", path, Body::from(body.to_string())).await
    }

    /// Calls a route below the workspace.
    pub async fn call(&self, method: &str, path: &str, body: Body) -> TestResponse {
        self.call_at(method, &format!("{}{path}", self.base), body).await
    }

    /// Calls a route by its complete path.
    pub async fn call_at(&self, method: &str, path: &str, body: Body) -> TestResponse {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = &self.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        if let Some(version) = self.api_version {
            request = request.header("x-prefect-api-version", version);
        }
        self.send(request.body(body).expect("a request")).await
    }

    pub async fn send(&self, request: Request<Body>) -> TestResponse {
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let bytes: Bytes = body.collect().await.expect("a body").to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("a JSON body") };
        TestResponse { status: parts.status, headers: parts.headers, body }
    }
}

impl TestResponse {
    /// Asserts the status and returns the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }
}

/// A random text of four-byte characters that the database can't compress.
pub fn incompressible(app: &TestApp, characters: usize) -> String {
    let character = |_| char::from_u32(0x1_0000 + u32::try_from(app.cx.ids.below(0xF000)).unwrap()).unwrap();
    (0..characters).map(character).collect()
}
