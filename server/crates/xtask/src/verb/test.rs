//! `cargo xtask test`: runs all phases, or one. The next phases run also after one has failed; the last lines show how long each
//! phase took and how many tests of each required suite passed.

mod phase;
mod report;

use std::process::ExitCode;
use std::time::Instant;

use clap::builder::PossibleValuesParser;

use crate::workspace;
use phase::{PHASES, Session};
use report::{PhaseResult, Report};

#[derive(clap::Args)]
pub struct Args {
    /// Run only this phase
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
        report.add(PhaseResult { phase: phase.name, took: start.elapsed(), error });
    }
    let tally = std::mem::take(&mut session.tally);
    // Stops the database before the summary, whose last line must be the last output.
    drop(session);
    if report.print(&tally) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
