//! Who gets in at all, through everything that is served.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
    routing::get,
};
use control::{
    Cx,
    access::{self, Origin},
    api_key::{self, NewKey},
    person::{self, Password, Registration},
    workspace::{self, NewWorkspace},
};
use server::{
    config::{Config, Given, PublicUrl},
    http,
    web::pages::pages,
    wiring,
};
use tempfile::TempDir;
use tower::ServiceExt as _;

const ID: &str = "0196f5a0-0000-7000-8000-000000000001";
const EVIL: &str = "https://evil.example";
const HERE: (&str, &str) = ("host", "localhost:4200");

struct Server {
    config: Config,
    public_url: PublicUrl,
    cx: Cx,
    _folder: TempDir,
}

impl Server {
    async fn open(flags: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let data_dir = folder.path().display().to_string();
        let flags = flags.iter().copied().chain([("data_dir", &*data_dir)]);
        let flags = Given::flags(flags.map(|(key, value)| (key, Some(value.to_owned()))));
        let config = Config::from_sources(flags, Given::variables([]), None).unwrap();
        let public_url = config.public_url(config.listen);
        let cx = wiring::open(&config, &public_url).await.unwrap();
        if config.local {
            control::local::ensure(&cx).await.unwrap();
        }
        Self { config, public_url, cx, _folder: folder }
    }

    fn router(&self) -> Router {
        self.with(pages(&self.cx, &self.public_url))
    }

    fn with(&self, pages: Router) -> Router {
        http::router(&self.cx, &self.config, &self.public_url, pages)
    }
}

/// The status, and the body as text.
async fn ask(router: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (StatusCode, String) {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = router.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (status, body) = (answer.status(), to_bytes(answer.into_body(), 4 << 20).await.unwrap());
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Every route of the API, a page, a server function, and the live socket.
fn doors() -> Vec<(&'static str, String)> {
    let routes = api::routes::all();
    let path = |path: &str| format!("/api{}", path.replace("{id}", ID).replace("{name}", "x"));
    let routes = routes.iter().map(|route| (route.method.as_str(), path(route.path)));
    let others = [("GET", "/"), ("POST", "/ui/workspaces"), ("GET", model::live::PATH)];
    routes.chain(others.map(|(method, path)| (method, path.to_owned()))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_local_mode_no_page_elsewhere_gets_in_through_any_door() {
    let router = Server::open(&[("local", "true")]).await.router();
    let doors = doors();
    assert!(doors.len() > 40, "{doors:?}");
    for (method, path) in doors {
        for headers in [
            &[("host", "evil.example:4200")][..],
            &[("host", "evil.example:4200"), ("origin", "http://evil.example:4200")],
            &[("host", "192.0.2.1:4200")],
            &[],
            &[HERE, ("origin", EVIL)],
            &[HERE, ("origin", "null")],
        ] {
            let (status, body) = ask(&router, method, &path, headers, "").await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} {headers:?}");
            if path.starts_with("/api") {
                let body: serde_json::Value = serde_json::from_str(&body).unwrap();
                assert!(body["detail"].as_str().is_some_and(|detail| detail.contains("local mode")), "{path}: {body}");
            }
        }
        let (status, _) = ask(&router, method, &path, &[HERE], "").await;
        assert_ne!(status, StatusCode::FORBIDDEN, "{method} {path} is not forbidden as such");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_any_address_local_mode_is_reached_by_address_and_by_the_name_it_was_given() {
    let flags = [("local", "true"), ("local_on_any_address", "true"), ("listen", "0.0.0.0:4200")];
    let unnamed = Server::open(&flags).await.router();
    let named = [&flags[..], &[("public_url", "http://machine.example:4200")]].concat();
    let named = Server::open(&named).await.router();
    let at =
        async |router: &Router, host: &str| ask(router, "GET", "/api/me/workspaces", &[("host", host)], "").await.0;
    for router in [&unnamed, &named] {
        for host in ["192.0.2.1:4200", "[2001:db8::1]:4200", "localhost:4200"] {
            assert_eq!(at(router, host).await, StatusCode::OK, "{host}");
        }
        assert_eq!(at(router, "evil.example:4200").await, StatusCode::FORBIDDEN);
    }
    assert_eq!(at(&named, "machine.example:4200").await, StatusCode::OK);
    assert_eq!(at(&unnamed, "machine.example:4200").await, StatusCode::FORBIDDEN);
}

/// The key of somebody who has one workspace.
async fn key(cx: &Cx) -> String {
    let password = Password::typed("seventeen quiet herons");
    let (name, email) = ("Ada".to_owned(), "ada@example.org".to_owned());
    let registration = Registration { name, email, handle: Some("ada".to_owned()), password };
    let registered = person::register(cx, registration, Origin::default()).await.unwrap();
    let caller = access::by_shell(cx, &"ada".parse().unwrap()).await.unwrap();
    let (name, description) = ("Data".to_owned(), String::new());
    let new = NewWorkspace { account: registered.account.id, name, description, handle: None };
    workspace::create(cx, caller, new, Origin::default()).await.unwrap();
    let new = NewKey { name: "laptop".to_owned(), expires: None };
    api_key::create(cx, caller, new, Origin::default()).await.unwrap().secret.reveal().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_that_a_proxy_gives_a_client_do_not_keep_its_key_out() {
    let server = Server::open(&[("public_url", "https://provost.example.org")]).await;
    let (router, key) = (server.router(), format!("Bearer {}", key(&server.cx).await));
    for cookie in ["AWSALB=abc", "AWSALB=abc; __Host-provost=AAAAAAAAAAAAAAAAAAAAAA"] {
        let headers = [("host", "provost.example.org"), ("authorization", &*key), ("cookie", cookie)];
        let (status, body) = ask(&router, "POST", "/api/flows/filter", &headers, "{}").await;
        assert_eq!((status, &*body), (StatusCode::OK, "[]"), "{cookie}");
    }
    let (status, _) = ask(&router, "POST", "/api/flows/filter", &[("cookie", "AWSALB=abc")], "{}").await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_panics_is_a_page_all_the_same() {
    let server = Server::open(&[]).await;
    let broken = async || -> &'static str { panic!("a secret of the inside") };
    let router = server.with(Router::new().route("/broken", get(broken)));
    let request = Request::get("/broken").body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(answer.headers().contains_key("x-request-id"));
    let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
    let body = std::str::from_utf8(&body).unwrap();
    assert!(
        body.contains("<h1>Something went wrong") && body.contains("href=\"/\"") && !body.contains("secret"),
        "{body}"
    );
}
