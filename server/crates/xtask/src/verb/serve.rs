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
    /// What `provost serve` is to be told; the data folder is `.provost`, unless it is told here, in a file or in a variable
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
    let is_told = |flag| args.server.iter().any(|word| word == flag || word.starts_with(&format!("{flag}=")));
    let is_set = |variable| std::env::var_os(variable).is_some();
    let elsewhere =
        is_told("--data-dir") || is_told("--config") || is_set("PROVOST_DATA_DIR") || is_set("PROVOST_CONFIG");
    if !elsewhere {
        fs::create_dir_all(DATA_DIR).with_context(|| format!("cannot make {DATA_DIR}"))?;
        server.args(["--data-dir", DATA_DIR]);
    }
    // This process becomes the server, so that signals reach it directly.
    Err(server.exec()).context("cannot start target/debug/provost")
}
