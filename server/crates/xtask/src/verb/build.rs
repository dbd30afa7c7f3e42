//! `cargo xtask build`: one file that holds everything.

use std::path::Path;

use anyhow::{Context, Result};

use crate::need::wasm::WasmCompiler;
use crate::progress::step;
use crate::site::{self, Profile};
use crate::{process, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// Optimised and with compressed assets: what one deploys
    #[arg(long)]
    release: bool,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    let compiler = WasmCompiler::ensure()?;
    let file = if args.release {
        site::build(&compiler, Profile::Release)?;
        step("server", release)?;
        RELEASE
    } else {
        site::build(&compiler, Profile::Dev)?;
        step("server", || process::run(workspace::cargo().args(["build", "-p", "server"])))?;
        "target/debug/provost"
    };
    println!("{file}: {} bytes", Path::new(file).metadata().with_context(|| format!("cannot read {file}"))?.len());
    Ok(())
}

pub const RELEASE: &str = "target/release/provost";

/// Compiles the server for use, around whatever site is there.
pub fn release() -> Result<()> {
    process::run(workspace::cargo().args(["build", "--release", "-p", "server"]))
}
