//! Tests of the pages through the whole router, as used by a browser without scripts.

mod access;
mod compression;
mod forms;
mod request;
mod zone;

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use control::{Cx, clock::Clock};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::pages;
use crate::{
    config::{Config, Source},
    http, wiring,
};

const PASSWORD: &str = "seventeen quiet herons";
/// Much longer than any response takes.
const TIMEOUT: Duration = Duration::from_secs(30);
const HOME: &str = "https://provost.example.org";

/// A server with an empty database.
struct TestSite {
    router: Router,
    cx: Cx,
    /// Changes only when a test advances it.
    clock: Clock,
    origin: String,
    _folder: TempDir,
}

/// A response with its body as text.
struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl TestResponse {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value and attributes of the cookie that the response sets under this name.
    fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        cookies.filter_map(|cookie| cookie.split_once('=')).find(|(known, _)| *known == name).map(|(_, rest)| rest)
    }

    /// The session cookie as the browser sends it afterwards.
    fn session_cookie(&self) -> String {
        let name = if self.cookie("provost").is_some() { "provost" } else { "__Host-provost" };
        let value = self.cookie(name).unwrap().split(';').next().unwrap();
        format!("{name}={value}")
    }
}

impl TestSite {
    async fn open(flags: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let data_dir = folder.path().display().to_string();
        let flags =
            flags.iter().copied().chain([("data_dir", &*data_dir)]).map(|(key, value)| (key, Some(value.to_owned())));
        let config = Config::from_sources(Source::flags(flags), Source::variables([])).unwrap();
        let public_url = config.public_url(config.listen);
        let cx = wiring::open(&config, &public_url).await.unwrap();
        let cx = Cx { clock: Clock::set(cx.clock.now()), ..cx };
        if config.local {
            control::local::ensure(&cx).await.unwrap();
        }
        let router = http::router(&cx, &config, &public_url, pages(&cx, &public_url));
        Self { router, clock: cx.clock.clone(), cx, origin: public_url.origin(), _folder: folder }
    }

    /// A server with an https URL, where people sign in.
    async fn with_sign_in() -> Self {
        Self::open(&[("public_url", HOME)]).await
    }

    async fn send(&self, request: Request<Body>) -> TestResponse {
        let path = request.uri().path().to_owned();
        let response = async {
            let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
            (parts, to_bytes(body, 4 << 20).await.unwrap())
        };
        let response = tokio::time::timeout(TIMEOUT, response).await;
        let (parts, body) = response.unwrap_or_else(|_| panic!("{path} times out"));
        // Responses to scripts are postcard; the strings in them stay readable.
        TestResponse { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> TestResponse {
        self.get_as(path, "text/html,*/*;q=0.8", cookie).await
    }

    /// Requests a page with this `Accept` header.
    async fn get_as(&self, path: &str, accept: &str, cookie: &str) -> TestResponse {
        let request = Request::get(path).header("host", "localhost").header("accept", accept).header("cookie", cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(
        &self,
        path: &str,
        content_type: &str,
        accept: &str,
        cookie: &str,
        body: impl Into<Body>,
    ) -> TestResponse {
        let request = Request::post(path).header("host", "localhost").header("origin", &self.origin);
        let request = request.header("content-type", content_type).header("accept", accept).header("cookie", cookie);
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Submits a form as a browser without scripts does.
    async fn form(&self, function: &str, cookie: &str, body: &str) -> TestResponse {
        let content_type = "application/x-www-form-urlencoded";
        self.post(&format!("/ui/{function}"), content_type, "text/html,*/*;q=0.8", cookie, body.to_owned()).await
    }

    /// Calls a server function as a script does.
    async fn call(&self, function: &str, content_type: &str, cookie: &str, body: impl AsRef<[u8]>) -> TestResponse {
        let path = format!("/ui/{function}");
        self.post(&path, content_type, "application/x-postcard", cookie, body.as_ref().to_vec()).await
    }

    /// Registers a user and returns the session cookie.
    async fn register(&self, name: &str) -> String {
        let password = PASSWORD.replace(' ', "+");
        let body = format!("name={name}&email={name}%40example.org&handle=&password={password}&to=");
        let response = self.form("register", "", &body).await;
        assert_eq!((response.status, response.header("location")), (StatusCode::SEE_OTHER, "/"), "{name}");
        response.session_cookie()
    }

    /// Creates a workspace and returns the prefix of its paths.
    async fn create_workspace(&self, cookie: &str, name: &str) -> String {
        let page = self.get("/workspaces/new", cookie).await.body;
        let account = page.split("name=\"account\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let response = self.form("create-workspace", cookie, &format!("account={account}&name={name}")).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.body);
        response.header("location").strip_suffix("/first-run").unwrap().to_owned()
    }
}
