//! The page that answers a client: what its policy allows, which callbacks it refuses, and its forms without scripts.

use app::links;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};

use super::{PASSWORD, TestResponse, TestSite};

const PAGE: &str = "/auth/client?callback=http%3A//localhost%3A53187";
/// The same page in the other spelling, which the router makes of it.
const DECODED_PAGE: &str = "/auth/client?callback=http://localhost:53187";
const FORM: &str = "application/x-www-form-urlencoded";
const NO_KEYS: &str = "No keys yet";

impl TestSite {
    /// Sends a form to the page, as a browser without scripts does.
    async fn decide(&self, page: &str, cookie: &str, body: &'static str) -> TestResponse {
        self.post(page, FORM, "text/html,*/*;q=0.8", cookie, body).await
    }

    async fn has_keys(&self, cookie: &str) -> bool {
        !self.get("/my/api-keys", cookie).await.body.contains(NO_KEYS)
    }
}

fn policy(response: &TestResponse) -> &str {
    response.header("content-security-policy")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_document_of_the_page_allows_its_request() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    for (callback, origin) in [("localhost%3A53187", "localhost:53187"), ("127.0.0.1%3A1", "127.0.0.1:1")] {
        let page = site.get(&format!("/auth/client?callback=http%3A//{callback}"), &ann).await;
        assert_eq!(page.status, StatusCode::OK);
        let allowed = format!("connect-src http://{origin} 'self';");
        assert!(policy(&page).contains(&allowed), "{}", policy(&page));
        assert_eq!(policy(&page).matches("http").count(), 1, "{}", policy(&page));
        assert!(page.body.contains("Let a terminal sign in as you?"), "{}", page.body);
        assert!(page.body.contains("value=\"cli 20") && page.body.contains("ann (ann)"), "{}", page.body);
    }
    for other in ["/", "/auth/client", "/my/api-keys", "/nowhere"] {
        assert!(policy(&site.get(other, &ann).await).contains("connect-src 'self';"), "{other}");
    }
    let call = site.call("client-sign-in", FORM, &ann, "callback=http%3A%2F%2Flocalhost%3A53187").await;
    assert_eq!(call.status, StatusCode::OK);
    assert!(!policy(&call).contains("localhost"), "{}", policy(&call));
    assert!(!site.has_keys(&ann).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callback_is_kept_while_a_person_signs_in() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let sign_in = links::sign_in(Some(PAGE));
    let signed_out = site.get(PAGE, "").await;
    assert_eq!((signed_out.status, signed_out.header("location")), (StatusCode::FOUND, &*sign_in));
    assert!(!policy(&signed_out).contains("localhost"));
    let posted = site.decide(PAGE, "", "decision=approve&name=cli").await;
    assert_eq!((posted.status, posted.header("location")), (StatusCode::SEE_OTHER, &*sign_in));

    let form = site.get(&sign_in, "").await.body;
    assert!(form.contains(&format!("name=\"to\" value=\"{DECODED_PAGE}\"")), "{form}");
    let to = links::percent_encoded(PAGE);
    let body = format!("email=ann%40example.org&password={}&to={to}", PASSWORD.replace(' ', "+"));
    assert_eq!(site.form("sign-in", "", &body).await.header("location"), PAGE);
    let body = "name=bob&email=bob%40example.org&handle=&password=seventeen+quiet+herons";
    assert_eq!(site.form("register", "", &format!("{body}&to={to}")).await.header("location"), PAGE);
    assert_eq!(site.get(&sign_in, &ann).await.header("location"), DECODED_PAGE, "who is signed in already");
    assert_eq!(site.get(DECODED_PAGE, &ann).await.status, StatusCode::OK);
    assert_eq!(site.form("sign-out", &ann, &format!("to={to}")).await.header("location"), sign_in, "Not you?");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_callback_is_refused_before_a_key_is_made() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    for callback in [
        "",
        "https://localhost:53187",
        "http://localhost",
        "http://localhost:0",
        "http://localhost:53187/",
        "http://localhost:53187/success",
        "http://localhost:53187@evil.example",
        "http://localhost.evil.example:53187",
        "http://evil.example:53187",
        "http://[::1]:53187",
        "http://LOCALHOST:53187",
        "http://localhost:53187; script-src *",
        "http://localhost:53187\r\nset-cookie: a=b",
        "<script>alert(1)</script>",
        &"x".repeat(5_000),
    ] {
        let value = links::percent_encoded(callback);
        let path = format!("/auth/client?callback={value}");
        let posted = site.decide(&path, &ann, "decision=approve&name=cli").await;
        for page in [site.get(&path, &ann).await, posted] {
            assert_eq!(page.status, StatusCode::OK, "{callback}");
            assert!(page.body.contains("This link can’t be used"), "{callback}: {}", page.body);
            assert!(!page.body.contains("pnu_") && !page.body.contains("<script>alert"), "{callback}");
            assert!(policy(&page).contains("connect-src 'self';"), "{callback}: {}", policy(&page));
            assert!(page.body.len() < 50_000, "{callback}");
        }
        let call = site.call("approve-client", FORM, &ann, format!("callback={value}&name=cli")).await;
        assert_eq!(call.status, StatusCode::UNPROCESSABLE_ENTITY, "{callback}");
        assert!(!call.body.contains("pnu_"), "{callback}");
    }
    assert!(!site.has_keys(&ann).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approved_key_is_only_in_the_answer() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let script = site.call("approve-client", FORM, &ann, "callback=http%3A%2F%2Flocalhost%3A1&name=script").await;
    let plain = site.decide(PAGE, &ann, "decision=approve&name=plain").await;
    assert!(plain.body.contains("prefect cloud login --key pnu_"), "{}", plain.body);
    for response in [script, plain] {
        assert_eq!(response.status, StatusCode::OK, "{}", response.body);
        assert!(response.body.contains("pnu_"), "{}", response.body);
        assert_eq!(response.header("cache-control"), "no-store, no-transform");
        assert!(response.cookie("provost-form").is_none());
    }
    let keys = site.get("/my/api-keys", &ann).await.body;
    assert!(keys.contains("script") && keys.contains("plain") && !keys.contains("pnu_"), "{keys}");
    let page = site.get(PAGE, &ann).await;
    assert!(!page.body.contains("pnu_"));
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_approval_of_this_site_makes_a_key() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let denied = site.decide(PAGE, &ann, "decision=deny").await;
    assert_eq!(denied.status, StatusCode::OK);
    assert!(denied.body.contains("No key was created."), "{}", denied.body);
    assert_eq!(site.decide(PAGE, &ann, "name=cli").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let nameless = site.decide(PAGE, &ann, "decision=approve&name=+").await;
    assert_eq!((nameless.status, nameless.header("location")), (StatusCode::SEE_OTHER, PAGE));
    let flash = nameless.cookie("provost-form").unwrap().split(';').next().unwrap();
    let page = site.get(PAGE, &format!("{ann}; provost-form={flash}")).await;
    assert!(page.body.contains("aria-invalid=\"true\""), "{}", page.body);

    let call = site.form("approve-client", &ann, "callback=http%3A%2F%2Flocalhost%3A53187&name=cli").await;
    assert_eq!((call.status, call.header("location")), (StatusCode::SEE_OTHER, PAGE));
    let foreign = Request::post(PAGE).header("host", "localhost").header("origin", "https://evil.example");
    let foreign = foreign.header("content-type", FORM).header("accept", "text/html").header("cookie", &ann);
    let foreign = site.send(foreign.body(Body::from("decision=approve&name=cli")).unwrap()).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let json = site.post(PAGE, "application/json", "text/html", &ann, "{}").await;
    assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let long = "decision=approve&name=".to_owned() + &"x".repeat(9_000);
    assert_eq!(site.post(PAGE, FORM, "text/html", &ann, long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(!site.has_keys(&ann).await);
}
