//! What pages read from the request, and what they read from the database for one.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use app::links::WorkspaceRef;
use axum::http::StatusCode;
use control::{access, artifact, flow, flow_run, person};
use model::permission::WriteRuns;
use serde_json::{from_value, json};
use tracing::{Event, Subscriber, field::Field, subscriber};
use tracing_subscriber::{
    Registry,
    layer::{Context, Layer, SubscriberExt as _},
};

use super::{
    TestSite,
    access::{ID, pages},
};

/// The types of the reads of the database, from their debug lines.
#[derive(Clone, Default)]
struct ReadLog(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for ReadLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut |field: &Field, value: &dyn Debug| {
            if field.name() == "read" {
                self.0.lock().unwrap().push(format!("{value:?}"));
            }
        });
    }
}

#[tokio::test]
async fn page_looks_up_the_membership_once() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    let log = ReadLog::default();
    let _until_the_end = subscriber::set_default(Registry::default().with(log.clone()));
    assert_eq!(site.get(&format!("{workspace}/runs"), &ann).await.status, StatusCode::OK);
    let reads = log.0.lock().unwrap();
    let memberships = reads.iter().filter(|read| read.contains("permission::Role")).count();
    assert_eq!(memberships, 1, "{reads:#?}");
}

/// Lets `ann` administer the server, and creates a flow run and an artifact, whose key is the run's id, in this workspace of hers. Returns
/// the ids of both.
async fn administrator_with_a_run(site: &TestSite, workspace: &str) -> (String, String) {
    let ann = access::authenticate_shell(&site.cx, &"ann".parse().unwrap()).await.unwrap();
    person::set_administrator(&site.cx, ann, true).await.unwrap();
    let ids: Vec<&str> = workspace.split('/').collect();
    let workspace = WorkspaceRef { account: ids[2].parse().unwrap(), workspace: ids[4].parse().unwrap() };
    let ws = access::authorize::<WriteRuns>(&site.cx, ann, workspace).await.unwrap();
    let flow = flow::create(&site.cx, ws, from_value(json!({"name": "Testing"})).unwrap()).await.unwrap().value;
    let run = from_value(json!({"flow_id": flow.id})).unwrap();
    let run = flow_run::create(&site.cx, ws, run, Default::default()).await.unwrap().value.id.to_string();
    let artifact = from_value(json!({"key": run, "type": "markdown", "data": "text"})).unwrap();
    (run, artifact::create(&site.cx, ws, artifact).await.unwrap().id.to_string())
}

#[tokio::test]
async fn each_page_reads_its_data_once() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    let (run, made) = administrator_with_a_run(&site, &workspace).await;
    let log = ReadLog::default();
    let _until_the_end = subscriber::set_default(Registry::default().with(log.clone()));
    for (path, _) in pages(&workspace) {
        let path = path.replace(&format!("/artifact/{ID}"), &format!("/artifact/{made}")).replace(ID, &run);
        let page = site.get(&path, &ann).await;
        assert!(matches!(page.status, StatusCode::OK | StatusCode::FOUND), "{path}: {}", page.status);
        let reads = std::mem::take(&mut *log.0.lock().unwrap());
        let repeated = |read: &&String| reads.iter().filter(|other| other == read).count() > 1;
        assert!(!reads.is_empty(), "{path} reads at least the session");
        assert_eq!(reads.iter().filter(repeated).collect::<Vec<_>>(), Vec::<&String>::new(), "{path}");
    }
}

#[tokio::test]
async fn theme_cookie_among_others_sets_the_theme() {
    let site = TestSite::with_sign_in().await;
    for (cookies, theme) in [
        ("a=b; provost-theme=dark; c=d", Some("dark")),
        ("provost-theme=light", Some("light")),
        ("provost-theme=plaid", None),
        ("not-provost-theme=dark", None),
        ("", None),
    ] {
        let page = site.get("/sign-in", cookies).await.body;
        let html = page.split('>').find(|tag| tag.starts_with("<html")).unwrap().to_owned();
        let expected = theme.map(|theme| format!("data-theme=\"{theme}\""));
        assert_eq!(html.contains("data-theme"), theme.is_some(), "{cookies}: {html}");
        assert!(expected.is_none_or(|expected| html.contains(&expected)), "{cookies}: {html}");
    }
}
