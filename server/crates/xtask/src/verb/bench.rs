//! `cargo xtask bench`: the release build measured beside the reference server.

use anyhow::Result;

use super::build;
use crate::need::postgres::{self, Database, Durability};
use crate::need::wasm::WasmCompiler;
use crate::need::{package, python};
use crate::progress::step;
use crate::site::{self, Profile};
use crate::{process, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// What the bench is to be told
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    step("system packages", package::ensure)?;
    step("reference server", || python::REFERENCE.ensure())?;
    forward("bench", &args.words)
}

/// Hands a verb to the `bench` package, with everything built for use and a database that syncs.
pub fn forward(verb: &str, words: &[String]) -> Result<()> {
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    step("server", build::release)?;
    let database = Database::open(Durability::Full)?;
    let mut command = workspace::cargo();
    command.args(["run", "--release", "-p", "bench", "--", verb]).args(words);
    command.env(postgres::VARIABLE, database.url());
    command.env("PROVOST_TEST_BIN", workspace::absolute(build::RELEASE)?);
    command.env("PROVOST_TEST_VENVS", workspace::absolute(workspace::VENVS)?);
    process::run(&mut command)
}
