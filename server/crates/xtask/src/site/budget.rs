//! Counts the bytes of a first page load and checks them against a limit.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{FOLDER, MANIFEST, Manifest};

/// Most bytes of wasm, scripts and style for the first page that a browser loads, compressed with brotli.
const LIMIT: u64 = 400_000;

/// Prints the size of each file of a first page load; fails if the largest first load is over the limit.
pub fn check() -> Result<()> {
    let text = fs::read_to_string(Path::new(FOLDER).join(MANIFEST)).context("the site was not built")?;
    let manifest: Manifest = serde_json::from_str(&text).context("the site's manifest")?;
    let mut shared = 0;
    for name in [&manifest.wasm, &manifest.js, &manifest.loader, &manifest.css] {
        shared += brotli_size(name)?;
    }
    let mut largest = shared;
    for (part, names) in &manifest.parts {
        let part_bytes = names.iter().map(|name| brotli_size(name)).sum::<Result<u64>>()?;
        println!("    first load of a page of {part}: {} of {LIMIT} bytes", shared + part_bytes);
        largest = largest.max(shared + part_bytes);
    }
    if largest > LIMIT {
        bail!("the largest first load is {} bytes over the limit", largest - LIMIT);
    }
    Ok(())
}

/// Size of a file in bytes, compressed with brotli.
fn brotli_size(name: &str) -> Result<u64> {
    let size = |name: &str| Ok::<_, std::io::Error>(Path::new(FOLDER).join(name).metadata()?.len());
    let (raw, compressed) = (size(name)?, size(&format!("{name}.br"))?);
    println!("    {raw:>9} bytes, {compressed:>7} with brotli: {}", name.rsplit('/').next().unwrap_or(name));
    Ok(compressed)
}
