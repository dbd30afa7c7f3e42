//! `cargo xtask prove`: checks that take too long for a test run.

use anyhow::Result;

use super::bench::forward;
use crate::prerequisites::{package, python};
use crate::progress::step;
use crate::workspace;

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
    forward("prove", &args.args)
}
