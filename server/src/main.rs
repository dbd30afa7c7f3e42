//! The program `provost`: parses the command line and runs the verb.

use std::{io::Write as _, process::ExitCode};

use clap::Parser as _;
use server::{
    cli::{Cli, Verb},
    config::Config,
    telemetry, verb,
};

fn main() -> ExitCode {
    let Cli { verb } = Cli::parse();
    match verb.config().map_err(anyhow::Error::from).and_then(|config| run(verb, config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A failed write to standard error can't be reported anywhere.
            let _ignored = writeln!(std::io::stderr(), "provost: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(verb: Verb, config: Config) -> anyhow::Result<()> {
    telemetry::init(config.log_format, &config.log_level);
    match verb {
        Verb::Serve(_) => verb::serve::run(config).await,
        Verb::Migrate(_) => verb::migrate::run(&config).await,
        Verb::Admin { verb } => verb::admin::run(verb, &config).await,
    }
}
