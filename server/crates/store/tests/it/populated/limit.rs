//! A concurrency limit, and a lease of its slots.

use control::{access::Workspace, concurrency};
use model::permission::{WriteLimits, WriteRuns};
use serde_json::json;
use testkit::TestApp;

use super::from_json;

pub async fn create(app: &TestApp, ws: Workspace<WriteLimits>, runs: Workspace<WriteRuns>) {
    concurrency::limit::create(&app.cx, ws, from_json(json!({"name": "tag:red", "limit": 5}))).await.unwrap();
    let take = json!({"names": ["tag:red"], "slots": 2, "holder": {"type": "task_run", "id": "01a20b9f-f30c-79ea-9303-eea0fca95c3c"}});
    concurrency::lease::acquire(&app.cx, runs, from_json(take)).await.unwrap();
}
