//! The pages through the whole router, as a browser without scripts uses them.

mod access;
mod forms;

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
    config::{Config, Given},
    http, wiring,
};

const PASSWORD: &str = "seventeen quiet herons";
/// Far more than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);
const HOME: &str = "https://provost.example.org";

/// A server with nothing in it.
struct Site {
    router: Router,
    /// It stands until it is moved.
    clock: Clock,
    origin: String,
    _folder: TempDir,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The cookie that it sets under this name: value and attributes.
    fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        cookies.filter_map(|cookie| cookie.split_once('=')).find(|(known, _)| *known == name).map(|(_, rest)| rest)
    }

    /// As the browser sends it from then on.
    fn session(&self) -> String {
        let name = if self.cookie("provost").is_some() { "provost" } else { "__Host-provost" };
        let value = self.cookie(name).unwrap().split(';').next().unwrap();
        format!("{name}={value}")
    }
}

impl Site {
    async fn open(flags: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let data_dir = folder.path().display().to_string();
        let flags =
            flags.iter().copied().chain([("data_dir", &*data_dir)]).map(|(key, value)| (key, Some(value.to_owned())));
        let config = Config::from_sources(Given::flags(flags), Given::variables([]), None).unwrap();
        let public_url = config.public_url(config.listen);
        let cx = wiring::open(&config, &public_url).await.unwrap();
        let cx = Cx { clock: Clock::set(cx.clock.now()), ..cx };
        if config.local {
            control::local::ensure(&cx).await.unwrap();
        }
        let router = http::router(&cx, &config, &public_url, pages(&cx, &public_url));
        Self { router, clock: cx.clock, origin: public_url.origin(), _folder: folder }
    }

    /// At an address with https, where people sign in.
    async fn with_sign_in() -> Self {
        Self::open(&[("public_url", HOME)]).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let path = request.uri().path().to_owned();
        let answer = async {
            let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
            (parts, to_bytes(body, 4 << 20).await.unwrap())
        };
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        let (parts, body) = answer.unwrap_or_else(|_| panic!("{path} is never answered"));
        // What is answered to scripts is packed: the texts in it can be read.
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(path, "text/html,*/*;q=0.8", cookie).await
    }

    /// Gets a page as something that accepts `accept`.
    async fn ask(&self, path: &str, accept: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header("host", "localhost").header("accept", accept).header("cookie", cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, kind: &str, accept: &str, cookie: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header("host", "localhost").header("origin", &self.origin);
        let request = request.header("content-type", kind).header("accept", accept).header("cookie", cookie);
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends a plain form.
    async fn form(&self, function: &str, cookie: &str, body: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.post(&format!("/ui/{function}"), kind, "text/html,*/*;q=0.8", cookie, body.to_owned()).await
    }

    /// Calls a server function as a script does.
    async fn call(&self, function: &str, kind: &str, cookie: &str, body: impl AsRef<[u8]>) -> Answer {
        self.post(&format!("/ui/{function}"), kind, "application/x-postcard", cookie, body.as_ref().to_vec()).await
    }

    /// Somebody who has registered, and their cookie.
    async fn register(&self, name: &str) -> String {
        let password = PASSWORD.replace(' ', "+");
        let body = format!("name={name}&email={name}%40example.org&handle=&password={password}&to=");
        let answer = self.form("register", "", &body).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/workspaces/new"), "{name}");
        answer.session()
    }

    /// A workspace of theirs: the beginning of its addresses.
    async fn workspace(&self, cookie: &str, name: &str) -> String {
        let page = self.get("/workspaces/new", cookie).await.body;
        let account = page.split("name=\"account\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let answer = self.form("create-workspace", cookie, &format!("account={account}&name={name}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.header("location").strip_suffix("/first-run").unwrap().to_owned()
    }
}
