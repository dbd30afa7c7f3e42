//! The required test suites, and how many of their tests passed. A suite is recognised by the test names that the runner prints,
//! so a test that did not run is not counted.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// A group of tests of which at least one must pass in a full run.
pub struct Suite {
    pub name: &'static str,
    /// The phase that runs most of these tests; the suite is required only if this phase runs.
    pub phase: &'static str,
    matches: fn(&str) -> bool,
}

pub const REQUIRED: &[Suite] = &[
    Suite { name: "sqlite", phase: "host", matches: |test| has_segment(test, "sqlite") },
    Suite { name: "postgres", phase: "host", matches: |test| has_segment(test, "postgres") },
    Suite { name: "2.0.4", phase: "clients", matches: |test| test.contains("v2_0_4") },
    Suite { name: "2.20.26", phase: "clients", matches: |test| test.contains("v2_20_26") },
    Suite { name: "3.8.8", phase: "clients", matches: |test| test.contains("v3_8_8") },
    Suite { name: "browser", phase: "browser", matches: |test| test.starts_with(BROWSER) },
];

/// Prefix of the name of each browser test.
const BROWSER: &str = "browser: ";

/// `some::module::sqlite` and `some::sqlite::case` belong to the suite, `some::sqlite_file` does not.
fn has_segment(test: &str, name: &str) -> bool {
    test.split("::").any(|segment| segment == name)
}

/// Names of the passed and failed tests of a run.
#[derive(Default)]
pub struct Tally {
    passed: Vec<String>,
    failed: Vec<String>,
}

impl Tally {
    pub fn passed(&self) -> usize {
        self.passed.len()
    }

    pub fn failed(&self) -> usize {
        self.failed.len()
    }

    pub fn failures(&self) -> &[String] {
        &self.failed
    }

    pub fn passed_of(&self, suite: &Suite) -> usize {
        self.passed.iter().filter(|test| (suite.matches)(test)).count()
    }

    pub fn add(&mut self, other: Self) {
        self.passed.extend(other.passed);
        self.failed.extend(other.failed);
    }

    /// Runs a cargo test command, prints its output and counts the tests; returns also whether the command succeeded.
    pub fn of_cargo(command: &mut Command) -> Result<(Self, bool)> {
        let mut tally = Self::default();
        let success = process::stream(command, |line| tally.read(line))?;
        Ok((tally, success))
    }

    /// Parses one line of libtest: `test a::b ... ok`.
    fn read(&mut self, line: &str) {
        let Some((name, verdict)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) else {
            return;
        };
        match verdict.split_whitespace().next() {
            Some("ok") => self.passed.push(name.to_owned()),
            Some("FAILED") => self.failed.push(name.to_owned()),
            _ => {}
        }
    }

    /// Reads Playwright's JSON report. A test that passed only on a retry counts as failed.
    pub fn of_playwright(report: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(report).with_context(|| format!("no report {}", report.display()))?;
        let report: Value = serde_json::from_str(&text).context("Playwright's report")?;
        let mut tally = Self::default();
        tally.read_specs(&report, BROWSER);
        Ok(tally)
    }

    fn read_specs(&mut self, suite: &Value, path: &str) {
        for spec in suite["specs"].as_array().into_iter().flatten() {
            let title = spec["title"].as_str().unwrap_or("untitled");
            for test in spec["tests"].as_array().into_iter().flatten() {
                let name = format!("{path}{title} [{}]", test["projectName"].as_str().unwrap_or_default());
                match test["status"].as_str() {
                    Some("expected") => self.passed.push(name),
                    Some("skipped") => {}
                    _ => self.failed.push(name),
                }
            }
        }
        for inner in suite["suites"].as_array().into_iter().flatten() {
            let title = inner["title"].as_str().unwrap_or_default();
            self.read_specs(inner, &format!("{path}{title} > "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(name: &str) -> &'static Suite {
        REQUIRED.iter().find(|suite| suite.name == name).unwrap()
    }

    #[test]
    fn libtest_output_is_counted() {
        let mut tally = Tally::default();
        let lines = [
            "running 4 tests",
            "test flow::create::sqlite ... ok",
            "test flow::create::postgres ... FAILED",
            "test clients::v3_8_8::script::sqlite ... ok",
            "test slow - should panic ... ok",
            "test left_out ... ignored, later",
            "test result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        ];
        lines.into_iter().for_each(|line| tally.read(line));
        assert_eq!((tally.passed(), tally.failed()), (3, 1));
        assert_eq!(tally.failures(), ["flow::create::postgres"]);
        assert_eq!(tally.passed_of(suite("sqlite")), 2);
        assert_eq!(tally.passed_of(suite("postgres")), 0);
        assert_eq!(tally.passed_of(suite("3.8.8")), 1);
    }

    #[test]
    fn playwright_report_is_counted() {
        let report = serde_json::json!({ "suites": [{ "title": "getting-started.spec.ts", "specs": [], "suites": [{
            "title": "getting started",
            "specs": [{ "title": "signs in", "tests": [
                { "projectName": "wide", "status": "expected" },
                { "projectName": "narrow", "status": "flaky" },
            ] }],
        }] }] });
        let mut tally = Tally::default();
        tally.read_specs(&report, BROWSER);
        assert_eq!(tally.passed_of(suite("browser")), 1);
        assert_eq!(tally.failures(), ["browser: getting-started.spec.ts > getting started > signs in [narrow]"]);
    }
}
