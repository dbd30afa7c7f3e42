//! How many bytes a first visit costs, and how many it may.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::FOLDER;

/// wasm, script and style of the first load, after brotli. It only ever goes down: the goal is [`GOAL`].
const LIMIT: u64 = 535_000;

/// What a first load is to weigh at most; until it does, every build says how far off it is.
const GOAL: u64 = 400_000;

/// Prints the bytes of each file, and fails when their sum is over the limit.
pub fn check() -> Result<()> {
    let text = fs::read_to_string(Path::new(FOLDER).join("manifest.json")).context("the site was not built")?;
    let manifest: Value = serde_json::from_str(&text)?;
    let mut sum = 0;
    for kind in ["wasm", "js", "css"] {
        let name = manifest[kind].as_str().with_context(|| format!("the manifest names no {kind}"))?;
        let size = |name: &str| Ok::<_, std::io::Error>(Path::new(FOLDER).join(name).metadata()?.len());
        let (raw, packed) = (size(name)?, size(&format!("{name}.br"))?);
        println!("    {kind:<5} {raw:>9} bytes, {packed:>7} with brotli");
        sum += packed;
    }
    println!("    first load {sum} of {LIMIT} bytes; the goal is {GOAL}");
    if sum > LIMIT {
        bail!("the first load is {} bytes over its budget", sum - LIMIT);
    }
    Ok(())
}
