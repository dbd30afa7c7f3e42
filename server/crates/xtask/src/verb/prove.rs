//! `cargo xtask prove`: the proofs that take longer than a test run may.

use anyhow::Result;

use super::bench::forward;
use crate::need::{package, python};
use crate::progress::step;
use crate::workspace;

#[derive(clap::Args)]
pub struct Args {
    /// What `prove` is to be told, for example `--record`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<String>,
}

pub fn run(args: &Args) -> Result<()> {
    workspace::enter()?;
    step("system packages", package::ensure)?;
    step("python environments", || {
        let all = python::CLIENTS.iter().chain([&python::REFERENCE, &python::NEWEST]);
        all.into_iter().try_for_each(python::Venv::ensure)
    })?;
    forward("prove", &args.words)
}
