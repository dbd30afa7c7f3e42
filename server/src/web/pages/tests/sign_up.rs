//! The register page under each rule of who may register, and by the first person's link.

use axum::http::StatusCode;
use control::person;

use super::{HOME, TestSite};

const FORM: &str = "name=Ann&email=ann%40example.org&password=seventeen+quiet+herons";

async fn open(settings: &[(&str, &str)]) -> TestSite {
    TestSite::open(&[&[("public_url", HOME)], settings].concat()).await
}

/// Sends the form without scripts and returns the page to which the browser is then redirected.
async fn send(site: &TestSite, form: &str) -> (String, String) {
    let response = site.form("register", "", form).await;
    assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.body);
    let page = response.header("location").to_owned();
    let flash = response.cookie("provost-form").and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
    let body = site.get(&page, &format!("provost-form={flash}")).await.body;
    (page, body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_registration_has_a_notice_and_no_form() {
    let site = open(&[("sign_up", "closed")]).await;
    let page = site.get("/register", "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Only an administrator creates accounts on this server."), "{}", page.body);
    assert!(!page.body.contains("<form") && page.body.contains("href=\"/sign-in\""), "{}", page.body);
    assert!(!site.get("/sign-in", "").await.body.contains("Create an account"));
    let response = site.form("register", "", FORM).await;
    assert!(response.cookie("__Host-provost").is_none());
    assert_eq!(response.header("location"), "/register");

    let open = open(&[]).await;
    assert!(open.get("/sign-in", "").await.body.contains("Create an account"));
    assert!(open.get("/register", "").await.body.contains("<form"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn domains_are_named_at_the_field() {
    let site = open(&[("sign_up", "domains"), ("sign_up_domains", "example.com,example.net")]).await;
    assert!(site.get("/register", "").await.body.contains("Use an address of example.com, example.net."));
    let (page, body) = send(&site, FORM).await;
    assert_eq!(page, "/register");
    assert!(body.contains("aria-invalid=\"true\""), "{body}");
    assert!(body.contains("Use an email address of example.com or example.net."), "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_persons_link_works_once() {
    let site = open(&[("sign_up", "closed")]).await;
    let token = person::issue_setup_token(&site.cx).await.unwrap().unwrap();
    let link = format!("/register?setup={}", token.reveal());
    let page = site.get(&link, "").await.body;
    assert!(page.contains("This is the first account.") && page.contains(&format!("value=\"{}\"", token.reveal())));

    let (wrong, body) = send(&site, &format!("{FORM}&setup={}", "0".repeat(64))).await;
    assert_eq!(wrong, format!("/register?setup={}", "0".repeat(64)));
    assert!(body.contains("This setup link is no longer valid."), "{body}");

    let form = format!("{FORM}&setup={}", token.reveal());
    let response = site.form("register", "", &form).await;
    assert_eq!((response.status, response.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(site.get("/server/services", &response.session_cookie()).await.status, StatusCode::OK);

    let (again, body) = send(&site, &form.replace("ann", "bob")).await;
    assert_eq!(again, link);
    assert!(body.contains("This setup link is no longer valid."), "{body}");
}
