//! `cargo xtask prove`: checks that take too long for a test run, or need the network.

use std::process::Command;

use anyhow::Result;

use super::bench::forward;
use super::{build, deny};
use crate::prerequisites::postgres::{self, Database, Durability};
use crate::prerequisites::{package, python};
use crate::progress::step;
use crate::{binary, process, workspace};

const ATTACKS: &str = "end2end/attacks";

#[derive(clap::Args)]
pub struct Args {
    /// Arguments for `bench prove`, for example `--record`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    step("system packages", package::ensure)?;
    step("python environments", || {
        let venvs = python::CLIENTS.iter().chain([&python::REFERENCE, &python::NEWEST]);
        venvs.into_iter().try_for_each(python::Venv::ensure)
    })?;
    if !step("third-party packages", deny::check)? {
        println!("    NOT CHECKED: advisories, because their database could not be downloaded");
    }
    step("growth of lists", growth)?;
    build::release()?;
    let figures = step("one file", || binary::check(build::RELEASE))?;
    println!("    {}: {figures}", build::RELEASE);
    step("attacks", || {
        let python = python::interpreter()?;
        process::run(Command::new(python).args([ATTACKS, build::RELEASE]))
    })?;
    forward("prove", &args.args)
}

/// Measures lists of 100,000 rows; the test alone has fewer.
fn growth() -> Result<()> {
    let database = Database::open(Durability::None)?;
    let mut command = workspace::cargo();
    command.args(["test", "-p", "store", "--test", "it", "growth::"]);
    command.env(postgres::VARIABLE, database.url()).env("GROWTH_ROWS", "100000");
    process::run(&mut command)
}
