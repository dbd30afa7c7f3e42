//! The rows that each write of a server has touched, read from its log. Must not know what the writes do.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// Makes a server say it.
pub const ARGUMENTS: [&str; 4] = ["--log-format", "json", "--log-level", "warn,store::write=debug"];

#[derive(Deserialize)]
struct Line {
    write: String,
    rows: u64,
}

/// How often a write ran, and how many rows it touched in all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Touched {
    pub times: u64,
    pub rows: u64,
}

/// What each write touched, by its name, after the first `skip` bytes of a log.
pub fn read(log: &str, skip: usize) -> Result<BTreeMap<String, Touched>> {
    let mut all: BTreeMap<String, Touched> = BTreeMap::new();
    for line in log.get(skip..).context("the log has become shorter")?.lines().filter(|line| line.contains("\"rows\""))
    {
        let Line { write, rows } = serde_json::from_str(line).with_context(|| format!("no line of the log: {line}"))?;
        let name = write.rsplit("::").next().unwrap_or(&write);
        let touched = all.entry(name.to_owned()).or_default();
        touched.times += 1;
        touched.rows += rows;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::{Touched, read};

    #[test]
    fn rows_are_added_up_by_write() {
        let log =
            "old\n{\"write\":\"a::b::Make\",\"rows\":3}\n{\"message\":\"else\"}\n{\"write\":\"c::Make\",\"rows\":1}\n";
        let all = read(log, 4).unwrap();
        assert_eq!(all.into_iter().collect::<Vec<_>>(), [("Make".to_owned(), Touched { times: 2, rows: 4 })]);
    }
}
