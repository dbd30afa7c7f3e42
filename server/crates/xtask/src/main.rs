#![doc = include_str!("../README.md")]

mod binary;
mod contract;
mod dependency_rules;
mod import_circles;
mod prerequisites;
mod process;
mod progress;
mod site;
mod source;
mod suite;
mod texts;
mod third_party;
mod verb;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

/// Builds, runs and tests Provost.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    verb: verb::Verb,
}

fn main() -> ExitCode {
    match Cli::parse().verb.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
