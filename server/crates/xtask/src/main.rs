//! Everything a person types: set up, build, serve, test, measure.
//! Owns how the product is put together; must not know what it does.

mod contract;
mod fence;
mod need;
mod process;
mod progress;
mod site;
mod suite;
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
