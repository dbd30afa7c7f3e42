//! A running server with a user who is signed in and has an API key.

use std::path::Path;

use anyhow::{Context as _, Result};
use bench::{api::Api, provost::Provost};
use model::{
    id::FlowRunId,
    live::{StreamPosition, Topic, TopicKind},
    screen::{RunCursor, RunFilter, RunList, RunScreen, RunView},
    time::Timestamp,
    workspace::WorkspaceRef,
};
use serde_json::{Value, json};
use store::db::FIND_FOREIGN_WRITES_EVERY;

use crate::http::{call, sign_in};

#[derive(Clone, Copy)]
pub enum Database {
    Sqlite,
    Postgres,
}

pub struct LiveFixture {
    pub server: Provost,
    pub api: Api,
    /// The session cookie of the first user.
    pub cookie: String,
    pub account: String,
    pub workspace: String,
}

const PASSWORD: &str = "seventeen quiet herons";

/// The timestamp of a log line where it does not matter.
pub fn noon() -> Timestamp {
    Timestamp::from_micros(1_795_608_000_000_000)
}

impl LiveFixture {
    pub async fn start(database: Database, arguments: &[&str]) -> Result<Self> {
        let database = match database {
            Database::Sqlite => None,
            Database::Postgres => {
                let cluster = env_variable("TEST_DATABASE_URL")
                    .context("TEST_DATABASE_URL names no PostgreSQL: `cargo xtask test` starts one")?;
                Some(bench::database::Database::create(&cluster).await?)
            }
        };
        let server = Provost::start(Path::new(env!("CARGO_BIN_EXE_provost")), database, arguments).await?;
        server.create_user("ann", &["data"]).await?;
        let key = server.create_key("ann", "laptop", "never").await?;
        let cookie = sign_in(server.url(), "ann@example.com", PASSWORD).await?;
        let (account, workspace) = ids(&server.workspaces(&key).await?)?;
        let api = server.workspace(&key, "data").await?;
        // The administration commands were other processes. After two looks the server has seen all that they wrote, and no page of the
        // test is reloaded for it.
        tokio::time::sleep(FIND_FOREIGN_WRITES_EVERY * 2).await;
        Ok(Self { server, api, cookie, account, workspace })
    }

    /// A server in local mode, without sign-in.
    pub async fn local() -> Result<Self> {
        let server = Provost::start(Path::new(env!("CARGO_BIN_EXE_provost")), None, &["--local"]).await?;
        let api = Api::new(format!("{}/api", server.url()), None)?;
        let (account, workspace) = ids(&api.get::<Vec<_>>("/me/workspaces").await?)?;
        Ok(Self { server, api, cookie: String::new(), account, workspace })
    }

    /// The session cookie of another user, who has a workspace.
    pub async fn other_user(&self) -> Result<String> {
        self.server.create_user("ben", &["other"]).await?;
        sign_in(self.server.url(), "ben@example.com", PASSWORD).await
    }

    pub fn topic(&self, kind: TopicKind) -> Result<Topic> {
        Ok(Topic { workspace: self.workspace_ref()?, kind })
    }

    /// The server's stream position, as a page reads it.
    pub async fn position(&self) -> Result<StreamPosition> {
        self.position_at(self.server.url()).await
    }

    /// The stream position of a server on the same database.
    pub async fn position_at(&self, url: &str) -> Result<StreamPosition> {
        let arguments = (self.workspace_ref()?, RunFilter::default(), RunCursor::Newest);
        let list: RunList = call(url, &self.cookie, "runs", &arguments).await?;
        Ok(list.position)
    }

    /// Creates a second workspace of the first user.
    pub async fn create_workspace(&self) -> Result<WorkspaceRef> {
        let form = format!("account={}&name=elsewhere", self.account);
        let form_type = "application/x-www-form-urlencoded";
        let response =
            crate::http::post(self.server.url(), "/ui/create-workspace", form_type, &self.cookie, form.as_bytes())
                .await?;
        let (_, path) = response.head.split_once("/workspace/").context("a redirect to the new workspace")?;
        let (workspace, _) = path.split_once('/').context("the page of its first run")?;
        Ok(WorkspaceRef { account: self.account.parse()?, workspace: workspace.parse()? })
    }

