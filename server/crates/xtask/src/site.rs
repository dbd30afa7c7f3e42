//! The site's files: wasm and its script, the style sheet, everything in `public`. They go to `target/site`, which the server
//! embeds. File names contain a hash of the content, and `manifest.json` contains the current names for the server.

mod bindgen;
pub mod budget;
mod compact;
mod docs;
mod folder;
mod pack;
mod public;
mod scripts;
pub mod sizes;
mod split;
mod style;
mod unused;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::prerequisites::wasm::WasmCompiler;
use crate::process;
use crate::progress::step;
use crate::workspace::{WASM_TARGET, WASM_TRIPLE, cargo, files_below};
use folder::Files;
use split::SplitOutput;

pub const FOLDER: &str = "target/site";
/// The file in that folder that contains the current names.
pub const MANIFEST: &str = "manifest.json";
const PUBLIC: &str = "public";
const STYLE: &str = "style";
/// Base name of the script and the wasm that every page loads.
const SCRIPT: &str = "app";
/// Fingerprint of the inputs of the last build; outside the folder, because the server serves everything inside it.
const STAMP: &str = "target/site.stamp";

/// The paths of the files with hashed names, for the server.
#[derive(Serialize, Deserialize)]
struct Manifest {
    /// The script that starts the page, and the wasm that every page loads.
    js: String,
    wasm: String,
    /// The script that loads the wasm of parts.
    loader: String,
    /// The script of `app/scripts`.
    page: String,
    css: String,
    /// The folder of the files that the page of the API's document loads.
    docs: String,
    /// By part, the pack that its pages load in addition to `wasm`; a tab loads it in addition to the pack of its page's part.
    packs: BTreeMap<String, String>,
    /// The files of the folder `public`.
    public: public::Names,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }
}

/// Builds the site; does nothing if the inputs have not changed.
pub fn build(compiler: &WasmCompiler, profile: Profile) -> Result<()> {
    // rust-embed needs the folder whenever the server is compiled.
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
    // The splitter needs relocations to find which function uses which code and data.
    process::run(compiler.apply(&mut command).args(["--", "-C", "link-args=--emit-relocs"]))
}

fn assemble(profile: Profile) -> Result<()> {
    let wasm = Path::new(WASM_TARGET).join(WASM_TRIPLE).join(profile.name()).join("frontend.wasm");
    let stamp = inputs(&wasm, profile)?;
    let is_built = Path::new(FOLDER).join(MANIFEST).exists();
    if is_built && fs::read_to_string(STAMP).is_ok_and(|previous| previous == stamp) {
        return Ok(());
    }
    let mut files = Files::default();
    let split = split::split(&wasm, SCRIPT, profile)?;
    let mut code = bindgen::bundle(SCRIPT, &split.main, profile)?;
    let packs = packs(&split)?;
    code.extend(split.files);
    code.extend(scripts::files(Path::new(scripts::FOLDER))?);
    code.extend(packs.values().cloned());
    let folder = files.add_hashed_folder("pkg/app", code);
    let in_folder = |name: &str| format!("{folder}/{name}");
    let public = public::add(&mut files, Path::new(PUBLIC))?;
    let style = public::with_site_names(&style::bundle(Path::new(STYLE))?, &public)?;
    let manifest = Manifest {
        js: in_folder("app.js"),
        wasm: in_folder("app.wasm"),
        loader: in_folder(split::LOADER),
        page: in_folder(scripts::PAGE),
        packs: packs.into_iter().map(|(part, (name, _))| (part, in_folder(&name))).collect(),
        css: files.add_hashed("pkg/app", "css", style.into_bytes()),
        docs: files.add_hashed_folder("pkg/docs", docs::files(Path::new(STYLE))?),
        public,
    };
    if profile == Profile::Release {
        files.compress()?;
    }
    files.add(MANIFEST.to_owned(), serde_json::to_vec(&manifest)?);
    files.write_to(Path::new(FOLDER))?;
    fs::write(STAMP, stamp).with_context(|| format!("cannot write {STAMP}"))
}

/// By part, the name and the content of its pack.
fn packs(split: &SplitOutput) -> Result<BTreeMap<String, (String, Vec<u8>)>> {
    let packs = split.parts.iter().map(|(part, names)| {
        let loaded = pack::page_part(part, split.parts.keys()).map(|page| &split.parts[page]);
        let is_missing = |name| names.contains(name) && loaded.is_none_or(|loaded| !loaded.contains(name));
        let files = split.files.iter().filter(|(name, _)| is_missing(name));
        let files: Vec<_> = files.map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        Ok((part.clone(), (format!("{part}.{}", pack::EXTENSION), pack::pack(&files)?)))
    });
    packs.collect()
}

/// Path, size and modification time of every input; the xtask program is one of them.
fn inputs(wasm: &Path, profile: Profile) -> Result<String> {
    // Not `current_exe`, whose file is gone if cargo has compiled this program again meanwhile.
    let mut paths = vec![wasm.to_path_buf(), PathBuf::from("/proc/self/exe")];
    paths.extend(files_below(Path::new(PUBLIC))?);
    paths.extend(files_below(Path::new(STYLE))?);
    paths.extend(files_below(Path::new(scripts::FOLDER))?);
    paths.extend(files_below(Path::new(docs::FOLDER))?);
    let mut text = format!("{}\n", profile.name());
    for path in paths {
        let data = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
        let changed = data.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
        text.push_str(&format!("{} {} {changed}\n", path.display(), data.len()));
    }
    Ok(text)
}
