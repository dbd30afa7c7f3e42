//! Access to every route of the server: origins, hosts and cookies.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
    routing::get,
};
use control::{
    Cx,
    access::{self, ClientInfo},
    api_key::{self, NewKey},
    person::{self, Password, Registration},
    workspace::{self, NewWorkspace},
};
use server::{
    config::{Config, PublicUrl, Source},
    http,
    web::pages::pages,
    wiring,
};
use store::{
    Db,
    db::{Limits, Location},
};
use tempfile::TempDir;
use tower::ServiceExt as _;

const ID: &str = "0196f5a0-0000-7000-8000-000000000001";
const HOME: &str = "https://provost.example.org";
const EVIL: &str = "https://evil.example";
const LOCAL_HOST: (&str, &str) = ("host", "localhost:4200");

struct Server {
    config: Config,
    public_url: PublicUrl,
    cx: Cx,
    folder: TempDir,
}

impl Server {
    async fn open(flags: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let data_dir = folder.path().display().to_string();
        let flags = flags.iter().copied().chain([("data_dir", &*data_dir)]);
        let flags = Source::flags(flags.map(|(key, value)| (key, Some(value.to_owned()))));
        let config = Config::from_sources(flags, Source::variables([])).unwrap();
        let public_url = config.public_url(config.listen);
        let cx = wiring::open(&config, &public_url).await.unwrap();
        if config.local {
            control::local::ensure(&cx).await.unwrap();
        }
        Self { config, public_url, cx, folder }
    }

    fn router(&self) -> Router {
        self.with(pages(&self.cx, &self.public_url))
    }

    fn with(&self, pages: Router) -> Router {
        http::router(&self.cx, &self.config, &self.public_url, pages)
    }
}

