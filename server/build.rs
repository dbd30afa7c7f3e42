//! `rust-embed` reads the site's folder at compile time, so the folder must exist, even if it is still empty.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let site = Path::new("../target/site");
    std::fs::create_dir_all(site)?;
    println!("cargo::rerun-if-changed={}", site.display());
    Ok(())
}
