//! How many bytes a first visit costs, and how many it may.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{FOLDER, MANIFEST, Manifest};

/// wasm, scripts and style of the first page that somebody opens, whichever it is, after brotli.
const LIMIT: u64 = 400_000;

/// Prints the bytes of each file that a first visit takes, and fails when the most expensive one is over the limit.
pub fn check() -> Result<()> {
    let text = fs::read_to_string(Path::new(FOLDER).join(MANIFEST)).context("the site was not built")?;
    let manifest: Manifest = serde_json::from_str(&text).context("the site's manifest")?;
    let mut every = 0;
    for name in [&manifest.wasm, &manifest.js, &manifest.loader, &manifest.css] {
        every += packed(name)?;
    }
    let mut most = every;
    for (part, names) in &manifest.parts {
        let sum = names.iter().map(|name| packed(name)).sum::<Result<u64>>()?;
        println!("    first load of a page of {part}: {} of {LIMIT} bytes", every + sum);
        most = most.max(every + sum);
    }
    if most > LIMIT {
        bail!("a first load is {} bytes over its budget", most - LIMIT);
    }
    Ok(())
}

/// The bytes of a file on the wire.
fn packed(name: &str) -> Result<u64> {
    let size = |name: &str| Ok::<_, std::io::Error>(Path::new(FOLDER).join(name).metadata()?.len());
    let (raw, packed) = (size(name)?, size(&format!("{name}.br"))?);
    println!("    {raw:>9} bytes, {packed:>7} with brotli: {}", name.rsplit('/').next().unwrap_or(name));
    Ok(packed)
}
