//! `prove answers`: records what the reference server answers to the cases of the crate `differential`, on both of its databases.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::Value;

use bench::api::Api;
use bench::database::Database;
use bench::reference::Reference;
use differential::answer::Answer;
use differential::case::{self, Table};
use differential::recording::{self, Recorded, Recording};
use differential::server::{Request, Response, Server};
use differential::session::{Outcome, Session};
use differential::symbols::Symbols;

#[derive(Args)]
pub struct Answers {
    /// Where the reference server is installed
    #[arg(long, value_name = "DIR", env = "PROVOST_TEST_VENVS", default_value = "target/venv")]
    venvs: PathBuf,
    /// The folder for the recordings
    #[arg(long, value_name = "DIR", default_value = "server/crates/differential/recordings")]
    recordings: PathBuf,
    /// URL of any database of a PostgreSQL cluster
    #[arg(long, value_name = "URL", env = "TEST_DATABASE_URL")]
    postgres: String,
}

impl Answers {
    pub async fn run(self) -> Result<()> {
        let tables = case::tables()?;
        let sqlite = self.answers(&tables, None).await?;
        let postgres = self.answers(&tables, Some(Database::create(&self.postgres).await?)).await?;
        let mut both = sqlite.into_iter().zip(postgres);
        for table in tables {
            let mut recording = Recording::new();
            for (case, (sqlite, postgres)) in table.cases.iter().zip(both.by_ref()) {
                let twice = recording.insert(case.name(), Recorded::new(sqlite, postgres));
                ensure!(twice.is_none(), "two cases are called {}", case.name());
            }
            let ambiguous = recording.values().filter(|recorded| recorded.is_ambiguous()).count();
            writeln!(std::io::stdout(), "{}: {} cases, {ambiguous} with two answers", table.name, recording.len())?;
            let file = self.recordings.join(table.name).with_extension("json");
            std::fs::write(&file, recording::text(&recording)?)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }

    /// The answers to all cases, from a new reference server on this database.
    async fn answers(&self, tables: &[Table], database: Option<Database>) -> Result<Vec<Vec<Answer>>> {
        let reference = Reference::start_without_services(&self.venvs, database).await?;
        let api = reference.api()?;
        let mut session = Session::new(HttpServer { api: api.clone() }, Symbols::new(server_time(&api).await?, None));
        let failed = session.seed(&case::seed()?).await?;
        ensure!(failed.is_empty(), "the reference rejects the seed: {failed:#?}");
        let mut answers = Vec::new();
        for case in tables.iter().flat_map(|table| &table.cases) {
            match session.run(case).await.with_context(|| case.name())? {
                Outcome::Answers(found) => answers.push(found),
                Outcome::Blocked(reason) => bail!("{}: {reason}", case.name()),
            }
        }
        Ok(answers)
    }
}

/// The time of the server's clock: when a new flow was created.
async fn server_time(api: &Api) -> Result<DateTime<Utc>> {
    let flow: Value = api.post("/flows/", &serde_json::json!({"name": "clock"})).await?;
    let (id, created) = (flow["id"].as_str().context("an id")?, flow["created"].as_str().context("a time")?);
    let (status, _) = api.call("DELETE", &format!("/flows/{id}"), [], None).await?;
    ensure!(status == 204, "the flow that showed the time could not be deleted: {status}");
    created.parse().map_err(|error| anyhow!("{created}: {error}"))
}

/// How often a call is made that the server answers with 5xx: it does so at random if its SQLite file is locked.
const ATTEMPTS: usize = 4;

struct HttpServer {
    api: Api,
}

impl Server for HttpServer {
    async fn call(&mut self, request: Request) -> Result<Response> {
        let Request { method, path, headers, body } = &request;
        let mut attempt = 0;
        let (status, text) = loop {
            attempt += 1;
            let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            match self.api.call(method, path, headers, body.clone()).await {
                Ok((500.., _)) | Err(_) if attempt < ATTEMPTS => {}
                Ok(answer) => break answer,
                // The server closes the connection after some of its faults.
                Err(_) => break (500, String::new()),
            }
        };
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(text.into()) };
        Ok(Response { status, body })
    }
}
