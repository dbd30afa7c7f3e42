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
    let file = if args.release {
        release()?;
        RELEASE
    } else {
        site::build(&WasmCompiler::ensure()?, Profile::Dev)?;
        step("server", || process::run(workspace::cargo().args(["build", "-p", "server"])))?;
        "target/debug/provost"
    };
    println!("{file}: {} bytes", Path::new(file).metadata().with_context(|| format!("cannot read {file}"))?.len());
    Ok(())
}

pub const RELEASE: &str = "target/release/provost";

/// Builds the site and the server for deployment.
pub fn release() -> Result<()> {
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    step("server", || process::run(workspace::cargo().args(["build", "--release", "-p", "server"])))
}
