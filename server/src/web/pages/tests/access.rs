//! Access to every page and every server function, which the tests take from the program's own lists.

use std::collections::BTreeSet;

use app::{
    links::WorkspaceRef,
    routes::{Access, ROUTES},
};
use axum::http::StatusCode;
use control::{access, person};
use model::{
    id::{ArtifactId, FlowRunId},
    screen::{ArtifactListFilter, ArtifactRef, RunCursor, RunFilter, RunView, VariableListQuery},
    time::Span,
    variable::VariableId,
};
use serde::Serialize;

use super::{PASSWORD, TestSite};

pub(super) const ID: &str = "0196f5a0-0000-7000-8000-000000000001";
const FORM: &str = "application/x-www-form-urlencoded";
const POSTCARD: &str = "application/x-postcard";

/// The server functions that need no session.
const PUBLIC_FUNCTIONS: [&str; 5] = ["help", "open-frame", "register", "sign-in", "sign-out"];

/// What describes the API to everybody.
const API_DESCRIPTIONS: [&str; 2] = ["/api/docs", "/api/openapi.json"];

/// A path of each page, and who may see it; those of workspaces begin with `workspace`.
pub(super) fn pages(workspace: &str) -> Vec<(String, Access)> {
    let path_of = |route: &str| {
        let (head, tail) = route.split_once("/{workspace}").map_or((route, ""), |(_, tail)| ("", tail));
        let prefix = if head.is_empty() && route.contains("{workspace}") { workspace } else { head };
        let path = format!("{prefix}{tail}").replace("{flow_run}", ID);
        let path = path.replace("{key}", ID).replace("{artifact}", ID);
        match path.strip_suffix("{*client_link}") {
            Some(section) if section.starts_with(workspace) => format!("{section}flows/flow/{ID}"),
            Some("/runs/" | "/flow-runs/") => format!("/runs/flow-run/{ID}"),
            Some(section) => format!("{section}{}/{ID}", section.trim_matches('/').trim_end_matches('s')),
            None => path,
        }
    };
    ROUTES.iter().map(|route| (path_of(&route.path()), route.access)).collect()
}

