//! Signing in by the picker, moving between workspaces and profiles, signing out.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bench::client::Client;
use bench::process::finish;
use bench::stored::Stored;
use serde_json::json;

use crate::place::{self, Database};

const PATIENCE: Duration = Duration::from_secs(20);
const PICKER_LIMIT: Duration = Duration::from_secs(90);
const DOWN: &str = "\u{1b}[B";
const ENTER: &str = "\r";

pub async fn picker_workspaces_profiles(version: &str) -> Result<()> {
    let client = place::client(version)?;
    let provost = place::provost(Database::Sqlite, &[]).await?;
    provost.person("ada", &["main", "other"]).await?;
    let key = provost.key("ada", "laptop", "never").await?;
    let handles: Vec<_> = provost.workspaces(&key).await?.iter().map(|workspace| workspace.handle()).collect();
    ensure!(handles == ["ada/main", "ada/other"], "the key sees {handles:?}");

    client.point_at(provost.url()).await?;
    let shown = pick_second(&client, &key, "ada/other").await?;
    ensure!(shown.contains("'ada/other'"), "signed in elsewhere:\n{shown}");
    client.run(&place::script("basic")).await?;
    let basic = place::recording(version, "basic")?;
    Stored::expect(&provost.workspace(&key, "other").await?, &basic, PATIENCE).await?;

    client.prefect(&["cloud", "workspace", "set", "--workspace", "ada/main"]).await?;
    let listed = client.prefect(&["cloud", "workspace", "ls"]).await?;
    ensure!(listed.contains("* ada/main") && listed.contains("ada/other"), "workspace ls shows:\n{listed}");
    let main = Stored::read(&provost.workspace(&key, "main").await?).await?;
    ensure!(main == Stored::default(), "a run went into the wrong workspace:\n{}", main.text()?);

    client.prefect(&["profile", "create", "second", "--from", client.profile()]).await?;
    let used = client.prefect(&["profile", "use", "second"]).await?;
    ensure!(used.contains("Connected to Prefect Cloud"), "profile use says:\n{used}");
    signs_out(&client).await
}

async fn signs_out(client: &Client) -> Result<()> {
    if client.is_first_generation() {
        return Ok(());
    }
    client.prefect(&["cloud", "logout"]).await?;
    let listed = client.try_prefect(&["cloud", "workspace", "ls"]).await?;
    ensure!(!listed.success && listed.text().contains("not authenticated"), "after logout:\n{}", listed.text());
    Ok(())
}

/// `prefect cloud login` without a workspace, answered on a pseudo-terminal with the arrow keys.
async fn pick_second(client: &Client, key: &str, handle: &str) -> Result<String> {
    let selected = format!("> {handle}");
    let steps = if client.is_first_generation() {
        let profile = format!("{}\n", client.profile());
        json!([["Select a Workspace", DOWN], [selected, ENTER], ["profile name:", profile]])
    } else {
        json!([["Which workspace would you like to use?", DOWN], [selected, ENTER]])
    };
    let mut command = client.program("python");
    command.arg(place::script("terminal")).arg(steps.to_string());
    command.arg(client.path("prefect")).args(["cloud", "login", "--key", key]);
    let done = finish(&mut command, "", PICKER_LIMIT).await.context("the picker")?;
    ensure!(done.success, "the picker failed:\n{}", done.text());
    Ok(done.stdout)
}