/// Sends a request and returns the status and the body as text.
async fn send(router: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (StatusCode, String) {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (status, body) = (response.status(), to_bytes(response.into_body(), 4 << 20).await.unwrap());
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Every route of the API, a page, a server function, and the live socket.
fn routes() -> Vec<(&'static str, String)> {
    let api_routes = api::routes::all();
    let path = |path: &str| format!("/api{}", path.replace("{id}", ID).replace("{name}", "x"));
    let api_routes = api_routes.iter().map(|route| (route.method.as_str(), path(route.path)));
    let others = [("GET", "/"), ("POST", "/ui/workspaces"), ("GET", model::live::PATH)];
    api_routes.chain(others.map(|(method, path)| (method, path.to_owned()))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn local_mode_rejects_other_sites_on_every_route() {
    let router = Server::open(&[("local", "true")]).await.router();
    let routes = routes();
    assert!(routes.len() > 40, "{routes:?}");
    for (method, path) in routes {
        for headers in [
            &[("host", "evil.example:4200")][..],
            &[("host", "evil.example:4200"), ("origin", "http://evil.example:4200")],
            &[("host", "192.0.2.1:4200")],
            &[],
            &[LOCAL_HOST, ("origin", EVIL)],
            &[LOCAL_HOST, ("origin", "null")],
        ] {
            let (status, body) = send(&router, method, &path, headers, "").await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} {headers:?}");
            if path.starts_with("/api") {
                let body: serde_json::Value = serde_json::from_str(&body).unwrap();
                assert!(body["detail"].as_str().is_some_and(|detail| detail.contains("local mode")), "{path}: {body}");
            }
        }
        let (status, _) = send(&router, method, &path, &[LOCAL_HOST], "").await;
        assert_ne!(status, StatusCode::FORBIDDEN, "{method} {path} is allowed from its own host");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_any_address_accepts_ip_addresses_and_the_public_name() {
    let flags = [("local", "true"), ("local_on_any_address", "true"), ("listen", "0.0.0.0:4200")];
    let unnamed = Server::open(&flags).await.router();
    let named = [&flags[..], &[("public_url", "http://machine.example:4200")]].concat();
    let named = Server::open(&named).await.router();
    let status =
        async |router: &Router, host: &str| send(router, "GET", "/api/me/workspaces", &[("host", host)], "").await.0;
    for router in [&unnamed, &named] {
        for host in ["192.0.2.1:4200", "[2001:db8::1]:4200", "localhost:4200"] {
            assert_eq!(status(router, host).await, StatusCode::OK, "{host}");
        }
        assert_eq!(status(router, "evil.example:4200").await, StatusCode::FORBIDDEN);
    }
    assert_eq!(status(&named, "machine.example:4200").await, StatusCode::OK);
    assert_eq!(status(&unnamed, "machine.example:4200").await, StatusCode::FORBIDDEN);
}

/// Creates a user with one workspace and returns an API key.
async fn create_key(cx: &Cx) -> String {
    let password = Password::typed("seventeen quiet herons");
    let (name, email) = ("Ada".to_owned(), "ada@example.org".to_owned());
    let registration = Registration { name, email, handle: Some("ada".to_owned()), password };
    let registered = person::register(cx, None, registration, ClientInfo::default()).await.unwrap();
    let caller = access::authenticate_shell(cx, &"ada".parse().unwrap()).await.unwrap();
    let (name, description) = ("Data".to_owned(), String::new());
    let account = access::authorize_account(cx, caller, registered.account.id).await.unwrap();
    let new = NewWorkspace { name, description, handle: None };
    workspace::create(cx, account, new, ClientInfo::default()).await.unwrap();
    let new = NewKey { name: "laptop".to_owned(), expires: None };
    api_key::create(cx, caller, new, ClientInfo::default()).await.unwrap().secret.reveal().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_of_a_proxy_do_not_block_an_api_key() {
    let server = Server::open(&[("public_url", HOME)]).await;
    let (router, key) = (server.router(), format!("Bearer {}", create_key(&server.cx).await));
    for cookie in ["AWSALB=abc", "AWSALB=abc; __Host-provost=AAAAAAAAAAAAAAAAAAAAAA"] {
        let headers = [("host", "provost.example.org"), ("authorization", &*key), ("cookie", cookie)];
        let (status, body) = send(&router, "POST", "/api/flows/filter", &headers, "{}").await;
        assert_eq!((status, &*body), (StatusCode::OK, "[]"), "{cookie}");
    }
    let (status, _) = send(&router, "POST", "/api/flows/filter", &[("cookie", "AWSALB=abc")], "{}").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

/// The status of a sign-in form's response, and whether it sets a session cookie.
async fn sign_in(router: &Router, accept: &str) -> (StatusCode, bool) {
    let request =
        Request::post("/ui/sign-in").header("host", "localhost").header("origin", HOME).header("accept", accept);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let form = "email=ada%40example.org&password=seventeen+quiet+herons";
    let response = router.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
    let mut cookies = response.headers().get_all("set-cookie").iter();
    (response.status(), cookies.any(|cookie| cookie.to_str().unwrap().starts_with("__Host-provost=")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_whose_write_fails_sets_no_session_cookie() {
    let mut server = Server::open(&[("public_url", HOME)]).await;
    create_key(&server.cx).await;
    let (form, script) = ("text/html", "application/x-postcard");
    assert_eq!(sign_in(&server.router(), form).await, (StatusCode::SEE_OTHER, true));
    assert_eq!(sign_in(&server.router(), script).await, (StatusCode::OK, true));

    let file = Location::File(server.folder.path().join("provost.db"));
    let limits = Limits { sqlite_write: Duration::ZERO, ..Limits::default() };
    server.cx.db = Db::open(&file, limits).await.unwrap();
    assert_eq!(sign_in(&server.router(), form).await, (StatusCode::SEE_OTHER, false));
    assert_eq!(sign_in(&server.router(), script).await, (StatusCode::TOO_MANY_REQUESTS, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panicking_page_returns_an_error_page() {
    let server = Server::open(&[]).await;
    let broken = async || -> &'static str { panic!("an internal secret") };
    let router = server.with(Router::new().route("/broken", get(broken)));
    let request = Request::get("/broken").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(response.headers().contains_key("x-request-id"));
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    let body = std::str::from_utf8(&body).unwrap();
    assert!(
        body.contains("<h1>Something went wrong") && body.contains("href=\"/\"") && !body.contains("secret"),
        "{body}"
    );
}
