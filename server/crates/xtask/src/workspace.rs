//! Paths of the repository, and how to call cargo. Every relative path in this program is relative to the repository's root.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;

/// Build output for the host.
const TARGET: &str = "target";
pub const XTASK_MANIFEST: &str = "server/crates/xtask/Cargo.toml";
pub const XTASK_TARGET: &str = "target/xtask";
/// Separate from the host's: builds with another target and other features would invalidate shared output.
pub const WASM_TARGET: &str = "target/wasm";
pub const WASM_TRIPLE: &str = "wasm32-unknown-unknown";
pub const VENVS: &str = "target/venv";

/// Makes the root of the repository the working directory.
pub fn enter() -> Result<()> {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let root = Path::new(&package).join("../../..");
    std::env::set_current_dir(&root).with_context(|| format!("cannot enter {}", root.display()))
}

/// Makes a path below the root absolute, for programs that run in another folder.
pub fn absolute(path: impl AsRef<Path>) -> Result<PathBuf> {
    std::path::absolute(path).context("no working directory")
}

/// The cargo that runs this program, with the repository's target folder and flags; settings of the person's environment are
/// ignored.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.env("CARGO_TARGET_DIR", TARGET).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    // The build script of `ring` depends on these. With the values of this package, cargo would compile it, sqlx and the product
    // again after each `cargo` command that a person types.
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
        command.env_remove(name);
    }
    command
}

/// The crates of the product and the dependencies of each, without dev-dependencies.
pub fn dependencies() -> Result<BTreeMap<String, Vec<String>>> {
    let mut crates = BTreeMap::new();
    for package in packages()? {
        let name = package["name"].as_str().context("a package has no name")?;
        let named = package["dependencies"].as_array().into_iter().flatten();
        let named =
            named.filter(|dependency| dependency["kind"] != "dev").filter_map(|dependency| dependency["name"].as_str());
        crates.insert(name.to_owned(), named.map(str::to_owned).collect());
    }
    Ok(crates)
}

fn packages() -> Result<Vec<Value>> {
    let text = process::capture(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
    let mut metadata: Value = serde_json::from_str(&text).context("cargo metadata")?;
    match metadata["packages"].take() {
        Value::Array(packages) => Ok(packages),
        _ => bail!("cargo metadata lists no packages"),
    }
}

/// All crates, with this one, and the folder of each crate's code.
pub fn source_folders() -> Result<BTreeMap<String, PathBuf>> {
    let mut folders = BTreeMap::from([("xtask".to_owned(), Path::new(XTASK_MANIFEST).with_file_name("src"))]);
    for package in packages()? {
        let name = package["name"].as_str().context("a package has no name")?;
        let manifest = Path::new(package["manifest_path"].as_str().context("a package has no manifest")?);
        folders.insert(name.to_owned(), manifest.with_file_name("src"));
    }
    Ok(folders)
}

/// All files below a folder, sorted; empty if the folder does not exist.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(next) = pending.pop().filter(|next| next.exists()) {
        for entry in next.read_dir().with_context(|| format!("cannot read {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                pending.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The packages that run on the host: all but `frontend`, whose feature `hydrate` cargo would unify into the server.
#[derive(Default)]
pub struct Host {
    packages: Vec<String>,
    /// Names of the integration tests.
    tests: Vec<String>,
}

impl Host {
    pub fn read() -> Result<Self> {
        let mut host = Self::default();
        for package in packages()? {
            let name = package["name"].as_str().context("a package has no name")?;
            if name == "frontend" {
                continue;
            }
            host.packages.push(name.to_owned());
            let targets = package["targets"].as_array().into_iter().flatten();
            let tests = targets.filter(|target| target["kind"][0] == "test");
            host.tests.extend(tests.filter_map(|target| target["name"].as_str()).map(str::to_owned));
        }
        Ok(host)
    }

    /// `-p a -p b …`
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().flat_map(|name| ["-p", name])
    }

    /// Unit tests and `--test a --test b …`, without the test `excluded`, which has its own phase.
    pub fn tests_except(&self, excluded: &str) -> impl Iterator<Item = &str> {
        let tests = self.tests.iter().filter(move |name| *name != excluded);
        ["--lib", "--bins"].into_iter().chain(tests.flat_map(|name| ["--test", name]))
    }
}
