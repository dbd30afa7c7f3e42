//! Sign-in with the workspace picker, switching workspaces and profiles, signing out.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bench::client::Client;
use bench::process::run_command;
use bench::snapshot::Snapshot;
use serde_json::json;

use crate::setup::{self, Database};

const TIMEOUT: Duration = Duration::from_secs(20);
const PICKER_TIMEOUT: Duration = Duration::from_secs(90);
const DOWN: &str = "\u{1b}[B";
const ENTER: &str = "\r";

pub async fn picker_workspaces_profiles(version: &str) -> Result<()> {
    let client = setup::client(version)?;
    let provost = setup::provost(Database::Sqlite, &[]).await?;
    provost.create_user("ada", &["main", "other"]).await?;
    let key = provost.create_key("ada", "laptop", "never").await?;
    let handles: Vec<_> = provost.workspaces(&key).await?.iter().map(|workspace| workspace.handle()).collect();
    ensure!(handles == ["ada/main", "ada/other"], "the key sees {handles:?}");

    client.point_at(provost.url()).await?;
    let output = pick_second(&client, &key, "ada/other").await?;
    ensure!(output.contains("'ada/other'"), "signed in to another workspace:\n{output}");
    client.run(&setup::script("basic")).await?;
    let basic = setup::recording(version, "basic")?;
    Snapshot::wait_until_equal(&provost.workspace(&key, "other").await?, &basic, TIMEOUT).await?;

    client.prefect(&["cloud", "workspace", "set", "--workspace", "ada/main"]).await?;
    let listed = client.prefect(&["cloud", "workspace", "ls"]).await?;
    ensure!(listed.contains("* ada/main") && listed.contains("ada/other"), "workspace ls shows:\n{listed}");
    let main = Snapshot::read(&provost.workspace(&key, "main").await?).await?;
    ensure!(main == Snapshot::default(), "a run went into the wrong workspace:\n{}", main.text()?);

    client.prefect(&["profile", "create", "second", "--from", client.profile()]).await?;
    let used = client.prefect(&["profile", "use", "second"]).await?;
    ensure!(used.contains("Connected to Prefect Cloud"), "profile use prints:\n{used}");
    sign_out(&client).await
}

async fn sign_out(client: &Client) -> Result<()> {
    if client.is_first_generation() {
        return Ok(());
    }
    client.prefect(&["cloud", "logout"]).await?;
    let listed = client.try_prefect(&["cloud", "workspace", "ls"]).await?;
    ensure!(!listed.success && listed.text().contains("not authenticated"), "after logout:\n{}", listed.text());
    Ok(())
}

/// Runs `prefect cloud login` without a workspace on a pseudo-terminal, and picks the second workspace with the arrow keys.
async fn pick_second(client: &Client, key: &str, handle: &str) -> Result<String> {
    let selected = format!("> {handle}");
    let steps = if client.is_first_generation() {
        let profile = format!("{}\n", client.profile());
        json!([["Select a Workspace", DOWN], [selected, ENTER], ["profile name:", profile]])
    } else {
        json!([["Which workspace would you like to use?", DOWN], [selected, ENTER]])
    };
    let mut command = client.program("python");
    command.arg(setup::script("terminal")).arg(steps.to_string());
    command.arg(client.path("prefect")).args(["cloud", "login", "--key", key]);
    let result = run_command(&mut command, "", PICKER_TIMEOUT).await.context("the picker")?;
    ensure!(result.success, "the picker failed:\n{}", result.text());
    Ok(result.stdout)
}
