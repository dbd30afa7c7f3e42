//! A compiler for wasm: rustup's target or, where rustup cannot download, a compiler from Debian's packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::progress::step;
use crate::workspace::{WASM_TRIPLE, absolute};

const FALLBACK_SCRIPT: &str = "server/crates/xtask/toolchain-fallback.sh";
const FALLBACK_FOLDER: &str = "target/toolchain";

pub enum WasmCompiler {
    /// The host's compiler, which has the wasm target.
    Host,
    /// A separate compiler for the wasm build only; it has no clippy.
    Fallback(PathBuf),
}

impl WasmCompiler {
    /// Finds a compiler with the wasm target, or installs one.
    pub fn ensure() -> Result<Self> {
        if has_target(Path::new("rustc")) {
            return Ok(Self::Host);
        }
        let fallback = absolute(Path::new(FALLBACK_FOLDER).join("usr/bin/rustc-wasm"))?;
        if has_target(&fallback) {
            return Ok(Self::Fallback(fallback));
        }
        step("wasm target", || {
            let Err(rustup_error) = process::run(Command::new("rustup").args(["target", "add", WASM_TRIPLE])) else {
                return Ok(Self::Host);
            };
            println!("    rustup could not add the target; trying Debian's compiler instead");
            let mut script = Command::new("bash");
            let Err(debian_error) = process::run(script.arg(FALLBACK_SCRIPT).arg(FALLBACK_FOLDER)) else {
                return Ok(Self::Fallback(fallback));
            };
            bail!(
                "could not install a {WASM_TRIPLE} compiler in either way.\n  1. `rustup target add {WASM_TRIPLE}`: {rustup_error:#}\n  2. Debian's rustc-web and rust-web-src, by {FALLBACK_SCRIPT}: {debian_error:#}"
            )
        })
    }

    /// Makes a cargo command use this compiler.
    pub fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self {
            Self::Host => command,
            Self::Fallback(rustc) => command.env("RUSTC", rustc),
        }
    }
}

fn has_target(rustc: &Path) -> bool {
    let mut command = Command::new(rustc);
    let folder = process::capture(command.args(["--print", "target-libdir", "--target", WASM_TRIPLE]));
    folder.and_then(|folder| has_std(Path::new(folder.trim()))).unwrap_or(false)
}

fn has_std(folder: &Path) -> Result<bool> {
    let files = folder.read_dir().context("no such folder")?;
    Ok(files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
}
