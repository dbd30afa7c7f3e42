//! Forms without scripts: what is done, what is refused, and what a browser is left with.

use axum::http::StatusCode;

use super::{Answer, PASSWORD, Site};

const SEE_OTHER: StatusCode = StatusCode::SEE_OTHER;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_registers_is_signed_in_under_a_guarded_cookie() {
    let site = Site::with_sign_in().await;
    let body = "name=Ann&email=ann%40example.org&password=seventeen+quiet+herons";
    let answer = site.form("register", "", body).await;
    let cookie = answer.cookie("__Host-provost").unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=7776000"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert_eq!(site.get("/", &answer.session()).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_plain_http_the_cookie_has_a_plain_name() {
    let site = Site::open(&[("public_url", "http://localhost:4200")]).await;
    let body = "name=Ann&email=ann%40example.org&password=seventeen+quiet+herons";
    let answer = site.form("register", "", body).await;
    let cookie = answer.cookie("provost").unwrap();
    assert!(cookie.contains("HttpOnly") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_form_comes_back_with_complaints_and_what_was_typed_but_no_password() {
    let site = Site::with_sign_in().await;
    let body = "name=Ann+Lee&email=ann%40example.org&handle=&password=sh0rt%21";
    let answer = site.form("register", "", body).await;
    assert_eq!((answer.status, answer.header("location")), (SEE_OTHER, "/register"));
    let flash = answer.cookie("provost-form").unwrap().split(';').next().unwrap().to_owned();

    let page = site.get("/register", &format!("provost-form={flash}")).await;
    assert!(page.body.contains("aria-invalid=\"true\""), "{}", page.body);
    assert!(page.body.contains("value=\"Ann Lee\"") && page.body.contains("value=\"ann@example.org\""));
    assert!(!page.body.contains("sh0rt!"));
    assert!(page.cookie("provost-form").unwrap().contains("Max-Age=0"), "shown once");
    assert!(!site.get("/register", "").await.body.contains("aria-invalid=\"true\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flash_that_nobody_wrote_is_not_minded() {
    let site = Site::with_sign_in().await;
    for flash in ["", "%%%", "bm8ganNvbg", "e30"] {
        let page = site.get("/register", &format!("provost-form={flash}")).await;
        assert_eq!(page.status, StatusCode::OK, "{flash}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_leads_back_within_the_site_and_gives_the_session_a_new_id() {
    let site = Site::with_sign_in().await;
    let first = site.register("ann").await;
    let body = |to: &str| format!("email=ann%40example.org&password={}&to={to}", PASSWORD.replace(' ', "+"));
    let answer = site.form("sign-in", &first, &body("%2Fmy%2Fapi-keys")).await;
    assert_eq!((answer.status, answer.header("location")), (SEE_OTHER, "/my/api-keys"));
    let second = answer.session();
    assert_ne!(first, second);
    assert_eq!(site.get("/", &first).await.status, StatusCode::FOUND, "the id from before is no longer good");
    for elsewhere in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example"] {
        assert_eq!(site.form("sign-in", "", &body(elsewhere)).await.header("location"), "/", "{elsewhere}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_the_session() {
    let site = Site::with_sign_in().await;
    let cookie = site.register("ann").await;
    let answer = site.form("sign-out", &cookie, "").await;
    assert_eq!((answer.status, answer.header("location")), (SEE_OTHER, "/sign-in"));
    assert_eq!(site.get("/", &cookie).await.header("location"), "/sign-in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_wrong_passwords_are_answered_with_429_and_a_page_that_says_so() {
    let site = Site::with_sign_in().await;
    let wrong = "email=ann%40example.org&password=not+the+right+one";
    for _ in 0..3 {
        assert_eq!(site.call("sign-in", "application/x-www-form-urlencoded", "", wrong).await.status, StatusCode::OK);
    }
    let script = site.call("sign-in", "application/x-www-form-urlencoded", "", wrong).await;
    assert_eq!(script.status, StatusCode::TOO_MANY_REQUESTS);
    let wait = |answer: &Answer| answer.header("retry-after").parse::<u64>();
    assert!(wait(&script).is_ok_and(|seconds| (1..=60).contains(&seconds)), "{:?}", script.headers);
    let answer = site.form("sign-in", "", wrong).await;
    assert_eq!(answer.status, SEE_OTHER);
    let flash = answer.cookie("provost-form").unwrap().split(';').next().unwrap().to_owned();
    let page = site.get(answer.header("location"), &format!("provost-form={flash}")).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(wait(&page).is_ok_and(|seconds| (1..=60).contains(&seconds)), "{:?}", page.headers);
    assert!(page.body.contains("Too many attempts."), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_is_made_and_changed_without_scripts() {
    let site = Site::with_sign_in().await;
    let cookie = site.register("ann").await;
    let workspace = site.workspace(&cookie, "Data").await;
    let ids: Vec<&str> = workspace.split('/').collect();
    let place = format!("place%5Baccount%5D={}&place%5Bworkspace%5D={}", ids[2], ids[4]);

    let refused = site.form("edit-workspace", &cookie, &format!("{place}&name=&description=")).await;
    assert_eq!((refused.status, refused.header("location")), (SEE_OTHER, &*format!("{workspace}/settings")));
    let saved = site.form("edit-workspace", &cookie, &format!("{place}&name=Data+two&description=")).await;
    assert_eq!((saved.status, saved.header("location")), (SEE_OTHER, &*format!("{workspace}/settings")));
    assert!(site.get("/", &cookie).await.body.contains("Data two"));

    let unlike = site.form("delete-workspace", &cookie, &format!("{place}&confirmation=Data")).await;
    assert_eq!(unlike.header("location"), format!("{workspace}/settings"));
    let deleted = site.form("delete-workspace", &cookie, &format!("{place}&confirmation=Data+two")).await;
    assert_eq!((deleted.status, deleted.header("location")), (SEE_OTHER, "/"));
    assert_eq!(site.get(&format!("{workspace}/runs"), &cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_never_made_by_a_form_that_could_not_show_it() {
    let site = Site::with_sign_in().await;
    let cookie = site.register("ann").await;
    let refused = site.form("create-api-key", &cookie, "name=laptop&expires=30").await;
    assert_eq!((refused.status, refused.header("location")), (SEE_OTHER, "/my/api-keys"));
    let kind = "application/x-www-form-urlencoded";
    assert!(site.get("/my/api-keys", &cookie).await.body.contains("No keys yet"));

    let made = site.call("create-api-key", kind, &cookie, "name=laptop&expires=30").await;
    assert!(made.body.contains("pnu_"), "{}", made.body);
    assert_eq!(made.header("cache-control"), "no-store");
    let page = site.get("/my/api-keys", &cookie).await.body;
    assert!(page.contains("laptop") && !page.contains("pnu_"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_cannot_be_read_is_the_senders_fault() {
    let site = Site::with_sign_in().await;
    let cookie = site.register("ann").await;
    for (function, body) in [
        ("sign-in", ""),
        ("create-workspace", "name=x"),
        ("edit-workspace", "place[account]=x&place[workspace]=y&name=z"),
        ("edit-workspace", "place[account][a][b][c]=1"),
        ("delete-api-key", "id=laptop"),
        ("api-keys", "sort=sideways"),
    ] {
        let answer = site.call(function, "application/x-www-form-urlencoded", &cookie, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{function} {body}: {}", answer.body);
    }
    let long = "x".repeat(super::super::LARGEST_FORM + 1);
    let answer = site.call("sign-in", "application/x-www-form-urlencoded", "", &long).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
}
