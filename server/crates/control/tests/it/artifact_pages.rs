//! The screens of artifacts.

use control::{Error, artifact, flow, screen};
use model::{
    artifact::ArtifactKind,
    id::ArtifactId,
    screen::{
        ARTIFACTS_PER_PAGE, ArtifactContent, ArtifactList, ArtifactListFilter, ArtifactRef, ArtifactScreen, MAX_COUNT,
        VERSIONS_PER_PAGE,
    },
};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::runs::{RunFixture, from_json};

struct Pages<'a> {
    app: &'a TestApp,
    runs: RunFixture,
}

impl<'a> Pages<'a> {
    async fn new(app: &'a TestApp) -> Self {
        Self { app, runs: RunFixture::set_up(app).await }
    }

    async fn create(&self, json: Value) -> ArtifactId {
        self.app.advance(1.0);
        artifact::create(&self.runs.cx, self.runs.write, from_json(json)).await.unwrap().id
    }

    async fn list(&self, kind: Option<ArtifactKind>, search: &str, skip: u32) -> ArtifactList {
        let filter = ArtifactListFilter { kind, search: search.to_owned() };
        screen::artifact_list(&self.runs.cx, self.runs.read, filter, skip).await.unwrap()
    }

    async fn keys(&self, kind: Option<ArtifactKind>, search: &str) -> Vec<String> {
        let list = self.list(kind, search, 0).await;
        assert_eq!(list.total, list.cards.len() as u64);
        list.cards.into_iter().filter_map(|card| card.head.key).collect()
    }

    async fn screen(&self, artifact: ArtifactRef, skip: u32) -> Result<ArtifactScreen, Error> {
        screen::artifact(&self.runs.cx, self.runs.read, artifact, skip).await
    }

    async fn newest(&self, key: &str) -> ArtifactScreen {
        self.screen(ArtifactRef::Newest(key.parse().unwrap()), 0).await.unwrap()
    }
}

