//! A compiler for the browser's half: rustup's own target, or, where rustup cannot download, Debian's packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::progress::step;
use crate::workspace::{WASM_TRIPLE, absolute};

const FALLBACK_SCRIPT: &str = "server/crates/xtask/toolchain-fallback.sh";
const FALLBACK_FOLDER: &str = "target/toolchain";

pub enum WasmCompiler {
    /// The compiler of the host, which has the target.
    Own,
    /// Another one, for the wasm build alone; it has no clippy.
    Fallback(PathBuf),
}

impl WasmCompiler {
    /// Finds a compiler that can, or sets one up.
    pub fn ensure() -> Result<Self> {
        if has_target(Path::new("rustc")) {
            return Ok(Self::Own);
        }
        let fallback = absolute(Path::new(FALLBACK_FOLDER).join("usr/bin/rustc-wasm"))?;
        if has_target(&fallback) {
            return Ok(Self::Fallback(fallback));
        }
        step("wasm target", || {
            let Err(first) = process::run(Command::new("rustup").args(["target", "add", WASM_TRIPLE])) else {
                return Ok(Self::Own);
            };
            println!("    rustup could not add the target; trying Debian's compiler instead");
            let mut script = Command::new("bash");
            let Err(second) = process::run(script.arg(FALLBACK_SCRIPT).arg(FALLBACK_FOLDER)) else {
                return Ok(Self::Fallback(fallback));
            };
            bail!(
                "neither way to a {WASM_TRIPLE} compiler worked.\n  1. `rustup target add {WASM_TRIPLE}`: {first:#}\n  2. Debian's rustc-web and rust-web-src, by {FALLBACK_SCRIPT}: {second:#}"
            )
        })
    }

    /// Makes a cargo command use it.
    pub fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match self {
            Self::Own => command,
            Self::Fallback(rustc) => command.env("RUSTC", rustc),
        }
    }
}

fn has_target(rustc: &Path) -> bool {
    let mut command = Command::new(rustc);
    let folder = process::capture(command.args(["--print", "target-libdir", "--target", WASM_TRIPLE]));
    folder.and_then(|folder| holds_std(Path::new(folder.trim()))).unwrap_or(false)
}

fn holds_std(folder: &Path) -> Result<bool> {
    let files = folder.read_dir().context("no such folder")?;
    Ok(files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
}
