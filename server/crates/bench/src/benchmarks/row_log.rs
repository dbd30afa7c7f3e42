//! Reads from a server's log how many rows each write changed. Must not know what the writes do.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// Arguments that make the server log the row counts.
pub const ARGUMENTS: [&str; 4] = ["--log-format", "json", "--log-level", "warn,store::write=debug"];

#[derive(Deserialize)]
struct Line {
    write: String,
    rows: u64,
}

/// How many times a write ran, and how many rows it changed in total.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WriteStats {
    pub times: u64,
    pub rows: u64,
}

/// The statistics of each write by its name; ignores the first `skip` bytes of the log.
pub fn read(log: &str, skip: usize) -> Result<BTreeMap<String, WriteStats>> {
    let mut by_write: BTreeMap<String, WriteStats> = BTreeMap::new();
    for line in
        log.get(skip..).context("the log is shorter than before")?.lines().filter(|line| line.contains("\"rows\""))
    {
        let Line { write, rows } =
            serde_json::from_str(line).with_context(|| format!("not a log line of a write: {line}"))?;
        let name = write.rsplit("::").next().unwrap_or(&write);
        let stats = by_write.entry(name.to_owned()).or_default();
        stats.times += 1;
        stats.rows += rows;
    }
    Ok(by_write)
}

#[cfg(test)]
mod tests {
    use super::{WriteStats, read};

    #[test]
    fn rows_are_summed_by_write() {
        let log =
            "old\n{\"write\":\"a::b::Make\",\"rows\":3}\n{\"message\":\"else\"}\n{\"write\":\"c::Make\",\"rows\":1}\n";
        let all = read(log, 4).unwrap();
        assert_eq!(all.into_iter().collect::<Vec<_>>(), [("Make".to_owned(), WriteStats { times: 2, rows: 4 })]);
    }
}
