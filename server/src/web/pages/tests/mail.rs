//! The pages of links in mails, without scripts.

use std::fs;

use axum::http::StatusCode;
use control::mail;

use super::{HOME, PASSWORD, TestResponse, TestSite};

const SEE_OTHER: StatusCode = StatusCode::SEE_OTHER;
/// A mail server that is never called.
const MAIL_SERVER: [(&str, &str); 4] =
    [("public_url", HOME), ("smtp_host", "127.0.0.1"), ("smtp_port", "9"), ("smtp_security", "none")];

/// The path of the link in the only mail of a kind. The mails that are due are written to the outbox folder first.
async fn link(site: &TestSite, kind: &str) -> String {
    while mail::send_due(&site.cx, 100).await.unwrap().more {}
    let mut links = Vec::new();
    for file in fs::read_dir(site.folder.path().join("outbox")).unwrap() {
        let path = file.unwrap().path();
        if path.to_string_lossy().contains(kind) {
            let text = fs::read_to_string(path).unwrap();
            links.extend(text.lines().filter_map(|line| line.strip_prefix(HOME)).map(str::to_owned));
        }
    }
    let [link] = links.as_slice() else { panic!("{kind}: {links:?}") };
    link.clone()
}

fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

/// The page to which a form redirects, with the cookie that carries its result.
async fn next_page(site: &TestSite, response: &TestResponse) -> String {
    let flash = response.cookie("provost-form").map(|flash| flash.split(';').next().unwrap().to_owned());
    let cookie = flash.map(|flash| format!("provost-form={flash}")).unwrap_or_default();
    site.get(response.header("location"), &cookie).await.body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_a_link_does_not_use_it_up() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let link = link(&site, "verify-address").await;
    for cookie in ["", &*ann, ""] {
        let page = site.get(&link, cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Verify address") && page.body.contains(token(&link)), "{}", page.body);
    }
    let form = format!("token={}", token(&link));
    let verified = site.form("verify-email", "", &form).await;
    assert_eq!((verified.status, verified.header("location")), (SEE_OTHER, "/sign-in?notice=verified"));
    assert!(next_page(&site, &verified).await.contains("Your email address is verified."));
    let again = site.form("verify-email", "", &form).await;
    assert_eq!((again.status, again.header("location")), (SEE_OTHER, &*link));
    assert!(next_page(&site, &again).await.contains("This link has expired or was already used."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_is_reset_without_scripts() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let mut answers = Vec::new();
    for email in ["ann%40example.org", "zoe%40example.org"] {
        let asked = site.form("request-password-reset", "", &format!("email={email}")).await;
        assert_eq!((asked.status, asked.header("location")), (SEE_OTHER, "/forgot-password"));
        answers.push(next_page(&site, &asked).await.contains("If that address has an account"));
    }
    assert_eq!(answers, [true, true]);
    let link = link(&site, "reset-password").await;
    assert!(site.get(&link, "").await.body.contains("name=\"new\""));
    let short = site.form("reset-password", "", &format!("token={}&new=short", token(&link))).await;
    assert_eq!((short.status, short.header("location")), (SEE_OTHER, &*link));
    assert!(!short.cookie("provost-form").unwrap().contains(token(&link)));
    let reset = site.form("reset-password", "", &format!("token={}&new=violet+otter+lamp", token(&link))).await;
    assert_eq!((reset.status, reset.header("location")), (SEE_OTHER, "/sign-in?notice=password-reset"));
    assert!(next_page(&site, &reset).await.contains("Your password was changed."));
    assert_eq!(site.get("/", &ann).await.status, StatusCode::FOUND, "all sessions have ended");
    let signed_in = site.form("sign-in", "", "email=ann%40example.org&password=violet+otter+lamp&to=").await;
    assert_eq!(signed_in.header("location"), "/");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registering_answers_the_same_for_every_address() {
    let site = TestSite::open(&MAIL_SERVER).await;
    let password = PASSWORD.replace(' ', "+");
    for handle in ["ann", "second"] {
        let form = format!("name=Ann&email=ann%40example.org&handle={handle}&password={password}&to=%2Fhelp");
        let response = site.form("register", "", &form).await;
        assert_eq!((response.status, response.header("location")), (SEE_OTHER, "/verify-email?to=/help"), "{handle}");
        assert_eq!(response.cookie("__Host-provost"), None, "{handle}");
        assert!(next_page(&site, &response).await.contains("Check your inbox"), "{handle}");
    }
    let signed_in = site.form("sign-in", "", &format!("email=ann%40example.org&password={password}&to=")).await;
    let page = site.get("/", &signed_in.session_cookie()).await.body;
    assert!(page.contains("Verify your email address."), "a banner asks: {page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_domains_unverified_people_see_one_page() {
    let flags = [("public_url", HOME), ("sign_up", "domains"), ("sign_up_domains", "example.org")];
    let site = TestSite::open(&flags).await;
    let ann = site.register("ann").await;
    for path in ["/", "/my/profile", "/my/sign-in", "/my/api-keys", "/workspaces/new"] {
        let page = site.get(path, &ann).await;
        assert_eq!((page.status, page.header("location")), (StatusCode::FOUND, "/verify-email"), "{path}");
    }
    let page = site.get("/verify-email", &ann).await.body;
    for text in ["ann@example.org", "Ask your administrator for the link.", "Send it again", "Sign out"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let form = site.form("create-api-key", &ann, "name=laptop&expires=30").await;
    assert_eq!((form.status, form.header("location")), (SEE_OTHER, "/verify-email"));
    let script = site.call("create-api-key", "application/x-www-form-urlencoded", &ann, "name=laptop&expires=30").await;
    assert_eq!(script.status, StatusCode::FORBIDDEN);
    let link = link(&site, "verify-address").await;
    let verified = site.form("verify-email", &ann, &format!("token={}", token(&link))).await;
    assert_eq!((verified.status, verified.header("location")), (SEE_OTHER, "/"));
    assert_eq!(site.get("/", &ann).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_changed_without_scripts() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let asked = site.form("change-email", &ann, "email=ann%40example.net").await;
    assert_eq!((asked.status, asked.header("location")), (SEE_OTHER, "/my/profile"));
    let link = link(&site, "confirm-address").await;
    assert!(site.get("/my/profile", &ann).await.body.contains("ann@example.org"));
    site.form("verify-email", &ann, &format!("token={}", token(&link))).await;
    let page = site.get("/my/profile", &ann).await.body;
    assert!(page.contains("ann@example.net") && page.contains("Verified"), "{page}");
}
