//! The end of a test run: minutes by phase, tests by suite, what failed, and the line that counts.

use std::time::Duration;

use crate::suite::{REQUIRED, Suite, Tally};

pub struct Outcome {
    pub phase: &'static str,
    pub took: Duration,
    pub error: Option<anyhow::Error>,
}

#[derive(Default)]
pub struct Report(Vec<Outcome>);

impl Report {
    pub fn add(&mut self, outcome: Outcome) {
        self.0.push(outcome);
    }

    /// Prints everything and tells whether the run was good.
    pub fn close(&self, tally: &Tally) -> bool {
        println!("\nphase      minutes");
        for Outcome { phase, took, error } in &self.0 {
            let verdict = if error.is_some() { "  FAILED" } else { "" };
            println!("{phase:<10} {:>7.1}{verdict}", took.as_secs_f64() / 60.0);
        }
        let total: Duration = self.0.iter().map(|outcome| outcome.took).sum();
        println!("{:<10} {:>7.1}", "all", total.as_secs_f64() / 60.0);

        println!();
        for suite in self.asked_for() {
            println!("{:<10} {:>7} passed", suite.name, tally.passed_of(suite));
        }
        let problems = self.problems(tally);
        if !problems.is_empty() {
            println!("\nfailed:\n  {}", problems.join("\n  "));
        }
        println!("\n{} passed, {} failed", tally.passed(), problems.len());
        problems.is_empty()
    }

    /// Each failed test, each phase that failed otherwise, each required suite of which nothing passed.
    fn problems(&self, tally: &Tally) -> Vec<String> {
        let mut problems: Vec<String> = tally.failures().to_vec();
        let phases = self.0.iter().filter_map(|outcome| Some((outcome.phase, outcome.error.as_ref()?)));
        let phases = phases.filter(|(_, error)| !error.is::<TestsFailed>());
        problems.extend(phases.map(|(phase, error)| format!("phase {phase}: {}", first_line(error))));
        let empty = self.asked_for().filter(|suite| tally.passed_of(suite) == 0);
        problems.extend(empty.map(|suite| format!("suite {}: no test passed", suite.name)));
        problems
    }

    fn asked_for(&self) -> impl Iterator<Item = &'static Suite> + '_ {
        REQUIRED.iter().filter(|suite| self.0.iter().any(|outcome| outcome.phase == suite.phase))
    }
}

/// The error of a phase whose tests failed one by one: they are listed already.
#[derive(Debug)]
pub struct TestsFailed;

impl std::fmt::Display for TestsFailed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("tests failed")
    }
}

impl std::error::Error for TestsFailed {}

fn first_line(error: &anyhow::Error) -> String {
    format!("{error:#}").lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn report(phase: &'static str, error: Option<anyhow::Error>) -> Report {
        Report(vec![Outcome { phase, took: Duration::ZERO, error }])
    }

    #[test]
    fn an_empty_suite_is_a_problem_where_its_phase_ran() {
        assert_eq!(report("fmt", None).problems(&Tally::default()), Vec::<String>::new());
        let problems = report("browser", None).problems(&Tally::default());
        assert_eq!(problems, ["suite browser: no test passed"]);
    }

    #[test]
    fn a_phase_is_counted_unless_its_tests_are() {
        assert_eq!(report("fmt", Some(anyhow!("no"))).problems(&Tally::default()), ["phase fmt: no"]);
        assert!(report("fmt", Some(TestsFailed.into())).problems(&Tally::default()).is_empty());
    }
}
