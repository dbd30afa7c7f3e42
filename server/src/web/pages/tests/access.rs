//! Every page and every server function, from the program's own lists: who gets in, and who doesn't.

use std::collections::BTreeSet;

use app::links::Place;
use axum::http::StatusCode;
use model::{
    id::FlowRunId,
    screen::{RunCursor, RunFilter, RunView},
    time::Span,
};
use serde::Serialize;

use super::{super::routes, PASSWORD, Site};

const ID: &str = "0196f5a0-0000-7000-8000-000000000001";
const FORM: &str = "application/x-www-form-urlencoded";
const PACKED: &str = "application/x-postcard";

/// The pages that are open to everybody.
const OPEN_PAGES: [&str; 3] = ["/help", "/register", "/sign-in"];
/// The server functions that are open to everybody.
const OPEN_FUNCTIONS: [&str; 5] = ["help", "open-frame", "register", "sign-in", "sign-out"];

/// An address of each page; those of workspaces lie below `workspace`.
fn addresses(workspace: &str) -> Vec<String> {
    let address = |route: &str| {
        let (head, tail) = route.split_once("/{workspace}").map_or((route, ""), |(_, tail)| ("", tail));
        let begins = if head.is_empty() && route.contains("{workspace}") { workspace } else { head };
        let path = format!("{begins}{tail}").replace("{flow_run}", ID);
        match path.strip_suffix("{*printed}") {
            Some(section) if section.starts_with(workspace) => format!("{section}flows/flow/{ID}"),
            Some("/runs/" | "/flow-runs/") => format!("/runs/flow-run/{ID}"),
            Some(section) => format!("{section}{}/{ID}", section.trim_matches('/').trim_end_matches('s')),
            None => path,
        }
    };
    routes().iter().map(|listing| address(listing.path())).collect()
}

/// What a browser may send that opens nothing: no cookie, cookies of no session, and cookies of sessions that were good once.
async fn cookies_of_nobody(site: &Site) -> Vec<String> {
    let good = async |cookie: &str| site.get("/workspaces/new", cookie).await.status == StatusCode::OK;
    let expired = site.register("expired").await;
    assert!(good(&expired).await);
    site.clock.advance(Span::from_seconds(15.0 * 86_400.0));
    let left = site.register("leaver").await;
    assert!(good(&left).await);
    site.form("sign-out", &left, "").await;
    let elsewhere = site.register("changer").await;
    let password = PASSWORD.replace(' ', "+");
    let form = format!("email=changer%40example.org&password={password}&to=%2F");
    let here = site.form("sign-in", "", &form).await.session();
    assert!(good(&elsewhere).await && good(&here).await);
    let changed = site.form("change-password", &here, &format!("current={password}&new=violet+otter+lamp")).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER);
    let unknown = ["", "__Host-provost=AAAAAAAAAAAAAAAAAAAAAA", "__Host-provost=nonsense"].map(str::to_owned);
    [unknown.to_vec(), vec![expired, left, elsewhere]].concat()
}

/// The pages that lead on at once, and so have no code that could be loaded; beside those of printed addresses.
const LEADING_ON: [&str; 1] = ["/account/{account}/workspace/{workspace}"];

