//! `cargo xtask serve`: builds and starts the server, also from a fresh clone.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::prerequisites::wasm::WasmCompiler;
use crate::progress::step;
use crate::site::{self, Profile};
use crate::{process, workspace};

const DATA_DIR: &str = ".provost";

#[derive(clap::Args)]
pub struct Args {
    /// Arguments for `provost serve`; the data folder is `.provost` unless a flag, a file or a variable sets it
    #[arg(last = true)]
    server_args: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    let compiler = WasmCompiler::ensure()?;
    site::build(&compiler, Profile::Dev)?;
    step("server", || process::run(workspace::cargo().args(["build", "-p", "server"])))?;
    let mut server = Command::new("target/debug/provost");
    server.arg("serve").args(&args.server_args);
    let has_flag = |flag| args.server_args.iter().any(|arg| arg == flag || arg.starts_with(&format!("{flag}=")));
    let is_set = |variable| std::env::var_os(variable).is_some();
    let is_configured =
        has_flag("--data-dir") || has_flag("--config") || is_set("PROVOST_DATA_DIR") || is_set("PROVOST_CONFIG");
    if !is_configured {
        fs::create_dir_all(DATA_DIR).with_context(|| format!("cannot make {DATA_DIR}"))?;
        server.args(["--data-dir", DATA_DIR]);
    }
    // This process becomes the server, so that signals reach it directly.
    Err(server.exec()).context("cannot start target/debug/provost")
}
