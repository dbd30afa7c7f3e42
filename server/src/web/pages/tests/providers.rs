//! The routes of sign-in by provider: where they redirect to, what they require, and what pages say when a provider does not answer.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use control::person::provider::{AttemptRequest, BrowserSecret, Confirmed, Problem, Purpose};
use control::{
    person::{ProviderAccount, provider},
    session::{Session, sessions},
};
use model::time::Span;
use std::sync::Arc;

use super::{HOME, TestResponse, TestSite};

const SEE_OTHER: StatusCode = StatusCode::SEE_OTHER;

/// A GitHub that works as far as it is only linked to, and an OpenID Connect provider that is down: nothing listens on port 1.
const SETTINGS: [(&str, &str); 7] = [
    ("providers.github.kind", "github"),
    ("providers.github.client_id", "provost"),
    ("providers.github.client_secret", "very-secret"),
    ("providers.down.kind", "oidc"),
    ("providers.down.issuer", "http://127.0.0.1:1"),
    ("providers.down.client_id", "provost"),
    ("providers.down.client_secret", "very-secret"),
];

async fn site() -> TestSite {
    let settings: Vec<_> = SETTINGS.into_iter().chain([("public_url", HOME)]).collect();
    TestSite::open(&settings).await
}

impl TestSite {
    /// Follows a link of one of the site's pages.
    async fn follow(&self, path: &str, cookie: &str) -> TestResponse {
        let request = Request::get(path).header("host", "localhost").header("accept", "text/html,*/*;q=0.8");
        let request = request.header("cookie", cookie).header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

/// The cookie that binds an attempt to the browser.
fn attempt_cookie(response: &TestResponse) -> String {
    let value = response.cookie("__Host-provost-attempt").unwrap().split(';').next().unwrap();
    format!("__Host-provost-attempt={value}")
}

/// The state in the URL of the provider.
fn state(response: &TestResponse) -> String {
    let query = response.header("location").split_once("state=").unwrap().1;
    query.split('&').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_page_links_to_each_configured_provider() {
    let site = site().await;
    for page in ["/sign-in?to=/help", "/register?to=/help"] {
        let page = site.get(page, "").await.body;
        assert!(page.contains("href=\"/auth/provider/github?to=/help\""), "{page}");
        assert!(page.contains("Continue with GitHub") && page.contains("or with email"), "{page}");
    }
    let none = TestSite::with_sign_in().await.get("/sign-in", "").await.body;
    assert!(!none.contains("Continue with") && !none.contains("or with email"), "{none}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_is_sent_with_a_cookie_that_binds_the_attempt() {
    let site = site().await;
    let sent = site.get("/auth/provider/github?to=/help", "").await;
    assert_eq!(sent.status, SEE_OTHER);
    let url = sent.header("location");
    assert!(url.starts_with("https://github.com/login/oauth/authorize?"), "{url}");
    assert!(url.contains("code_challenge_method=S256"), "{url}");
    let cookie = sent.cookie("__Host-provost-attempt").unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=600"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute}: {cookie}");
    }
    let again = site.get("/auth/provider/github", &attempt_cookie(&sent)).await;
    assert_eq!(attempt_cookie(&again), attempt_cookie(&sent), "tabs share the secret");
    assert_ne!(state(&again), state(&sent));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_callbacks_lead_to_a_page_that_says_why() {
    let site = site().await;
    let callback = |state: &str| format!("/auth/callback/github?code=c&state={state}");
    let begin = async || site.get("/auth/provider/github?to=/help", "").await;

    let (mine, other) = (begin().await, begin().await);
    let of_another = site.get(&callback(&state(&mine)), &attempt_cookie(&other)).await;
    let expected = "/sign-in?problem=browser&provider=github";
    assert_eq!((of_another.status, of_another.header("location")), (SEE_OTHER, expected));
    assert!(of_another.cookie("__Host-provost").is_none(), "no session");
    let replayed = site.get(&callback(&state(&mine)), &attempt_cookie(&mine)).await;
    assert_eq!(replayed.header("location"), "/sign-in?problem=used&provider=github");

    let denied = format!("/auth/callback/github?error=access_denied&state={}", state(&other));
    let denied = site.get(&denied, &attempt_cookie(&other)).await;
    assert_eq!(denied.header("location"), "/sign-in?to=/help&problem=denied&provider=github");
    let page = site.get(denied.header("location"), "").await.body;
    assert!(page.contains("GitHub didn’t sign you in") && page.contains("/auth/provider/github?to=/help"), "{page}");

    let late = begin().await;
    site.clock.advance(Span::from_seconds(601.0));
    let expired = site.get(&callback(&state(&late)), &attempt_cookie(&late)).await;
    assert_eq!(expired.header("location"), "/sign-in?to=/help&problem=expired&provider=github");
    for (path, problem) in [
        ("/auth/callback/github", "problem=used&provider=github"),
        ("/auth/callback/github?state=x&state=y", "problem=answer&provider=github"),
        ("/auth/callback/nobody?state=x", "problem=unknown&provider="),
        ("/auth/provider/nobody", "problem=unknown&provider="),
    ] {
        let refused = site.get(path, "").await;
        assert_eq!(refused.header("location"), format!("/sign-in?{problem}"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn provider_that_does_not_answer_leads_back_to_sign_in() {
    let site = site().await;
    let refused = site.get("/auth/provider/down?to=/help", "").await;
    let expected = "/sign-in?to=/help&problem=unreachable&provider=down";
    assert_eq!((refused.status, refused.header("location")), (SEE_OTHER, expected));
    assert!(site.get(expected, "").await.body.contains("can’t be reached"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_problem_is_a_sentence_on_the_sign_in_page() {
    let site = site().await;
    for problem in Problem::ALL {
        let page = site.get(&format!("/sign-in?problem={}&provider=github", problem.code()), "").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("role=\"alert\""), "{problem:?}: {}", page.body);
    }
    assert!(!site.get("/sign-in?problem=nonsense&provider=github", "").await.body.contains("role=\"alert\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_page_of_this_site_connects_an_account() {
    let site = site().await;
    let ann = site.register("ann").await;
    let connect = "/auth/provider/github?purpose=connect";
    assert_eq!(site.get(connect, &ann).await.header("location"), "/my/sign-in", "without Sec-Fetch-Site");
    assert_eq!(site.follow(connect, "").await.header("location"), "/sign-in?to=/my/sign-in");
    let sent = site.follow(connect, &ann).await;
    assert!(sent.header("location").starts_with("https://github.com/"), "{}", sent.header("location"));

    site.clock.advance(Span::from_seconds(601.0));
    let ask = site.follow(connect, &ann).await;
    assert_eq!(ask.header("location"), "/my/confirm?to=/my/sign-in%3Fconnect%3Dgithub");
    let page = site.get(ask.header("location"), &ann).await.body;
    assert!(page.contains("Your password") && page.contains("value=\"/my/sign-in?connect=github\""), "{page}");
    let wrong = site.form("prove-password", &ann, "password=wrong&to=/my/sign-in%3Fconnect%3Dgithub").await;
    assert_eq!(wrong.header("location"), ask.header("location"));
    let right = "password=seventeen+quiet+herons&to=/my/sign-in%3Fconnect%3Dgithub";
    let confirmed = site.form("prove-password", &ann, right).await;
    assert_eq!((confirmed.status, confirmed.header("location")), (SEE_OTHER, "/my/sign-in?connect=github"));
    let page = site.get("/my/sign-in?connect=github", &ann).await.body;
    assert!(page.contains("that’s confirmed") && page.contains("Not connected, signs in at github.com"), "{page}");
}

/// A browser whose account at GitHub is confirmed, and new here.
async fn newcomer(site: &TestSite) -> String {
    let secret = BrowserSecret::new([7; 32]);
    let destination = Some("/help".to_owned());
    let request = AttemptRequest { provider: "github".to_owned(), purpose: Purpose::SignIn, destination };
    let state = provider::begin_attempt(&site.cx, None, request, &secret, Default::default()).await.unwrap();
    let attempt = provider::take_attempt(&site.cx, "github", Some(&state), Some(&secret)).await.unwrap();
    let confirmed = Confirmed {
        account: ProviderAccount::new("https://github.com", "1").unwrap(),
        label: Some("annlee".to_owned()),
        name: Some("Ann Lee".to_owned()),
        email: None,
        email_verified: false,
    };
    let browser = Session::new(None, Arc::new(sessions(&site.cx)), None);
    let completed = provider::finish(&site.cx, &browser, &attempt, confirmed, Default::default()).await.unwrap();
    let provider::Completed::Registering { token } = completed else { panic!("{completed:?}") };
    format!("__Host-provost-attempt={}", token.to_text())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn newcomer_chooses_a_handle_without_scripts() {
    let site = site().await;
    let expired = site.get("/register/account", "").await;
    assert!(expired.status == StatusCode::OK && expired.body.contains("has expired"), "{}", expired.body);
    let secret = newcomer(&site).await;
    let page = site.get("/register/account", &secret).await.body;
    for expected in ["value=\"Ann Lee\"", "value=\"ann-lee\"", "Signed in at GitHub as annlee."] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let invalid = site.form("register-account", &secret, "name=Ann+Lee&handle=Ann%21").await;
    assert_eq!((invalid.status, invalid.header("location")), (SEE_OTHER, "/register/account"));
    let registered = site.form("register-account", &secret, "name=Ann+Lee&handle=ann").await;
    assert_eq!((registered.status, registered.header("location")), (SEE_OTHER, "/help"));
    let session = registered.session_cookie();

    let page = site.get("/my/sign-in", &session).await.body;
    for expected in ["annlee", "1 in use", "Your only sign-in method", "Set a password"] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let set = site.form("set-password", &session, "email=ann%40example.org&new=seventeen+quiet+herons").await;
    assert_eq!((set.status, set.header("location")), (SEE_OTHER, "/my/sign-in"));
    let page = site.get("/my/sign-in", &session).await.body;
    assert!(page.contains("2 in use") && page.contains("Change your password"), "{page}");
    let id = page.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let disconnected = site.form("disconnect-provider", &session, &format!("id={id}")).await;
    assert_eq!((disconnected.status, disconnected.header("location")), (SEE_OTHER, "/my/sign-in"));
    assert!(site.get("/my/sign-in", &session).await.body.contains("1 in use"));
}
