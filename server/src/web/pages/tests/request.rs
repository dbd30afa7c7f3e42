//! What pages read from the request, and what they read from the database for one.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use axum::http::StatusCode;
use tracing::{Event, Subscriber, field::Field, subscriber};
use tracing_subscriber::{
    Registry,
    layer::{Context, Layer, SubscriberExt as _},
};

use super::TestSite;

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
