//! `cargo xtask sizes`: which functions the wasm consists of.

use anyhow::Result;

use crate::prerequisites::wasm::WasmCompiler;
use crate::site::{self, Profile, sizes};
use crate::workspace;

#[derive(clap::Args)]
pub struct Args {
    /// How many functions to list
    #[arg(long, default_value_t = 40)]
    largest: usize,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    sizes::print(args.largest)
}
