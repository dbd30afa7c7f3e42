//! The summary of a test run: minutes by phase, passed tests by suite, failures, and the totals.

use std::time::Duration;

use crate::suite::{REQUIRED, Suite, Tally};

pub struct PhaseResult {
    pub phase: &'static str,
    pub took: Duration,
    pub error: Option<anyhow::Error>,
}

#[derive(Default)]
pub struct Report(Vec<PhaseResult>);

impl Report {
    pub fn add(&mut self, result: PhaseResult) {
        self.0.push(result);
    }

    /// Prints the summary and returns whether the run succeeded.
    pub fn print(&self, tally: &Tally) -> bool {
        println!("\nphase      minutes");
        for PhaseResult { phase, took, error } in &self.0 {
            let verdict = if error.is_some() { "  FAILED" } else { "" };
            println!("{phase:<10} {:>7.1}{verdict}", took.as_secs_f64() / 60.0);
        }
        let total: Duration = self.0.iter().map(|result| result.took).sum();
        println!("{:<10} {:>7.1}", "all", total.as_secs_f64() / 60.0);

        println!();
        for suite in self.expected_suites() {
            println!("{:<10} {:>7} passed", suite.name, tally.passed_of(suite));
        }
        let problems = self.problems(tally);
        if !problems.is_empty() {
            println!("\nfailed:\n  {}", problems.join("\n  "));
        }
        println!("\n{} passed, {} failed", tally.passed(), problems.len());
        problems.is_empty()
    }

    /// Failed tests, phases that failed for another reason, and required suites without a passed test.
    fn problems(&self, tally: &Tally) -> Vec<String> {
        let mut problems: Vec<String> = tally.failures().to_vec();
        let phases = self.0.iter().filter_map(|result| Some((result.phase, result.error.as_ref()?)));
        let phases = phases.filter(|(_, error)| !error.is::<TestsFailed>());
        problems.extend(phases.map(|(phase, error)| format!("phase {phase}: {}", first_line(error))));
        let empty = self.expected_suites().filter(|suite| tally.passed_of(suite) == 0);
        problems.extend(empty.map(|suite| format!("suite {}: no test passed", suite.name)));
        problems
    }

    fn expected_suites(&self) -> impl Iterator<Item = &'static Suite> + '_ {
        REQUIRED.iter().filter(|suite| self.0.iter().any(|result| result.phase == suite.phase))
    }
}

/// The error of a phase in which tests failed; the summary already lists these tests.
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
        Report(vec![PhaseResult { phase, took: Duration::ZERO, error }])
    }

    #[test]
    fn empty_suite_fails_the_run_if_its_phase_ran() {
        assert_eq!(report("fmt", None).problems(&Tally::default()), Vec::<String>::new());
        let problems = report("browser", None).problems(&Tally::default());
        assert_eq!(problems, ["suite browser: no test passed"]);
    }

    #[test]
    fn failed_phase_is_listed_unless_its_tests_are() {
        assert_eq!(report("fmt", Some(anyhow!("no"))).problems(&Tally::default()), ["phase fmt: no"]);
        assert!(report("fmt", Some(TestsFailed.into())).problems(&Tally::default()).is_empty());
    }
}
