//! `cargo xtask bench`: measures the release build and the reference server.

use anyhow::Result;

use super::build;
use crate::prerequisites::postgres::{self, Database, Durability};
use crate::prerequisites::{package, python};
use crate::progress::step;
use crate::{process, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// Arguments for the program `bench`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    step("system packages", package::ensure)?;
    step("reference server", || python::REFERENCE.ensure())?;
    forward("bench", &args.args)
}

/// Runs a subcommand of the `bench` package with the release build and a PostgreSQL that syncs to disk.
pub fn forward(verb: &str, args: &[String]) -> Result<()> {
    build::release()?;
    let database = Database::open(Durability::Full)?;
    let mut command = workspace::cargo();
    command.args(["run", "--release", "-p", "bench", "--", verb]).args(args);
    command.env(postgres::VARIABLE, database.url());
    command.env("PROVOST_TEST_BIN", workspace::absolute(build::RELEASE)?);
    command.env("PROVOST_TEST_VENVS", workspace::absolute(workspace::VENVS)?);
    process::run(&mut command)
}
