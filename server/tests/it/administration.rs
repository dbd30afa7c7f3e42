use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Result, ensure};
use bench::{
    lifecycle,
    load::{Connection, Target},
    provost::Provost,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use tokio::task::JoinSet;

const WRITERS: usize = 32;
const COMMANDS: usize = 200;
/// Concurrent commands; each is a process that opens the database.
const AT_ONCE: usize = 8;

/// Takes one run after the other through its states until `stop` is set. Returns the number of runs.
async fn write(target: Target, flow: String, stop: Arc<AtomicBool>) -> Result<usize> {
    let mut connection = Connection::open(&target).await?;
    let mut runs = 0;
    while !stop.load(Ordering::Relaxed) {
        ensure!(lifecycle::complete_run(&mut connection, &flow).await?, "a write failed");
        runs += 1;
    }
    ensure!(runs > 0, "a writer has written nothing");
    Ok(runs)
}

async fn command(provost: &Provost, n: usize) -> Result<()> {
    let name = format!("made-{n}");
    if n.is_multiple_of(2) {
        provost.admin(&["create-workspace", "--account", "ada", "--name", &name], "").await?;
    } else {
        provost.create_key("ada", &name, "never").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_commands_run_while_the_server_writes() -> Result<()> {
    let provost = Provost::start(Path::new(env!("CARGO_BIN_EXE_provost")), None, &["--log-level", "warn"]).await?;
    provost.create_user("ada", &["main"]).await?;
    let key = provost.create_key("ada", "writers", "never").await?;
    let main = provost.workspace(&key, "main").await?;
    let flow = lifecycle::create_flow(&main.target()?).await?;

    let stop = Arc::new(AtomicBool::new(false));
    let mut writing = JoinSet::new();
    for _ in 0..WRITERS {
        writing.spawn(write(main.target()?, flow.clone(), Arc::clone(&stop)));
    }
    let commands = stream::iter(0..COMMANDS).map(|n| command(&provost, n)).buffer_unordered(AT_ONCE);
    commands.try_collect::<Vec<()>>().await?;
    stop.store(true, Ordering::Relaxed);

    let runs: usize = writing.join_all().await.into_iter().sum::<Result<usize>>()?;
    assert_eq!(main.post::<usize>("/flow_runs/count", &json!({})).await?, runs);
    assert_eq!(provost.workspaces(&key).await?.len(), 1 + COMMANDS / 2);
    Ok(())
}
