//! The verbs, one file each. A verb runs steps in order; the steps themselves are in other modules.

mod bench;
pub mod build;
mod contract;
mod deny;
mod prove;
mod serve;
mod setup;
mod sizes;
mod test;
mod texts;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Verb {
    /// Set up what is missing, build, and run the server at http://127.0.0.1:4200
    Serve(serve::Args),
    /// Build the server as one file with the site embedded
    Build(build::Args),
    /// Install what the tests need
    Setup,
    /// Run all tests and checks, or one phase of them
    Test(test::Args),
    /// Measure the release build
    Bench(bench::Args),
    /// Run the checks that take too long for a test run
    Prove(prove::Args),
    /// List the largest functions of the wasm
    Sizes(sizes::Args),
    /// List the texts that people see: pages, errors, help of the command line
    Texts(texts::Args),
    /// Check licences, sources, versions and advisories of third-party packages
    Deny,
    /// Write the contract file from a folder of OpenAPI files
    Contract(contract::Args),
}

impl Verb {
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Serve(args) => serve::run(&args)?,
            Self::Build(args) => build::run(&args)?,
            Self::Setup => setup::run()?,
            Self::Test(args) => return Ok(test::run(&args)),
            Self::Bench(args) => bench::run(&args)?,
            Self::Prove(args) => prove::run(&args)?,
            Self::Sizes(args) => sizes::run(&args)?,
            Self::Texts(args) => texts::run(&args)?,
            Self::Deny => deny::run()?,
            Self::Contract(args) => contract::run(&args)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
