//! Forms without scripts: their effects, their errors, and the cookies and redirects that they return.

use axum::http::StatusCode;

use super::{PASSWORD, TestResponse, TestSite};

const SEE_OTHER: StatusCode = StatusCode::SEE_OTHER;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registration_sets_a_secure_session_cookie() {
    let site = TestSite::with_sign_in().await;
    let body = "name=Ann&email=ann%40example.org&password=seventeen+quiet+herons";
    let response = site.form("register", "", body).await;
    let cookie = response.cookie("__Host-provost").unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=7776000"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert_eq!(site.get("/", &response.session_cookie()).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn session_cookie_over_http_has_no_secure_prefix() {
    let site = TestSite::open(&[("public_url", "http://localhost:4200")]).await;
    let body = "name=Ann&email=ann%40example.org&password=seventeen+quiet+herons";
    let response = site.form("register", "", body).await;
    let cookie = response.cookie("provost").unwrap();
    assert!(cookie.contains("HttpOnly") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_form_shows_errors_and_values_but_no_password() {
    let site = TestSite::with_sign_in().await;
    let body = "name=Ann+Lee&email=ann%40example.org&handle=&password=sh0rt%21";
    let response = site.form("register", "", body).await;
    assert_eq!((response.status, response.header("location")), (SEE_OTHER, "/register"));
    let flash = response.cookie("provost-form").unwrap().split(';').next().unwrap().to_owned();

    let page = site.get("/register", &format!("provost-form={flash}")).await;
    assert!(page.body.contains("aria-invalid=\"true\""), "{}", page.body);
    assert!(page.body.contains("value=\"Ann Lee\"") && page.body.contains("value=\"ann@example.org\""));
    assert!(!page.body.contains("sh0rt!"));
    assert!(page.cookie("provost-form").unwrap().contains("Max-Age=0"), "shown once");
    assert!(!site.get("/register", "").await.body.contains("aria-invalid=\"true\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_form_cookie_is_ignored() {
    let site = TestSite::with_sign_in().await;
    for flash in ["", "%%%", "bm8ganNvbg", "e30"] {
        let page = site.get("/register", &format!("provost-form={flash}")).await;
        assert_eq!(page.status, StatusCode::OK, "{flash}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_redirects_within_the_site_and_renews_the_session() {
    let site = TestSite::with_sign_in().await;
    let first = site.register("ann").await;
    let body = |to: &str| format!("email=ann%40example.org&password={}&to={to}", PASSWORD.replace(' ', "+"));
    let response = site.form("sign-in", &first, &body("%2Fmy%2Fapi-keys")).await;
    assert_eq!((response.status, response.header("location")), (SEE_OTHER, "/my/api-keys"));
    let second = response.session_cookie();
    assert_ne!(first, second);
    assert_eq!(site.get("/", &first).await.status, StatusCode::FOUND, "the old session id is invalid");
    for external in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example"] {
        assert_eq!(site.form("sign-in", "", &body(external)).await.header("location"), "/", "{external}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_out_ends_the_session() {
    let site = TestSite::with_sign_in().await;
    let cookie = site.register("ann").await;
    let response = site.form("sign-out", &cookie, "").await;
    assert_eq!((response.status, response.header("location")), (SEE_OTHER, "/sign-in"));
    assert_eq!(site.get("/", &cookie).await.header("location"), "/sign-in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_wrong_passwords_get_429_and_its_page() {
    let site = TestSite::with_sign_in().await;
    let wrong = "email=ann%40example.org&password=not+the+right+one";
    for _ in 0..3 {
        assert_eq!(site.call("sign-in", "application/x-www-form-urlencoded", "", wrong).await.status, StatusCode::OK);
    }
    let script = site.call("sign-in", "application/x-www-form-urlencoded", "", wrong).await;
    assert_eq!(script.status, StatusCode::TOO_MANY_REQUESTS);
    let retry_after = |response: &TestResponse| response.header("retry-after").parse::<u64>();
    assert!(retry_after(&script).is_ok_and(|seconds| (1..=60).contains(&seconds)), "{:?}", script.headers);
    let response = site.form("sign-in", "", wrong).await;
    assert_eq!(response.status, SEE_OTHER);
    let flash = response.cookie("provost-form").unwrap().split(';').next().unwrap().to_owned();
    let page = site.get(response.header("location"), &format!("provost-form={flash}")).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(retry_after(&page).is_ok_and(|seconds| (1..=60).contains(&seconds)), "{:?}", page.headers);
    assert!(page.body.contains("Too many attempts."), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workspace_is_created_edited_and_deleted_without_scripts() {
    let site = TestSite::with_sign_in().await;
    let cookie = site.register("ann").await;
    let workspace = site.create_workspace(&cookie, "Data").await;
    let ids: Vec<&str> = workspace.split('/').collect();
    let fields = format!("place%5Baccount%5D={}&place%5Bworkspace%5D={}", ids[2], ids[4]);

    let rejected = site.form("edit-workspace", &cookie, &format!("{fields}&name=&description=")).await;
    assert_eq!((rejected.status, rejected.header("location")), (SEE_OTHER, &*format!("{workspace}/settings")));
    let saved = site.form("edit-workspace", &cookie, &format!("{fields}&name=Data+two&description=")).await;
    assert_eq!((saved.status, saved.header("location")), (SEE_OTHER, &*format!("{workspace}/settings")));
    assert!(site.get("/", &cookie).await.body.contains("Data two"));

    let name = site.form("delete-workspace", &cookie, &format!("{fields}&confirmation=Data+two")).await;
    assert_eq!(name.header("location"), format!("{workspace}/settings"));
    let deleted = site.form("delete-workspace", &cookie, &format!("{fields}&confirmation=data")).await;
    assert_eq!((deleted.status, deleted.header("location")), (SEE_OTHER, "/"));
    assert_eq!(site.get(&format!("{workspace}/runs"), &cookie).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_is_not_created_by_a_form_that_cannot_show_it() {
    let site = TestSite::with_sign_in().await;
    let cookie = site.register("ann").await;
    let rejected = site.form("create-api-key", &cookie, "name=laptop&expires=30").await;
    assert_eq!((rejected.status, rejected.header("location")), (SEE_OTHER, "/my/api-keys"));
    let content_type = "application/x-www-form-urlencoded";
    assert!(site.get("/my/api-keys", &cookie).await.body.contains("No keys yet"));

    let created = site.call("create-api-key", content_type, &cookie, "name=laptop&expires=30").await;
    assert!(created.body.contains("pnu_"), "{}", created.body);
    assert_eq!(created.header("cache-control"), "no-store, no-transform");
    let page = site.get("/my/api-keys", &cookie).await.body;
    assert!(page.contains("laptop") && !page.contains("pnu_"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn variable_is_created_edited_and_deleted_without_scripts() {
    let site = TestSite::with_sign_in().await;
    let cookie = site.register("ann").await;
    let workspace = site.create_workspace(&cookie, "Data").await;
    let list = format!("{workspace}/variables");
    let ids: Vec<&str> = workspace.split('/').collect();
    let place = format!("place%5Baccount%5D={}&place%5Bworkspace%5D={}", ids[2], ids[4]);
    let form = |function: &'static str, fields: &str| {
        let body = format!("{place}&{fields}");
        let (site, cookie) = (&site, &cookie);
        async move { site.form(function, cookie, &body).await }
    };

    let rejected =
        form("save-variable", "name=Batch+size&kind=json&value=%7B%22a%22%3A1%2C%7D&tags%5B%5D=x&tag=y").await;
    assert_eq!((rejected.status, rejected.header("location")), (SEE_OTHER, &*format!("{list}?new=")));
    let flash = rejected.cookie("provost-form").unwrap().split(';').next().unwrap().to_owned();
    let page = site.get(&format!("{list}?new="), &format!("{cookie}; provost-form={flash}")).await.body;
    for expected in ["value=\"Batch size\"", "Only lowercase letters", "a comma before }", "value=\"x\"", "value=\"y\""]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(page.contains("type=\"submit\"") && !page.contains("disabled"), "the form can be sent again: {page}");
    assert!(site.get(&list, &cookie).await.body.contains("No variables yet"));

    let created = form("save-variable", "name=zones&kind=json&value=%5B1%2C%0D%0A2%5D&tag=x%2C+y").await;
    assert_eq!((created.status, created.header("location")), (SEE_OTHER, &*list));
    let page = site.get(&list, &cookie).await.body;
    assert!(page.contains("1 variable<") && page.contains("[1, 2]"), "{page}");
    let id = page.split("?variable=").nth(1).and_then(|rest| rest.split('"').next()).unwrap();

    let taken = form("save-variable", "name=zones&kind=boolean&flag=true").await;
    assert_eq!(taken.header("location"), format!("{list}?new="));
    let saved =
        form("save-variable", &format!("id={id}&name=zones_2&kind=boolean&value=no&flag=true&tags%5B%5D=x")).await;
    assert_eq!((saved.status, saved.header("location")), (SEE_OTHER, &*list));
    let page = site.get(&format!("{list}?variable={id}"), &cookie).await.body;
    assert!(
        page.contains("Edit variable") && page.contains("value=\"zones_2\"") && !page.contains("value=\"y\""),
        "{page}"
    );

    let asked = site.get(&format!("{list}?delete={id}"), &cookie).await.body;
    assert!(asked.contains("Delete zones_2?"), "{asked}");
    let deleted = form("delete-variable", &format!("id={id}")).await;
    assert_eq!((deleted.status, deleted.header("location")), (SEE_OTHER, &*list));
    assert!(site.get(&list, &cookie).await.body.contains("No variables yet"));
    let missing = site.get(&format!("{list}?variable={id}"), &cookie).await;
    assert!(missing.status == StatusCode::OK && missing.body.contains("may have been deleted"), "{}", missing.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_form_gets_422() {
    let site = TestSite::with_sign_in().await;
    let cookie = site.register("ann").await;
    for (function, body) in [
        ("sign-in", ""),
        ("create-workspace", "name=x"),
        ("edit-workspace", "place[account]=x&place[workspace]=y&name=z"),
        ("edit-workspace", "place[account][a][b][c]=1"),
        ("delete-api-key", "id=laptop"),
        ("delete-variable", "id=batch_size"),
        ("save-variable", "name=batch_size&kind=number&value=5000"),
        ("api-keys", "sort=sideways"),
    ] {
        let response = site.call(function, "application/x-www-form-urlencoded", &cookie, body).await;
        assert_eq!(response.status, StatusCode::UNPROCESSABLE_ENTITY, "{function} {body}: {}", response.body);
    }
    let long = "x".repeat(super::super::MAX_FORM_BYTES + 1);
    let response = site.call("sign-in", "application/x-www-form-urlencoded", "", &long).await;
    assert!(response.status.is_client_error(), "{}", response.status);
}
