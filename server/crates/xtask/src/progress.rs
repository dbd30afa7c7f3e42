//! Progress output: the name of each step, then how long it took.

use std::time::Instant;

use anyhow::{Context, Result};

/// Runs one step of a verb, and prints its name and duration.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("--- {name}");
    let start = Instant::now();
    let result = work().with_context(|| format!("{name} failed"))?;
    println!("    {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(result)
}
