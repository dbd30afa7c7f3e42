//! `cargo xtask contract FOLDER`: writes the operations and types of the supported client versions, from their OpenAPI files.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::contract::Contract;
use crate::workspace;

const OUTPUT: &str = "server/crates/api/contract/operations.json";
const VERSIONS: &[&str] = &["2.0.4", "2.20.26", "3.8.8"];

#[derive(clap::Args)]
pub struct Args {
    /// The folder with openapi-2.0.4.json and the files of the other versions
    folder: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    // The path is relative to the person's working directory, which `enter` changes.
    let folder = workspace::absolute(&args.folder)?;
    workspace::enter()?;
    let mut contract = Contract::default();
    for version in VERSIONS {
        let path = folder.join(format!("openapi-{version}.json"));
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let api: Value = serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", path.display()))?;
        contract.add(version, &api).with_context(|| format!("in {}", path.display()))?;
    }
    let text = contract.to_json();
    fs::create_dir_all("server/crates/api/contract")?;
    fs::write(OUTPUT, &text).with_context(|| format!("cannot write {OUTPUT}"))?;
    println!("{OUTPUT}: {} operations, {} types, {} bytes", contract.operations(), contract.types(), text.len());
    Ok(())
}
