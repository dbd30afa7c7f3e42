//! The pages of a person's settings without scripts: profile, appearance, sessions, deleting the account.

use axum::http::StatusCode;
use model::time::{Civil, Span};

use super::{PASSWORD, TestSite};

const SEE_OTHER: StatusCode = StatusCode::SEE_OTHER;

async fn sign_in(site: &TestSite, cookies: &str) -> String {
    let form = format!("email=ann%40example.org&password={}&to=", PASSWORD.replace(' ', "+"));
    site.form("sign-in", cookies, &form).await.session_cookie()
}

/// The opening tag of the document.
async fn html(site: &TestSite, path: &str, cookies: &str) -> String {
    let page = site.get(path, cookies).await.body;
    page.split('>').find(|tag| tag.trim_start().starts_with("<html")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_handle_are_changed_without_scripts() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let rejected = site.form("edit-profile", &ann, "first_name=&last_name=Lee&handle=A%21").await;
    assert_eq!((rejected.status, rejected.header("location")), (SEE_OTHER, "/my/profile"));
    let flash = rejected.cookie("provost-form").unwrap().split(';').next().unwrap().to_owned();
    let page = site.get("/my/profile", &format!("{ann}; provost-form={flash}")).await.body;
    for expected in ["be empty", "letters a to z", "value=\"Lee\"", "value=\"A!\""] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let saved = site.form("edit-profile", &ann, "first_name=Ann&last_name=Lee&handle=anna").await;
    assert_eq!((saved.status, saved.header("location")), (SEE_OTHER, "/my/profile"));
    let page = site.get("/my/profile", &ann).await.body;
    for expected in ["value=\"Ann\"", "value=\"Lee\"", "value=\"anna\"", "ann is kept for you until"] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appearance_is_set_from_the_first_byte_on_every_page() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    assert!(html(&site, "/", &format!("{ann}; provost-theme=dark")).await.contains("data-theme=\"dark\""));
    let saved = site.form("set-appearance", &ann, "theme=light&palette=clear&density=compact&zone=").await;
    assert_eq!((saved.status, saved.header("location")), (SEE_OTHER, "/my/profile"));
    for path in ["/", "/my/profile", "/help", "/nowhere", &format!("{workspace}/runs")] {
        // The person's choice precedes that of the browser.
        let tag = html(&site, path, &format!("{ann}; provost-theme=dark")).await;
        for attribute in ["data-theme=\"light\"", "data-palette=\"clear\"", "data-density=\"compact\""] {
            assert!(tag.contains(attribute), "{path}: {tag}");
        }
    }
    let other = sign_in(&site, "").await;
    assert!(html(&site, "/", &other).await.contains("data-palette=\"clear\""), "in every browser");
    let page = site.get("/", &format!("{other}; provost-theme=dark")).await;
    assert!(page.cookie("provost-theme").is_some_and(|cookie| cookie.starts_with("light; ")), "after signing out too");
    assert_eq!(site.get("/", &format!("{other}; provost-theme=light")).await.cookie("provost-theme"), None);

    assert_eq!(
        site.call("set-theme", "application/x-www-form-urlencoded", &ann, "theme=system").await.status,
        StatusCode::OK
    );
    let tag = html(&site, "/", &format!("{ann}; provost-theme=dark")).await;
    assert!(!tag.contains("data-theme") && tag.contains("data-palette=\"clear\""), "{tag}");
    let unchanged = site.form("set-appearance", &ann, "theme=plaid&palette=clear&density=compact&zone=").await;
    assert_eq!(unchanged.header("location"), "/my/profile");
    assert!(!html(&site, "/", &ann).await.contains("plaid"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_are_in_the_zone_that_the_person_has_chosen() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    site.call("create-api-key", "application/x-www-form-urlencoded", &ann, "name=laptop&expires=30").await;
    site.form("set-appearance", &ann, "theme=system&palette=standard&density=comfortable&zone=Asia%2FKolkata").await;
    let Civil { hour, minute, second, .. } = site.clock.now().plus_seconds(330.0 * 60.0).civil();
    let time = format!(", {hour:02}:{minute:02}:{second:02}\"");
    for cookies in [ann.clone(), format!("{ann}; provost-zone=Europe/Berlin~0.60"), sign_in(&site, "").await] {
        let keys = site.get("/my/api-keys", &cookies).await.body;
        assert!(keys.contains(&time), "{cookies}: {keys}");
        let runs = site.get(&format!("{workspace}/runs"), &cookies).await.body;
        assert!(runs.contains("Times are in Asia/Kolkata."), "{cookies}: {runs}");
    }
    site.form("set-appearance", &ann, "theme=system&palette=standard&density=comfortable&zone=").await;
    let runs = site.get(&format!("{workspace}/runs"), &format!("{ann}; provost-zone=Europe/Berlin~0.60")).await.body;
    assert!(runs.contains("Times are in Europe/Berlin."), "{runs}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_ended_without_scripts() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let (second, third) = (sign_in(&site, "").await, sign_in(&site, "").await);
    let page = site.get("/my/sessions", &ann).await.body;
    assert!(page.contains("End 2 other sessions") && page.contains("This browser, with password"), "{page}");
    assert!(page.contains("used for 14 days"), "{page}");
    let id = page.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let ended = site.form("end-session", &ann, &format!("id={id}")).await;
    assert_eq!((ended.status, ended.header("location")), (SEE_OTHER, "/my/sessions"));
    let is_valid = async |cookie: &str| site.get("/my/sessions", cookie).await.status == StatusCode::OK;
    assert!(is_valid(&second).await != is_valid(&third).await, "one of them has ended");
    site.form("end-other-sessions", &ann, "").await;
    assert!(is_valid(&ann).await && !is_valid(&second).await && !is_valid(&third).await);
    assert!(!site.get("/my/sessions", &ann).await.body.contains("other session"), "nothing is left to end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn account_is_deleted_without_scripts() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    let page = site.get("/my/profile", &ann).await.body;
    assert!(page.contains("Type ann to confirm"), "{page}");
    let rejected = site.form("delete-account", &ann, "confirmation=bob").await;
    assert_eq!((rejected.status, rejected.header("location")), (SEE_OTHER, "/my/profile"));
    site.clock.advance(Span::from_seconds(601.0));
    let asked = site.form("delete-account", &ann, "confirmation=ann").await;
    assert!(asked.header("location").starts_with("/my/confirm"), "{}", asked.header("location"));
    assert_eq!(site.get("/my/profile", &ann).await.status, StatusCode::OK);
    let ann = sign_in(&site, "").await;
    let deleted = site.form("delete-account", &ann, "confirmation=ann").await;
    assert_eq!((deleted.status, deleted.header("location")), (SEE_OTHER, "/sign-in"));
    for path in ["/", "/my/profile", &format!("{workspace}/runs")] {
        assert!(site.get(path, &ann).await.header("location").starts_with("/sign-in"), "{path}");
    }
}
