//! Cuts the compiled `frontend` at the functions that are marked as the doors of a part: one wasm that every page loads, and others
//! that are loaded when a page of their part is shown.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_encoder::{Module, RawSection};
use wasm_split_cli_support::{Options, transform};
use wasmparser::{Parser, Payload};

use super::Profile;

/// Where the cut files lie until they are put into the site.
const FOLDER: &str = "target/wasm/cut";
/// The script that loads the parts.
pub const LOADER: &str = "parts.js";

pub struct Cut {
    /// What every page loads; still to be bound to its script.
    pub first: PathBuf,
    /// The other files by name: the script that loads parts, and their wasm.
    pub files: Vec<(String, Vec<u8>)>,
    /// By part, the wasm that it takes beside the first.
    pub parts: BTreeMap<String, Vec<String>>,
}

/// Cuts `wasm`; the script of the first part is called `script`, in the same folder.
pub fn cut(wasm: &Path, script: &str, profile: Profile) -> Result<Cut> {
    let folder = Path::new(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {FOLDER}"))?;
    }
    let input = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let (first, main_module) = (folder.join("first.wasm"), format!("./{script}.js"));
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &first;
    options.main_module = &main_module;
    // A name alone would be looked up elsewhere.
    let loader = format!("./{LOADER}");
    options.link_name = &loader;
    let made = transform(options).map_err(|error| anyhow!("cannot cut {}: {error:?}", wasm.display()))?;
    let names = made.split_modules.iter().filter_map(|path| path.file_name()?.to_str());
    let files = names.chain([LOADER]).map(|name| {
        let content = fs::read(folder.join(name)).with_context(|| format!("cannot read {name}"))?;
        let content =
            if name.ends_with(".wasm") && profile == Profile::Release { nameless(&content)? } else { content };
        Ok((name.to_owned(), content))
    });
    let files = files.collect::<Result<_>>()?;
    let with_extension = |names: Vec<String>| names.into_iter().map(|name| name + ".wasm").collect();
    let parts = made.prefetch_map.into_iter().map(|(part, names)| (part, with_extension(names))).collect();
    Ok(Cut { first, files, parts })
}

/// The same code without the names of functions, which only debuggers read.
fn nameless(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if matches!(&payload, Payload::CustomSection(_)) {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            module.section(&RawSection { id, data: &wasm[range] });
        }
    }
    Ok(module.finish())
}
