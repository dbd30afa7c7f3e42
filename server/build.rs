//! The site is embedded when the server is compiled, so its folder must be there, even if it is still empty.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let site = Path::new("../target/site");
    std::fs::create_dir_all(site)?;
    println!("cargo::rerun-if-changed={}", site.display());
    Ok(())
}
