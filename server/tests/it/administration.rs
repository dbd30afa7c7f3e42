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
/// Commands that run at the same time: each is a process of its own that opens the database.
const AT_ONCE: usize = 8;

/// Moves one run after the other through its life until told to end; how many there were.
async fn write(target: Target, flow: String, end: Arc<AtomicBool>) -> Result<usize> {
    let mut connection = Connection::open(&target).await?;
    let mut runs = 0;
    while !end.load(Ordering::Relaxed) {
        ensure!(lifecycle::run(&mut connection, &flow).await?, "a write was not served");
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
        provost.key("ada", &name, "never").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_commands_write_beside_thirty_two_writers() -> Result<()> {
    let provost = Provost::start(Path::new(env!("CARGO_BIN_EXE_provost")), None, &["--log-level", "warn"]).await?;
    provost.person("ada", &["main"]).await?;
    let key = provost.key("ada", "writers", "never").await?;
    let main = provost.workspace(&key, "main").await?;
    let flow = lifecycle::flow(&main.target()?).await?;

    let end = Arc::new(AtomicBool::new(false));
    let mut writing = JoinSet::new();
    for _ in 0..WRITERS {
        writing.spawn(write(main.target()?, flow.clone(), Arc::clone(&end)));
    }
    let commands = stream::iter(0..COMMANDS).map(|n| command(&provost, n)).buffer_unordered(AT_ONCE);
    commands.try_collect::<Vec<()>>().await?;
    end.store(true, Ordering::Relaxed);

    let runs: usize = writing.join_all().await.into_iter().sum::<Result<usize>>()?;
    assert_eq!(main.post::<usize>("/flow_runs/count", &json!({})).await?, runs);
    assert_eq!(provost.workspaces(&key).await?.len(), 1 + COMMANDS / 2);
    Ok(())
}