#[tokio::test]
async fn every_page_is_known_to_the_part_that_holds_its_code() {
    for listing in routes() {
        let path = listing.path();
        let leads_on = path.ends_with("{*printed}") || LEADING_ON.contains(&path);
        assert_eq!(app::parts::Part::of(path).is_none(), leads_on, "{path}: name it in `Part::of`");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_in_but_through_the_open_doors() {
    let site = Site::with_sign_in().await;
    let cookies = cookies_of_nobody(&site).await;
    let ann = site.register("ann").await;
    let workspace = site.workspace(&ann, "Data").await;
    let mut open = BTreeSet::new();
    let pages = addresses(&workspace);
    for path in &pages {
        let accepts = ["*/*", "text/html,*/*;q=0.8", "application/json"];
        for (cookie, accept) in cookies.iter().zip(accepts.into_iter().cycle()) {
            let answer = site.ask(path, accept, cookie).await;
            if answer.status == StatusCode::OK {
                open.insert(path.as_str());
                continue;
            }
            assert_eq!(answer.status, StatusCode::FOUND, "{path}");
            assert!(answer.header("location").starts_with("/sign-in"), "{path}: {}", answer.header("location"));
            assert!(!answer.body.contains("Data"), "{path}");
        }
    }
    assert_eq!(open, BTreeSet::from(OPEN_PAGES));
    assert!(pages.len() > 15, "{pages:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_finds_nothing_in_a_workspace() {
    let site = Site::with_sign_in().await;
    let (ann, bob) = (site.register("ann").await, site.register("bob").await);
    let workspace = site.workspace(&ann, "Secrets").await;
    for path in addresses(&workspace) {
        let answer = site.get(&path, &bob).await;
        assert!(!answer.body.contains("Secrets"), "{path}");
        if path.starts_with(&workspace) {
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        } else {
            assert!(matches!(answer.status, StatusCode::OK | StatusCode::FOUND), "{path}: {}", answer.status);
        }
        if path.starts_with(&workspace) && !path.contains(ID) {
            let owner = site.get(&path, &ann).await.status;
            assert!(matches!(owner, StatusCode::OK | StatusCode::FOUND), "{path}: {owner}");
        }
    }
}

/// A body that each server function takes, about the workspace at `account` and `workspace`.
fn body(function: &str, account: &str, workspace: &str) -> Option<(&'static str, Vec<u8>)> {
    let place = Place { account: account.parse().unwrap(), workspace: workspace.parse().unwrap() };
    let fields = format!("place%5Baccount%5D={account}&place%5Bworkspace%5D={workspace}");
    let form = |body: &str| Some((FORM, body.as_bytes().to_vec()));
    match function {
        "accounts" | "help" | "meant-workspace" | "open-frame" | "sign-out" | "workspaces" => form(""),
        "api-keys" => form("sort=newest"),
        "change-password" => form("current=a&new=b"),
        "create-api-key" => form("name=laptop&expires=30"),
        "create-workspace" => form(&format!("account={account}&name=Mine")),
        "delete-api-key" => form(&format!("id={ID}")),
        "delete-workspace" => form(&format!("{fields}&confirmation=Secrets")),
        "edit-workspace" => form(&format!("{fields}&name=Mine")),
        "first-run" => packed(&(place,)),
        "frame" | "workspace" => form(&fields),
        "register" => form("name=Eve&email=eve%40example.org&password=seventeen+quiet+herons"),
        "run" => packed(&(place, ID.parse::<FlowRunId>().unwrap(), RunView::default())),
        "runs" => packed(&(place, RunFilter::default(), RunCursor::default())),
        "sign-in" => form("email=a%40example.org&password=x"),
        "star-workspace" => form(&format!("{fields}&on=true")),
        _ => None,
    }
}

/// Arguments as a script sends them: in the order in which the function takes them.
fn packed(arguments: &impl Serialize) -> Option<(&'static str, Vec<u8>)> {
    Some((PACKED, postcard::to_allocvec(arguments).unwrap()))
}

/// The server functions that are about one person, and so answer each person with their own.
const OF_A_PERSON: [&str; 6] =
    ["accounts", "api-keys", "change-password", "create-api-key", "meant-workspace", "workspaces"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_function_asks_who_calls() {
    let site = Site::with_sign_in().await;
    let cookies = cookies_of_nobody(&site).await;
    let (ann, bob) = (site.register("ann").await, site.register("bob").await);
    let at = site.workspace(&ann, "Secrets").await;
    let ids: Vec<&str> = at.split('/').collect();
    let mut seen = 0;
    for (path, _) in leptos::server_fn::axum::server_fn_paths() {
        let function = path.strip_prefix("/ui/").expect("all lie below /ui");
        let (kind, body) = body(function, ids[2], ids[4]).unwrap_or_else(|| panic!("{function} has no row here"));
        seen += 1;
        if OPEN_FUNCTIONS.contains(&function) {
            continue;
        }
        for cookie in &cookies {
            let answer = site.call(function, kind, cookie, &body).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{function}: {}", answer.body);
        }
        let stranger = site.call(function, kind, &bob, &body).await;
        assert!(!stranger.body.contains("Secrets"), "{function}: {}", stranger.body);
        if function == "create-workspace" || function == "delete-api-key" || !OF_A_PERSON.contains(&function) {
            let hidden = stranger.status == StatusCode::NOT_FOUND;
            assert!(hidden, "{function}: {} {}", stranger.status, stranger.body);
        }
    }
    assert!(seen > 15, "{seen}");
    assert!(site.get("/", &ann).await.body.contains("Secrets"), "and nothing was changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_a_404_with_a_way_on() {
    let site = Site::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.workspace(&ann, "Data").await;
    for path in ["/nowhere", "/ui/nothing", "/account/x/workspace/y/runs", &format!("{workspace}/prodcution")] {
        let answer = site.get(path, &ann).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("No light at this door"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_clients_print_lead_to_the_run() {
    let site = Site::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.workspace(&ann, "Data").await;
    for (printed, leads) in [
        (format!("{workspace}/flow-runs/flow-run/{ID}"), format!("{workspace}/runs/flow-run/{ID}")),
        (format!("{workspace}/flows/flow/{ID}"), format!("{workspace}/runs")),
        (format!("{workspace}/work-pools/work-pool/my-pool/worker/{ID}"), format!("{workspace}/runs")),
        (format!("/flow-runs/flow-run/{ID}"), format!("{workspace}/runs/flow-run/{ID}")),
        (workspace.clone(), format!("{workspace}/runs")),
    ] {
        let answer = site.get(&printed, &ann).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::FOUND, &*leads), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_local_mode_nobody_signs_in() {
    let site = Site::open(&[("local", "true")]).await;
    let page = site.get("/", "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("default") && !page.body.contains("Sign out"), "{}", page.body);
    for door in ["/sign-in", "/register"] {
        assert_eq!(site.get(door, "").await.header("location"), "/", "{door}");
    }
    let run = site.get(&format!("/runs/flow-run/{ID}"), "").await;
    assert!(run.header("location").ends_with(&format!("/runs/flow-run/{ID}")), "{}", run.header("location"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_runs_its_own_scripts_alone() {
    let site = Site::with_sign_in().await;
    let page = site.get("/sign-in", "").await;
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    let scripts = page.body.matches("<script").count();
    assert!(scripts > 0);
    assert_eq!(page.body.matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{}", page.body);
    assert!(!page.body.contains(" style=\""));
    assert_ne!(site.get("/sign-in", "").await.header("content-security-policy"), policy, "a nonce is used once");
    assert_eq!(page.header("cache-control"), "no-store");
}