    pub async fn delete_workspace(&self) -> Result<()> {
        let form =
            format!("place%5Baccount%5D={}&place%5Bworkspace%5D={}&confirmation=data", self.account, self.workspace);
        let form_type = "application/x-www-form-urlencoded";
        let response =
            crate::http::post(self.server.url(), "/ui/delete-workspace", form_type, &self.cookie, form.as_bytes())
                .await?;
        anyhow::ensure!(response.status == 200, "{}", response.status);
        Ok(())
    }

    /// Creates a flow run and returns its id.
    pub async fn create_run(&self) -> Result<String> {
        let flow: Value = self.api.post("/flows/", &json!({ "name": "orders" })).await?;
        let run: Value = self.api.post("/flow_runs/", &json!({ "flow_id": flow["id"], "name": "first" })).await?;
        Ok(run["id"].as_str().context("a run has an id")?.to_owned())
    }

    pub async fn set_state(&self, run: &str, state: &str) -> Result<()> {
        self.set_state_of("flow_runs", run, state).await
    }

    /// Sets the state of a flow run or a task run (`kind`).
    pub async fn set_state_of(&self, kind: &str, run: &str, state: &str) -> Result<()> {
        let body = json!({ "state": { "type": state, "name": null, "message": null } });
        let result: Value = self.api.post(&format!("/{kind}/{run}/set_state"), &body).await?;
        anyhow::ensure!(result["status"] == "ACCEPT", "{result}");
        Ok(())
    }

    /// Sends a request that changes an object.
    pub async fn change(&self, method: &str, path: &str, body: Option<&Value>) -> Result<()> {
        let (status, text) = self.api.call(method, path, [], body.map(Value::to_string)).await?;
        anyhow::ensure!((200..300).contains(&status), "{method} {path}: {status} {text}");
        Ok(())
    }

    /// Sends a log line of the run.
    pub async fn log(&self, run: &str, message: &str) -> Result<()> {
        self.log_all(run, [(noon(), message.to_owned())]).await
    }

    /// Sends log lines of the run in one request, each with its timestamp.
    pub async fn log_all(&self, run: &str, lines: impl IntoIterator<Item = (Timestamp, String)>) -> Result<()> {
        let line = |(at, message): (Timestamp, String)| {
            json!({
                "name": "prefect.flow_runs", "level": 30, "message": message, "timestamp": at,
                "flow_run_id": run, "task_run_id": null,
            })
        };
        let lines: Vec<_> = lines.into_iter().map(line).collect();
        self.api.post::<Value>("/logs/", &json!(lines)).await.map(drop)
    }

    /// The screen of the run's page.
    pub async fn screen(&self, run: &str, view: RunView) -> Result<RunScreen> {
        let arguments = (self.workspace_ref()?, run.parse::<FlowRunId>()?, view);
        call(self.server.url(), &self.cookie, "run", &arguments).await
    }

    fn workspace_ref(&self) -> Result<WorkspaceRef> {
        Ok(WorkspaceRef { account: self.account.parse()?, workspace: self.workspace.parse()? })
    }

    /// Creates the task run `load-{number}` and returns its id.
    pub async fn create_task_run(&self, run: &str, number: usize) -> Result<String> {
        let (key, name) = (number.to_string(), format!("load-{number}"));
        let task = json!({ "flow_run_id": run, "task_key": "load", "dynamic_key": key, "name": name });
        let task: Value = self.api.post("/task_runs/", &task).await?;
        Ok(task["id"].as_str().context("a task run has an id")?.to_owned())
    }
}

fn ids(workspaces: &[bench::provost::Workspace]) -> Result<(String, String)> {
    let first = workspaces.first().context("no workspace")?;
    Ok((first.account_id.clone(), first.workspace_id.clone()))
}

#[expect(clippy::disallowed_methods, reason = "variables of the tests are not settings of the server")]
fn env_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
