//! A workspace with rows in all of its tables, made through the use cases. Objects that refer to no others are
//! created in `plain`, others in a file of their own.

mod block;
mod limit;
mod run;

use control::{
    access::{Workspace, WorkspaceRef},
    name::{self, NAMED_TABLES},
    workspace,
};
use model::{id::WorkspaceId, permission::Permit};
use serde::de::DeserializeOwned;
use serde_json::Value;
use testkit::{Backend, TestApp, TestUser};

use crate::plain;

pub fn from_json<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// A populated workspace and an empty one.
pub async fn two_workspaces(app: &TestApp) -> (WorkspaceId, WorkspaceId) {
    let ann = app.person("ann").await;
    let (full, empty) = (app.workspace(&ann, "full").await, app.workspace(&ann, "empty").await);
    run::create(app, authorize(app, &ann, full).await).await;
    block::create(app, authorize(app, &ann, full).await).await;
    limit::create(app, authorize(app, &ann, full).await, authorize(app, &ann, full).await).await;
    plain::create(app, &ann, full).await;
    workspace::set_favourite(&app.cx, authorize(app, &ann, full).await, true).await.unwrap();
    index_names(app).await;
    (full.workspace, empty.workspace)
}

/// Indexes the names of all rows on SQLite, as the service does.
pub async fn index_names(app: &TestApp) {
    for table in NAMED_TABLES.iter().filter(|_| app.backend == Backend::Sqlite) {
        name::index(&app.cx, table).await.unwrap();
    }
}

async fn authorize<P: Permit>(app: &TestApp, user: &TestUser, workspace: WorkspaceRef) -> Workspace<P> {
    app.authorize(user, workspace).await
}