testkit::on_both! {
    async fn the_page_lists_the_newest_of_each_key_and_kind(app: TestApp) {
        let pages = Pages::new(&app).await;
        let run = pages.runs.run(json!({"name": "calm-plover"})).await;
        let task = pages.runs.task(run.id, "sum", json!({})).await;
        let table = r#"[{"region": "UK", "orders": 3}]"#;
        pages.create(json!({"key": "orders", "type": "table", "data": "[]"})).await;
        pages.create(json!({"key": "notes", "type": "markdown", "data": "# Notes"})).await;
        pages.create(json!({"key": "report", "type": "markdown", "data": "[Report](https://a.example)"})).await;
        pages.create(json!({"key": "orders", "type": "table", "data": table, "flow_run_id": run.id})).await;
        pages.create(json!({"key": "load", "type": "progress", "data": 20.0, "task_run_id": task.id})).await;
        pages.create(json!({"type": "markdown", "data": "without a key"})).await;

        assert_eq!(pages.keys(None, "").await, ["load", "orders", "report", "notes"]);
        assert_eq!(pages.keys(Some(ArtifactKind::Link), "").await, ["report"]);
        assert_eq!(pages.keys(Some(ArtifactKind::Markdown), "").await, ["notes"]);
        assert_eq!(pages.keys(None, "O").await, ["load", "orders", "report", "notes"]);
        assert_eq!(pages.keys(Some(ArtifactKind::Table), "RDER").await, ["orders"]);
        for wildcard in ["%", "_", "\\", "o%s"] {
            assert_eq!(pages.keys(None, wildcard).await, [""; 0], "{wildcard}");
        }

        let list = pages.list(None, "orders", 0).await;
        let ArtifactContent::Table(preview) = &list.cards[0].preview else { panic!("{list:?}") };
        assert_eq!(preview.rows, [["UK", "3"]]);
        let links = |list: ArtifactList| list.cards.into_iter().map(|card| card.head.run.map(|run| (run.flow, run.name)));
        let made_by = Some(("Testing".to_owned(), "calm-plover".to_owned()));
        assert_eq!(links(list).collect::<Vec<_>>(), std::slice::from_ref(&made_by));
        let load = pages.list(None, "load", 0).await;
        assert_eq!(load.cards[0].head.task_run.as_deref(), Some("sum"));
        assert_eq!(links(load).collect::<Vec<_>>(), [made_by], "the flow run of the task run");
    }

    async fn search_finds_the_key_the_flow_and_the_description(app: TestApp) {
        let pages = Pages::new(&app).await;
        let billing = flow::create(&app.cx, pages.runs.write, from_json(json!({"name": "Billing close"}))).await.unwrap().value;
        let run = pages.runs.run(json!({})).await;
        let billing_run = pages.runs.run(json!({"flow_id": billing.id})).await;
        let task = pages.runs.task(billing_run.id, "sum", json!({})).await;
        pages.create(json!({"key": "manual", "type": "markdown", "data": "nightly"})).await;
        pages.create(json!({"key": "meters", "type": "progress", "data": 62, "description": "7,440 of billing's 12_000"})).await;
        pages.create(json!({"key": "orders", "type": "table", "data": "[]", "description": "Draft", "flow_run_id": run.id})).await;
        pages.create(json!({"key": "orders", "type": "table", "data": "[]", "description": "Größe: 50 %", "flow_run_id": run.id})).await;
        pages.create(json!({"key": "close", "type": "markdown", "data": "text", "task_run_id": task.id})).await;
        pages.create(json!({"key": "total", "type": "table", "data": "[]", "flow_run_id": billing_run.id})).await;
        // The page shows the flow of the flow run.
        pages.create(json!({"key": "both", "type": "table", "data": "[]", "flow_run_id": run.id, "task_run_id": task.id})).await;
        for (search, keys) in [
            ("BILLING", &["total", "close", "meters"][..]),
            ("g close", &["total", "close"]),
            ("close", &["total", "close"]),
            ("testing", &["both", "orders"]),
            ("of billing's", &["meters"]),
            ("größe: 50 %", &["orders"]),
            ("50 %", &["orders"]),
            ("2_0", &["meters"]),
            ("_", &["meters"]),
            ("%", &["orders"]),
            ("draft", &[]),
            ("nightly", &[]),
            ("calm", &[]),
        ] {
            assert_eq!(pages.keys(None, search).await, keys, "{search}");
        }
        assert_eq!(pages.keys(Some(ArtifactKind::Table), "billing").await, ["total"]);
        assert_eq!(pages.keys(Some(ArtifactKind::Progress), "testing").await, [""; 0]);
    }

    async fn kind_follows_changes_of_the_newest_artifact(app: TestApp) {
        let pages = Pages::new(&app).await;
        let link = "[Report](https://a.example)";
        let first = pages.create(json!({"key": "k", "type": "markdown", "data": link})).await;
        let second = pages.create(json!({"key": "k", "type": "markdown", "data": "text"})).await;
        assert_eq!(pages.keys(Some(ArtifactKind::Link), "").await, [""; 0]);
        artifact::update(&app.cx, pages.runs.write, second, from_json(json!({"data": link}))).await.unwrap();
        assert_eq!(pages.keys(Some(ArtifactKind::Link), "").await, ["k"]);
        artifact::update(&app.cx, pages.runs.write, second, from_json(json!({"description": "d"}))).await.unwrap();
        assert_eq!(pages.keys(Some(ArtifactKind::Link), "").await, ["k"]);
        artifact::update(&app.cx, pages.runs.write, first, from_json(json!({"data": "text"}))).await.unwrap();
        assert_eq!(pages.keys(Some(ArtifactKind::Link), "").await, ["k"], "an earlier version says nothing");
        artifact::delete(&app.cx, pages.runs.write, second).await.unwrap();
        assert_eq!(pages.keys(Some(ArtifactKind::Markdown), "").await, ["k"]);
    }

    async fn lists_and_histories_have_pages(app: TestApp) {
        let pages = Pages::new(&app).await;
        for number in 0..=ARTIFACTS_PER_PAGE {
            pages.create(json!({"key": format!("k{number}"), "type": "progress", "data": number})).await;
        }
        let skip = u32::try_from(ARTIFACTS_PER_PAGE).unwrap();
        let (first, second) = (pages.list(None, "", 0).await, pages.list(None, "", skip).await);
        assert_eq!((first.cards.len(), first.total), (ARTIFACTS_PER_PAGE, ARTIFACTS_PER_PAGE as u64 + 1));
        assert_eq!(second.cards.iter().map(|card| card.head.key.as_deref()).collect::<Vec<_>>(), [Some("k0")]);
        let beyond = pages.list(None, "", 1_000).await;
        assert_eq!((beyond.cards.len(), beyond.unfiltered), (0, ARTIFACTS_PER_PAGE as u64 + 1));

        let mut ids = Vec::new();
        for number in 0..=VERSIONS_PER_PAGE {
            ids.insert(0, pages.create(json!({"key": "load", "type": "progress", "data": number})).await);
        }
        let newest = pages.newest("load").await;
        assert_eq!((newest.head.id, newest.newest, newest.history.total), (ids[0], true, VERSIONS_PER_PAGE as u64 + 1));
        let listed = |screen: ArtifactScreen| screen.history.versions.into_iter().map(|version| version.head.id).collect::<Vec<_>>();
        assert_eq!(newest.history.versions[0].summary.as_deref(), Some("50 %"));
        assert_eq!(listed(newest), ids[..VERSIONS_PER_PAGE]);
        let oldest = pages.screen(ArtifactRef::Id(ids[VERSIONS_PER_PAGE]), u32::try_from(VERSIONS_PER_PAGE).unwrap()).await.unwrap();
        assert_eq!((oldest.newest, &oldest.content), (false, &ArtifactContent::Progress(0.0)));
        assert_eq!(listed(oldest), ids[VERSIONS_PER_PAGE..]);
    }

    async fn long_data_is_not_read_for_a_list(app: TestApp) {
        let pages = Pages::new(&app).await;
        let text = "é".repeat(40_000);
        let long = json!({"key": "long", "type": "markdown", "data": text, "description": text, "metadata_": {"a": text}});
        let id = pages.create(long).await;
        let list = pages.list(None, "", 0).await;
        assert_eq!(list.cards[0].preview, ArtifactContent::TooLarge);
        assert!(list.cards[0].head.bytes > 80_000 && list.cards[0].head.description.as_ref().unwrap().len() < 10_000);
        let screen = pages.newest("long").await;
        assert!(matches!(&screen.content, ArtifactContent::Markdown { html, cut: false } if html.len() > 80_000));
        assert_eq!((screen.history.versions[0].summary.as_deref(), screen.metadata.len()), (None, 1));
        let huge = from_json(json!({"data": "x".repeat(1024 * 1024)}));
        artifact::update(&app.cx, pages.runs.write, id, huge).await.unwrap();
        assert_eq!(pages.newest("long").await.content, ArtifactContent::TooLarge);
    }

    async fn missing_artifacts_and_invalid_pages_are_refused(app: TestApp) {
        let pages = Pages::new(&app).await;
        let id = pages.create(json!({"type": "result", "data": {"a": 1}})).await;
        let screen = pages.screen(ArtifactRef::Id(id), 0).await.unwrap();
        assert_eq!((screen.head.key, screen.newest, screen.history.total), (None, false, 0));
        assert!(matches!(screen.content, ArtifactContent::Json { .. }));
        let missing = ArtifactRef::Newest("nothing".parse().unwrap());
        assert!(matches!(pages.screen(missing, 0).await, Err(Error::NotFound { .. })));
        artifact::delete(&app.cx, pages.runs.write, id).await.unwrap();
        assert!(matches!(pages.screen(ArtifactRef::Id(id), 0).await, Err(Error::NotFound { .. })));
        let list = |search: &str, skip| {
            let filter = ArtifactListFilter { kind: None, search: search.to_owned() };
            screen::artifact_list(&pages.runs.cx, pages.runs.read, filter, skip)
        };
        let field = |result: Result<ArtifactList, Error>| match result {
            Err(Error::Invalid(errors)) => errors[0].to_string(),
            other => panic!("{other:?}"),
        };
        assert!(field(list(&"x".repeat(513), 0).await).contains("search"));
        assert!(field(list("a\0b", 0).await).contains("search"));
        assert!(field(list("", u32::try_from(MAX_COUNT).unwrap()).await).contains("skip"));
    }
}
