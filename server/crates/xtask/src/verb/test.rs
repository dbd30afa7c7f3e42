//! `cargo xtask test`: everything, phase by phase. A phase that fails does not keep the next ones from running; the last
//! lines tell how long each took and how many tests of each required suite passed.

mod binary;
mod phase;
mod report;

use std::process::ExitCode;
use std::time::Instant;

use clap::builder::PossibleValuesParser;

use crate::workspace;
use phase::{PHASES, Session};
use report::{Outcome, Report};

#[derive(clap::Args)]
pub struct Args {
    /// Run this phase alone
    #[arg(long, value_name = "PHASE", value_parser = PossibleValuesParser::new(PHASES.iter().map(|phase| phase.name)))]
    only: Option<String>,
}

pub fn run(args: &Args) -> ExitCode {
    let mut report = Report::default();
    let mut session = Session::default();
    for phase in PHASES.iter().filter(|phase| args.only.as_ref().is_none_or(|only| only == phase.name)) {
        println!("\n=== {}", phase.name);
        let start = Instant::now();
        let error = workspace::enter().and_then(|()| (phase.run)(&mut session)).err();
        if let Some(error) = &error {
            println!("error: {error:#}");
        }
        report.add(Outcome { phase: phase.name, took: start.elapsed(), error });
    }
    let tally = std::mem::take(&mut session.tally);
    // Puts the database away before the closing line, which must be the last.
    drop(session);
    if report.close(&tally) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
