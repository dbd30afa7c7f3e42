//! `cargo xtask texts`: the texts that people see.

use std::path::Path;

use anyhow::Result;

use crate::{texts, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// Check the wording of the texts instead of listing them
    #[arg(long)]
    check: bool,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    if args.check { texts::check(Path::new("")) } else { texts::print(Path::new("")) }
}
