//! `cargo xtask serve`: from a fresh clone to a running server.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::need::wasm::WasmCompiler;
use crate::progress::step;
use crate::site::{self, Profile};
use crate::{process, workspace};

const DATA_DIR: &str = ".provost";

#[derive(clap::Args)]
pub struct Args {
    /// What `provost serve` is to be told beside `--data-dir .provost`
    #[arg(last = true)]
    server: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    let compiler = WasmCompiler::ensure()?;
    site::build(&compiler, Profile::Dev)?;
    step("server", || process::run(workspace::cargo().args(["build", "-p", "server"])))?;
    let mut server = Command::new("target/debug/provost");
    server.arg("serve").args(&args.server);
    if !args.server.iter().any(|word| word.starts_with("--data-dir")) {
        fs::create_dir_all(DATA_DIR).with_context(|| format!("cannot make {DATA_DIR}"))?;
        server.args(["--data-dir", DATA_DIR]);
    }
    // This process becomes the server, so that signals reach it directly.
    Err(server.exec()).context("cannot start target/debug/provost")
}
