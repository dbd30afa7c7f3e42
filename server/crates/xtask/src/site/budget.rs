//! Counts the bytes of a first page load and checks them against limits.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{FOLDER, MANIFEST, Manifest, pack::page_part};

/// Most bytes of wasm, scripts and style that every page loads, compressed with brotli.
const BASE_LIMIT: u64 = 195_000;
/// The same for all that the first page loads.
const PAGE_LIMIT: u64 = 380_000;
/// The same for pages of the parts with which people begin.
const START_LIMIT: u64 = 360_000;
const START_PARTS: &[&str] = &["auth", "runs", "variables", "workspaces"];

/// Prints the bytes of the first loads; fails if one is over its limit.
pub fn check() -> Result<()> {
    let text = fs::read_to_string(Path::new(FOLDER).join(MANIFEST)).context("the site was not built")?;
    let manifest: Manifest = serde_json::from_str(&text).context("the site's manifest")?;
    let shared = [&manifest.wasm, &manifest.js, &manifest.loader, &manifest.page, &manifest.css];
    let base = shared.into_iter().map(|name| brotli_size(name)).sum::<Result<u64>>()?;
    let mut excess = compare("every page", base, BASE_LIMIT);
    for (part, pack) in &manifest.packs {
        let limit = if START_PARTS.contains(&part.as_str()) { START_LIMIT } else { PAGE_LIMIT };
        let page = page_part(part, manifest.packs.keys()).map(|page| brotli_size(&manifest.packs[page]));
        let bytes = base + page.transpose()?.unwrap_or_default() + brotli_size(pack)?;
        excess += compare(&format!("first load of a page of {part}"), bytes, limit);
    }
    if excess > 0 {
        bail!("first loads are {excess} bytes over their limits");
    }
    Ok(())
}

/// Prints a size with its limit; returns by how many bytes it is over it.
fn compare(what: &str, bytes: u64, limit: u64) -> u64 {
    println!("    {what}: {bytes} of {limit} bytes");
    bytes.saturating_sub(limit)
}

/// Size of a file in bytes, compressed with brotli.
fn brotli_size(name: &str) -> Result<u64> {
    let size = |name: &str| Ok::<_, std::io::Error>(Path::new(FOLDER).join(name).metadata()?.len());
    let (raw, compressed) = (size(name)?, size(&format!("{name}.br"))?);
    println!("    {raw:>9} bytes, {compressed:>7} with brotli: {}", name.rsplit('/').next().unwrap_or(name));
    Ok(compressed)
}