/// Cookie headers without a valid session: no cookie, cookies of no session, and cookies of sessions that have ended.
async fn invalid_cookies(site: &TestSite) -> Vec<String> {
    let is_valid = async |cookie: &str| site.get("/workspaces/new", cookie).await.status == StatusCode::OK;
    let expired = site.register("expired").await;
    assert!(is_valid(&expired).await);
    site.clock.advance(Span::from_seconds(15.0 * 86_400.0));
    let signed_out = site.register("leaver").await;
    assert!(is_valid(&signed_out).await);
    site.form("sign-out", &signed_out, "").await;
    let other_device = site.register("changer").await;
    let password = PASSWORD.replace(' ', "+");
    let form = format!("email=changer%40example.org&password={password}&to=%2F");
    let this_device = site.form("sign-in", "", &form).await.session_cookie();
    assert!(is_valid(&other_device).await && is_valid(&this_device).await);
    let changed =
        site.form("change-password", &this_device, &format!("current={password}&new=violet+otter+lamp")).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER);
    let unknown = ["", "__Host-provost=AAAAAAAAAAAAAAAAAAAAAA", "__Host-provost=nonsense"].map(str::to_owned);
    [unknown.to_vec(), vec![expired, signed_out, other_device]].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_public_pages_open_without_a_session() {
    let site = TestSite::with_sign_in().await;
    let cookies = invalid_cookies(&site).await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    let mut open = BTreeSet::new();
    let pages = pages(&workspace);
    for (path, _) in &pages {
        let accepts = ["*/*", "text/html,*/*;q=0.8", "application/json"];
        for (cookie, accept) in cookies.iter().zip(accepts.into_iter().cycle()) {
            let response = site.get_as(path, accept, cookie).await;
            if response.status == StatusCode::OK {
                open.insert(path.as_str());
                continue;
            }
            assert_eq!(response.status, StatusCode::FOUND, "{path}");
            assert!(response.header("location").starts_with("/sign-in"), "{path}: {}", response.header("location"));
            assert!(!response.body.contains("Data"), "{path}");
        }
    }
    let public = pages.iter().filter(|(_, access)| *access == Access::Public).map(|(path, _)| path.as_str());
    assert_eq!(open, public.collect());
    assert!(pages.len() > 15, "{pages:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_reads_the_description_of_the_api() {
    let site = TestSite::with_sign_in().await;
    let local = TestSite::open(&[("local", "true")]).await;
    let cookies = invalid_cookies(&site).await;
    for path in API_DESCRIPTIONS {
        for cookie in &cookies {
            assert_eq!(site.get(path, cookie).await.status, StatusCode::OK, "{path}");
        }
        assert_eq!(local.get(path, "").await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_user_gets_404_in_a_workspace() {
    let site = TestSite::with_sign_in().await;
    let (ann, bob) = (site.register("ann").await, site.register("bob").await);
    let workspace = site.create_workspace(&ann, "Secrets").await;
    for (path, access) in pages(&workspace) {
        let response = site.get(&path, &bob).await;
        assert!(!response.body.contains("Secrets"), "{path}");
        if matches!(access, Access::Workspace | Access::Administrator) {
            assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
        } else {
            assert!(matches!(response.status, StatusCode::OK | StatusCode::FOUND), "{path}: {}", response.status);
        }
        assert_eq!(path.starts_with(&workspace), access == Access::Workspace, "{path}");
        if access == Access::Workspace && !path.contains(ID) {
            let owner = site.get(&path, &ann).await.status;
            assert!(matches!(owner, StatusCode::OK | StatusCode::FOUND), "{path}: {owner}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_administrators_see_the_services() {
    let site = TestSite::with_sign_in().await;
    let (ann, bob) = (site.register("ann").await, site.register("bob").await);
    let shell = access::authenticate_shell(&site.cx, &"ann".parse().unwrap()).await.unwrap();
    for (is_admin, status) in [(false, StatusCode::NOT_FOUND), (true, StatusCode::OK), (false, StatusCode::NOT_FOUND)] {
        person::set_administrator(&site.cx, shell, is_admin).await.unwrap();
        assert_eq!(site.get("/server/services", &ann).await.status, status);
        assert_eq!(site.call("services", FORM, &ann, "").await.status, status);
        assert_eq!(
            site.get("/", &ann).await.body.contains("href=\"/server/services\""),
            is_admin,
            "in the account menu"
        );
        assert_eq!(site.get("/server/services", &bob).await.status, StatusCode::NOT_FOUND);
    }
    let local = TestSite::open(&[("local", "true")]).await;
    assert_eq!(local.get("/server/services", "").await.status, StatusCode::OK);
}

/// A valid body for each server function, about this workspace.
fn request_body(function: &str, account: &str, workspace: &str) -> Option<(&'static str, Vec<u8>)> {
    let workspace_ref = WorkspaceRef { account: account.parse().unwrap(), workspace: workspace.parse().unwrap() };
    let fields = format!("place%5Baccount%5D={account}&place%5Bworkspace%5D={workspace}");
    let form = |body: &str| Some((FORM, body.as_bytes().to_vec()));
    match function {
        "accounts" | "help" | "meant-workspace" | "open-frame" | "services" | "sign-out" | "workspaces" => form(""),
        "api-keys" => form("sort=newest"),
        "artifact" => postcard_body(&(workspace_ref, ArtifactRef::Id(ID.parse::<ArtifactId>().unwrap()), 0_u32)),
        "artifact-key" => postcard_body(&(workspace_ref, ArtifactRef::Id(ID.parse::<ArtifactId>().unwrap()))),
        "artifacts" => postcard_body(&(workspace_ref, ArtifactListFilter::default(), 0_u32)),
        "change-password" => form("current=a&new=b"),
        "create-api-key" => form("name=laptop&expires=30"),
        "create-workspace" => form(&format!("account={account}&name=Mine")),
        "delete-api-key" => form(&format!("id={ID}")),
        "delete-variable" => form(&format!("{fields}&id={ID}")),
        "delete-workspace" => form(&format!("{fields}&confirmation=secrets")),
        "edit-workspace" => form(&format!("{fields}&name=Mine")),
        "first-run" => postcard_body(&(workspace_ref,)),
        "frame" | "workspace" => form(&fields),
        "register" => form("name=Eve&email=eve%40example.org&password=seventeen+quiet+herons"),
        "run" => postcard_body(&(workspace_ref, ID.parse::<FlowRunId>().unwrap(), RunView::default())),
        "run-link" => postcard_body(&(workspace_ref, ID.parse::<FlowRunId>().unwrap())),
        "runs" => postcard_body(&(workspace_ref, RunFilter::default(), RunCursor::default())),
        "save-variable" => form(&format!("{fields}&name=mine&kind=text&value=Mine")),
        "sign-in" => form("email=a%40example.org&password=x"),
        "star-workspace" => form(&format!("{fields}&on=true")),
        "variable" => postcard_body(&(workspace_ref, ID.parse::<VariableId>().unwrap())),
        "variables" => postcard_body(&(workspace_ref, VariableListQuery::default())),
        _ => None,
    }
}

/// Arguments as the wasm client sends them, in the order of the function's parameters.
fn postcard_body(arguments: &impl Serialize) -> Option<(&'static str, Vec<u8>)> {
    Some((POSTCARD, postcard::to_allocvec(arguments).unwrap()))
}

/// The server functions that return the caller's own data, and so succeed for every user.
const PER_USER_FUNCTIONS: [&str; 6] =
    ["accounts", "api-keys", "change-password", "create-api-key", "meant-workspace", "workspaces"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_function_checks_the_caller() {
    let site = TestSite::with_sign_in().await;
    let cookies = invalid_cookies(&site).await;
    let (ann, bob) = (site.register("ann").await, site.register("bob").await);
    let workspace = site.create_workspace(&ann, "Secrets").await;
    let ids: Vec<&str> = workspace.split('/').collect();
    let mut count = 0;
    for (path, _) in leptos::server_fn::axum::server_fn_paths() {
        let function = path.strip_prefix("/ui/").expect("server functions are below /ui");
        let (content_type, body) =
            request_body(function, ids[2], ids[4]).unwrap_or_else(|| panic!("add a row for {function}"));
        count += 1;
        if PUBLIC_FUNCTIONS.contains(&function) {
            continue;
        }
        for cookie in &cookies {
            let response = site.call(function, content_type, cookie, &body).await;
            assert_eq!(response.status, StatusCode::UNAUTHORIZED, "{function}: {}", response.body);
        }
        let response = site.call(function, content_type, &bob, &body).await;
        assert!(!response.body.contains("Secrets"), "{function}: {}", response.body);
        if function == "create-workspace" || function == "delete-api-key" || !PER_USER_FUNCTIONS.contains(&function) {
            let hidden = response.status == StatusCode::NOT_FOUND;
            assert!(hidden, "{function}: {} {}", response.status, response.body);
        }
    }
    assert!(count > 15, "{count}");
    assert!(site.get("/", &ann).await.body.contains("Secrets"), "nothing was changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_in_the_title_is_no_markup() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "R%26D %3C/title%3E%3Cmeta%3E").await;
    let page = site.get(&format!("{workspace}/settings"), &ann).await;
    let (_, title) = page.body.split_once("<title>").unwrap();
    let title = title.split_once("</title>").unwrap().0;
    assert!(title.contains("R&amp;D &lt;/title>&lt;meta>"), "{title}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_path_is_a_404_page() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    for path in ["/nowhere", "/ui/nothing", "/account/x/workspace/y/runs", &format!("{workspace}/prodcution")] {
        let response = site.get(path, &ann).await;
        assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
        assert!(response.body.contains("Page not found"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_clients_print_redirect_to_the_run() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    for (printed, target) in [
        (format!("{workspace}/flow-runs/flow-run/{ID}"), format!("{workspace}/runs/flow-run/{ID}")),
        (format!("{workspace}/flows/flow/{ID}"), format!("{workspace}/runs")),
        (format!("{workspace}/work-pools/work-pool/my-pool/worker/{ID}"), format!("{workspace}/runs")),
        (format!("/flow-runs/flow-run/{ID}"), format!("{workspace}/runs/flow-run/{ID}")),
        (workspace.clone(), format!("{workspace}/runs")),
    ] {
        let response = site.get(&printed, &ann).await;
        assert_eq!((response.status, response.header("location")), (StatusCode::FOUND, &*target), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn local_mode_has_no_sign_in() {
    let site = TestSite::open(&[("local", "true")]).await;
    let page = site.get("/", "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("default") && !page.body.contains("Sign out"), "{}", page.body);
    for path in ["/sign-in", "/register"] {
        assert_eq!(site.get(path, "").await.header("location"), "/", "{path}");
    }
    let run = site.get(&format!("/runs/flow-run/{ID}"), "").await;
    assert!(run.header("location").ends_with(&format!("/runs/flow-run/{ID}")), "{}", run.header("location"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_page_of_the_api_allows_inline_styles() {
    let site = TestSite::with_sign_in().await;
    let paths = pages("/account/x/workspace/y").into_iter().map(|(path, _)| path);
    let paths = paths.chain(API_DESCRIPTIONS.map(str::to_owned));
    for path in paths.chain(["/nowhere", "/api/nowhere", "/favicon.svg"].map(str::to_owned)) {
        let response = site.get(&path, "").await;
        let policy = response.header("content-security-policy");
        assert_eq!(policy.contains("'unsafe-inline'"), path == "/api/docs", "{path}: {policy}");
        assert!(!policy.contains("http") && !policy.contains("script-src 'self' 'unsafe"), "{path}: {policy}");
    }
    let page = site.get("/api/docs", "").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.body.contains("<title>Provost API</title>"), "{}", page.body);
    assert!(!page.body.contains("FOLDER") && !page.body.contains("//"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policy_of_a_page_allows_only_its_own_scripts() {
    let site = TestSite::with_sign_in().await;
    let page = site.get("/sign-in", "").await;
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    let scripts = page.body.matches("<script").count();
    assert!(scripts > 0);
    assert_eq!(page.body.matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{}", page.body);
    assert!(!page.body.contains(" style=\""));
    assert_ne!(
        site.get("/sign-in", "").await.header("content-security-policy"),
        policy,
        "each response has a new nonce"
    );
    assert_eq!(page.header("cache-control"), "no-store");
}
