//! `cargo xtask build`: builds the server as one file with the site embedded.

use std::path::Path;

use anyhow::{Context, Result};

use crate::prerequisites::wasm::WasmCompiler;
use crate::progress::step;
use crate::site::{self, Profile};
use crate::{process, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// Optimised and with compressed assets, for deployment
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

/// Compiles the release build of the server with the site that is in `target/site`.
pub fn release() -> Result<()> {
    process::run(workspace::cargo().args(["build", "--release", "-p", "server"]))
}
