//! The site's files: wasm and its script, style, everything public. They go to `target/site`, which the server embeds.
//! Names of what changes carry a hash of the content, and `manifest.json` tells the server which name is the current one.

mod bindgen;
pub mod budget;
mod cut;
mod folder;
mod style;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::need::wasm::WasmCompiler;
use crate::process;
use crate::progress::step;
use crate::workspace::{WASM_TARGET, WASM_TRIPLE, cargo};
use folder::Files;

pub const FOLDER: &str = "target/site";
/// The file in there that tells which names are the current ones.
pub const MANIFEST: &str = "manifest.json";
const PUBLIC: &str = "public";
const STYLE: &str = "style";
/// What the script and the wasm are called that every page loads.
const SCRIPT: &str = "app";
/// What the files were made from; beside the folder, since everything inside it is served.
const STAMP: &str = "target/site.stamp";

/// What the server is told: where the files lie whose names tell their content.
#[derive(Serialize, Deserialize)]
struct Manifest {
    /// The script that starts the page, and the wasm that every page takes.
    js: String,
    wasm: String,
    /// The script that loads the parts.
    loader: String,
    css: String,
    /// By part, the wasm that its pages take beside the first.
    parts: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }
}

/// Builds the site, doing again only what its inputs ask for.
pub fn build(compiler: &WasmCompiler, profile: Profile) -> Result<()> {
    // rust-embed wants its folder whenever the server is compiled.
    fs::create_dir_all(FOLDER).with_context(|| format!("cannot make {FOLDER}"))?;
    step("wasm", || compile(compiler, profile))?;
    step("site", || assemble(profile))
}

fn compile(compiler: &WasmCompiler, profile: Profile) -> Result<()> {
    let mut command = cargo();
    command.args([
        "rustc",
        "-p",
        "frontend",
        "--crate-type",
        "cdylib",
        "--target",
        WASM_TRIPLE,
        "--target-dir",
        WASM_TARGET,
    ]);
    command.args(["--profile", profile.name()]);
    // To cut it one must know what uses what.
    process::run(compiler.apply(&mut command).args(["--", "-C", "link-args=--emit-relocs"]))
}

fn assemble(profile: Profile) -> Result<()> {
    let wasm = Path::new(WASM_TARGET).join(WASM_TRIPLE).join(profile.name()).join("frontend.wasm");
    let stamp = inputs(&wasm, profile)?;
    let is_there = Path::new(FOLDER).join(MANIFEST).exists();
    if is_there && fs::read_to_string(STAMP).is_ok_and(|made_from| made_from == stamp) {
        return Ok(());
    }
    let mut files = Files::default();
    let cut = cut::cut(&wasm, SCRIPT, profile)?;
    let mut code = bindgen::bundle(SCRIPT, &cut.first, profile)?;
    code.extend(cut.files);
    let folder = files.add_hashed_folder("pkg/app", code);
    let in_folder = |name: &str| format!("{folder}/{name}");
    let parts =
        cut.parts.iter().map(|(part, names)| (part.clone(), names.iter().map(|name| in_folder(name)).collect()));
    let manifest = Manifest {
        js: in_folder("app.js"),
        wasm: in_folder("app.wasm"),
        loader: in_folder(cut::LOADER),
        parts: parts.collect(),
        css: files.add_hashed("pkg/app", "css", style::bundle(Path::new(STYLE))?.into_bytes()),
    };
    files.add_folder(Path::new(PUBLIC))?;
    if profile == Profile::Release {
        files.compress()?;
    }
    files.add(MANIFEST.to_owned(), serde_json::to_vec(&manifest)?);
    files.write_to(Path::new(FOLDER))?;
    fs::write(STAMP, stamp).with_context(|| format!("cannot write {STAMP}"))
}

/// Every input by path, size and time of change; this program is one of them.
fn inputs(wasm: &Path, profile: Profile) -> Result<String> {
    let mut paths = vec![wasm.to_path_buf(), std::env::current_exe()?];
    paths.extend(files_below(Path::new(PUBLIC))?);
    paths.extend(files_below(Path::new(STYLE))?);
    let mut text = format!("{}\n", profile.name());
    for path in paths {
        let data = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
        let changed = data.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
        text.push_str(&format!("{} {} {changed}\n", path.display(), data.len()));
    }
    Ok(text)
}

/// Every file below a folder, sorted; none when there is no such folder.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop().filter(|next| next.exists()) {
        for entry in next.read_dir().with_context(|| format!("cannot read {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
