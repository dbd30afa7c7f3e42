//! The program `provost`: reads what was typed, and runs it.

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
            // Nobody is left to tell if this fails too.
            let _unheard = writeln!(std::io::stderr(), "provost: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(verb: Verb, config: Config) -> anyhow::Result<()> {
    telemetry::start(config.log_format, &config.log_level);
    match verb {
        Verb::Serve(_) => verb::serve::run(config).await,
        Verb::Migrate(_) => verb::migrate::run(&config).await,
        Verb::Admin { verb } => verb::admin::run(verb, &config).await,
    }
}
