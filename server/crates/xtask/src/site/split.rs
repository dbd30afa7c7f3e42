//! Splits the compiled `frontend` at the functions that are marked as entry points of a part: one wasm that every page loads, and
//! others that the browser loads with the first page of their part.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

use super::{Profile, bindgen::without_comments, compact, pack, unused};

/// Working folder for the split files, which still have the names of their functions.
pub const FOLDER: &str = "target/wasm/split";
/// The file in that folder which every page loads.
pub const MAIN: &str = "main.wasm";
/// The script that loads the wasm of parts, and packs of it.
pub const LOADER: &str = "parts.js";

pub struct SplitOutput {
    /// The wasm that every page loads, not yet processed by wasm-bindgen.
    pub main: PathBuf,
    /// The other files by name: the script that loads parts, and the wasm of the parts.
    pub files: Vec<(String, Vec<u8>)>,
    /// By part, the wasm files that its pages load in addition to `main`.
    pub parts: BTreeMap<String, Vec<String>>,
}

/// Splits `wasm`; `script` is the base name of the script of the main part, in the same folder.
pub fn split(wasm: &Path, script: &str, profile: Profile) -> Result<SplitOutput> {
    let folder = Path::new(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {FOLDER}"))?;
    }
    let input = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let (main, main_module) = (folder.join(MAIN), format!("./{script}.js"));
    let input = match profile {
        Profile::Dev => input,
        Profile::Release => unused::empty_unused(&input)?,
    };
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = &main_module;
    // Without `./` the browser would not resolve the name relative to the folder.
    let loader = format!("./{LOADER}");
    options.link_name = &loader;
    let output = transform(options).map_err(|error| anyhow!("cannot split {}: {error:?}", wasm.display()))?;
    let names = output.split_modules.iter().filter_map(|path| path.file_name()?.to_str());
    let files = names.chain([LOADER]).map(|name| {
        let content = fs::read(folder.join(name)).with_context(|| format!("cannot read {name}"))?;
        let content = if name.ends_with(".wasm") && profile == Profile::Release {
            compact::compact(&content).with_context(|| format!("cannot compact {name}"))?
        } else {
            content
        };
        Ok((name.to_owned(), content))
    });
    let mut files: Vec<_> = files.collect::<Result<_>>()?;
    if let Some((_, script)) = files.iter_mut().find(|(name, _)| name == LOADER) {
        *script = without_comments(&[pack::SCRIPT, std::str::from_utf8(script)?].concat()).into_bytes();
    }
    let with_extension = |names: Vec<String>| names.into_iter().map(|name| name + ".wasm").collect();
    let parts = output.prefetch_map.into_iter().map(|(part, names)| (part, with_extension(names))).collect();
    Ok(SplitOutput { main, files, parts })
}
