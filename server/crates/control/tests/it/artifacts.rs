//! Artifacts, and the newest of each key.

use control::{Error, access::Workspace, artifact, list};
use model::{
    artifact::{Artifact, ArtifactCollection},
    filter::query::{ArtifactCollectionQuery, ArtifactQuery},
    id::ArtifactId,
    page::Page,
    permission::{ReadRuns, WriteRuns},
};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::runs::{RunFixture, from_json};

struct ArtifactFixture<'a> {
    app: &'a TestApp,
    read: Workspace<ReadRuns>,
    write: Workspace<WriteRuns>,
}

impl<'a> ArtifactFixture<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let ann = app.person("ann").await;
        let workspace = app.workspace(&ann, "reports").await;
        Self { app, read: app.authorize(&ann, workspace).await, write: app.authorize(&ann, workspace).await }
    }

    async fn create(&self, json: Value) -> Artifact {
        self.app.advance(1.0);
        artifact::create(&self.app.cx, self.write, from_json(json)).await.unwrap()
    }

    async fn list(&self, query: Value) -> Vec<ArtifactId> {
        let query: ArtifactQuery = from_json(query);
        let listed = list::objects(&self.app.cx, self.read, &query, Page::default()).await.unwrap();
        let counted = list::count(&self.app.cx, self.read, &query).await.unwrap();
        assert_eq!(usize::try_from(counted), Ok(listed.len()));
        listed.into_iter().map(|artifact| artifact.id).collect()
    }

    async fn latest(&self, query: Value) -> Vec<ArtifactCollection> {
        let query: ArtifactCollectionQuery = from_json(query);
        let listed = list::objects(&self.app.cx, self.read, &query, Page::default()).await.unwrap();
        let counted = list::count(&self.app.cx, self.read, &query).await.unwrap();
        assert_eq!(usize::try_from(counted), Ok(listed.len()));
        listed
    }
}

testkit::on_both! {
    async fn an_artifact_is_created_updated_and_deleted(app: TestApp) {
        let fixture = ArtifactFixture::new(&app).await;
        let body = json!({"key": "sales", "type": "table", "description": "By region", "data": [{"n": 1}], "metadata_": {"a": "x".repeat(501)}});
        let table = fixture.create(body).await;
        assert_eq!(artifact::read(&app.cx, fixture.read, table.id).await.unwrap(), table);
        assert_eq!(table.metadata_.as_ref().unwrap().0["a"], "x".repeat(500) + "...");
        app.advance(1.0);
        let update = from_json(json!({"data": null}));
        artifact::update(&app.cx, fixture.write, table.id, update).await.unwrap();
        let updated = artifact::read(&app.cx, fixture.read, table.id).await.unwrap();
        assert_eq!((updated.data, updated.description), (None, table.description));
        assert_eq!(fixture.latest(json!({})).await[0].updated, updated.updated);
        artifact::delete(&app.cx, fixture.write, table.id).await.unwrap();
        assert_eq!(artifact::delete(&app.cx, fixture.write, table.id).await, Err(Error::not_found(artifact::NOUN, table.id)));
        assert_eq!(fixture.latest(json!({})).await, []);
    }

    async fn the_newest_artifact_of_a_key_is_its_latest(app: TestApp) {
        let fixture = ArtifactFixture::new(&app).await;
        let (first, second) = (fixture.create(json!({"key": "k", "data": 1})).await, fixture.create(json!({"key": "k", "data": 2})).await);
        let latest = fixture.latest(json!({})).await;
        assert_eq!((latest.len(), latest[0].latest_id, latest[0].data.clone()), (1, second.id, Some(json!(2))));
        assert_eq!((latest[0].created, latest[0].updated), (first.created, second.created));
        let read = artifact::read_latest(&app.cx, fixture.read, "k").await.unwrap();
        assert_eq!((read.id.0, read.data), (latest[0].id.0, Some(json!(2))));
        artifact::delete(&app.cx, fixture.write, second.id).await.unwrap();
        assert_eq!(fixture.latest(json!({})).await[0].latest_id, first.id);
        artifact::delete(&app.cx, fixture.write, first.id).await.unwrap();
        assert_eq!(artifact::read_latest(&app.cx, fixture.read, "k").await, Err(Error::missing(artifact::NOUN)));
    }

    async fn artifacts_are_listed_by_key_type_and_run(app: TestApp) {
        let fixture = ArtifactFixture::new(&app).await;
        let report = fixture.create(json!({"key": "report-1", "type": "markdown"})).await.id;
        let link = fixture.create(json!({"key": "link", "type": "link"})).await.id;
        let result = fixture.create(json!({"type": "result"})).await.id;
        for (filter, expected) in [
            (json!({}), vec![result, link, report]),
            (json!({"key": {"any_": ["link"]}}), vec![link]),
            (json!({"key": {"like_": "REP%-_"}}), vec![report]),
            (json!({"key": {"exists_": false}}), vec![result]),
            (json!({"type": {"not_any_": ["result"]}}), vec![link, report]),
            (json!({"operator": "or_", "type": {"any_": ["link"]}, "id": {"any_": [result]}}), vec![result, link]),
        ] {
            assert_eq!(fixture.list(json!({"artifacts": filter})).await, expected, "{filter}");
        }
        assert_eq!(fixture.list(json!({"sort": "KEY_ASC"})).await, [link, report, result]);
        let latest = fixture.latest(json!({"artifacts": {"type": {"any_": ["link"]}}, "sort": "KEY_DESC"})).await;
        assert_eq!(latest.iter().map(|latest| latest.latest_id).collect::<Vec<_>>(), [link]);
    }

    async fn the_result_of_a_run_is_an_artifact(app: TestApp) {
        let runs = RunFixture::set_up(&app).await;
        let run = runs.run(json!({})).await;
        let data = json!({"artifact_key": "answer", "artifact_type": "result", "artifact_description": "d", "storage_key": "s"});
        runs.propose(run.id, json!({"type": "COMPLETED", "data": data})).await;
        let query: ArtifactQuery = from_json(json!({"flow_runs": {"id": {"any_": [run.id]}}}));
        let listed = list::objects(&app.cx, runs.read, &query, Page::default()).await.unwrap();
        let artifact = &listed[0];
        assert_eq!((artifact.key.as_deref(), artifact.artifact_type.as_deref()), (Some("answer"), Some("result")));
        assert_eq!((artifact.flow_run_id, artifact.data.clone()), (Some(run.id), Some(json!({"storage_key": "s"}))));
    }
}
