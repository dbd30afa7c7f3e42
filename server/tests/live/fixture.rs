//! A running server with two people in it, the first of them signed in and with a key.

use std::path::Path;

use anyhow::{Context as _, Result};
use bench::{api::Api, provost::Provost};
use model::{
    id::FlowRunId,
    live::{Mark, Topic, TopicOf},
    screen::{RunCursor, RunFilter, RunList, RunScreen, RunView},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::http::{ask, sign_in};

#[derive(Clone, Copy)]
pub enum Database {
    Sqlite,
    Postgres,
}

pub struct Place {
    pub server: Provost,
    pub api: Api,
    /// Of the session of the first person.
    pub cookie: String,
    pub account: String,
    pub workspace: String,
}

const PASSWORD: &str = "seventeen quiet herons";

/// When a line says that it was written, if it doesn't matter.
pub fn noon() -> Timestamp {
    Timestamp::from_micros(1_795_608_000_000_000)
}

impl Place {
    pub async fn start(database: Database, arguments: &[&str]) -> Result<Self> {
        let database = match database {
            Database::Sqlite => None,
            Database::Postgres => {
                let cluster = variable("TEST_DATABASE_URL")
                    .context("TEST_DATABASE_URL names no PostgreSQL: `cargo xtask test` starts one")?;
                Some(bench::database::Database::create(&cluster).await?)
            }
        };
        let server = Provost::start(Path::new(env!("CARGO_BIN_EXE_provost")), database, arguments).await?;
        server.person("ann", &["data"]).await?;
        let key = server.key("ann", "laptop", "never").await?;
        let cookie = sign_in(server.url(), "ann@example.com", PASSWORD).await?;
        let (account, workspace) = ids(&server.workspaces(&key).await?)?;
        let api = server.workspace(&key, "data").await?;
        Ok(Self { server, api, cookie, account, workspace })
    }

    /// In local mode: nobody signs in.
    pub async fn local() -> Result<Self> {
        let server = Provost::start(Path::new(env!("CARGO_BIN_EXE_provost")), None, &["--local"]).await?;
        let api = Api::new(format!("{}/api", server.url()), None)?;
        let (account, workspace) = ids(&api.get::<Vec<_>>("/me/workspaces").await?)?;
        Ok(Self { server, api, cookie: String::new(), account, workspace })
    }

    /// The session of another person, who has a workspace of their own.
    pub async fn somebody_else(&self) -> Result<String> {
        self.server.person("ben", &["other"]).await?;
        sign_in(self.server.url(), "ben@example.com", PASSWORD).await
    }

    pub fn topic(&self, of: TopicOf) -> Result<Topic> {
        Ok(Topic { account: self.account.parse()?, workspace: self.workspace.parse()?, of })
    }

    /// Where the server stands, as a page learns it.
    pub async fn mark(&self) -> Result<Mark> {
        let asked = (self.here()?, RunFilter::default(), RunCursor::Newest);
        let list: RunList = ask(self.server.url(), &self.cookie, "runs", &asked).await?;
        Ok(list.mark)
    }

    pub async fn delete_workspace(&self) -> Result<()> {
        let form =
            format!("place%5Baccount%5D={}&place%5Bworkspace%5D={}&confirmation=data", self.account, self.workspace);
        let kind = "application/x-www-form-urlencoded";
        let answer =
            crate::http::post(self.server.url(), "/ui/delete-workspace", kind, &self.cookie, form.as_bytes()).await?;
        anyhow::ensure!(answer.status == 200, "{}", answer.status);
        Ok(())
    }

    /// A new run of a flow; its id.
    pub async fn run(&self) -> Result<String> {
        let flow: Value = self.api.post("/flows/", &json!({ "name": "orders" })).await?;
        let run: Value = self.api.post("/flow_runs/", &json!({ "flow_id": flow["id"], "name": "first" })).await?;
        Ok(run["id"].as_str().context("a run has an id")?.to_owned())
    }

    pub async fn set_state(&self, run: &str, state: &str) -> Result<()> {
        self.set_state_of("flow_runs", run, state).await
    }

    /// The same for a run of either kind.
    pub async fn set_state_of(&self, kind: &str, run: &str, state: &str) -> Result<()> {
        let ask = json!({ "state": { "type": state, "name": null, "message": null } });
        let answer: Value = self.api.post(&format!("/{kind}/{run}/set_state"), &ask).await?;
        anyhow::ensure!(answer["status"] == "ACCEPT", "{answer}");
        Ok(())
    }

    /// A log line of the run.
    pub async fn log(&self, run: &str, message: &str) -> Result<()> {
        self.log_all(run, [(noon(), message.to_owned())]).await
    }

    /// Log lines of the run, each with the time at which it says that it was written, sent at once.
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

    /// What the run's page reads.
    pub async fn screen(&self, run: &str, view: RunView) -> Result<RunScreen> {
        let asked = (self.here()?, run.parse::<FlowRunId>()?, view);
        ask(self.server.url(), &self.cookie, "run", &asked).await
    }

    fn here(&self) -> Result<app::links::Place> {
        Ok(app::links::Place { account: self.account.parse()?, workspace: self.workspace.parse()? })
    }

    /// A new task run, called `load` and its number; its id.
    pub async fn task_run(&self, run: &str, number: usize) -> Result<String> {
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

#[expect(clippy::disallowed_methods, reason = "a test's surroundings are no settings of the server")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
