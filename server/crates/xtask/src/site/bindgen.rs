//! From the compiled `frontend` to what a browser loads. The script is not told where its wasm lies: the page says so.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::Profile;

/// Binds the part of the wasm that every page loads to its script; both are called `name`, the others come along by their names.
pub fn bundle(name: &str, wasm: &Path, profile: Profile) -> Result<Vec<(String, Vec<u8>)>> {
    let mut bindgen = Bindgen::new();
    // What the linker exports is what the other parts share.
    bindgen.web(true)?.typescript(false).omit_default_module_path(true).keep_lld_exports(true);
    bindgen.out_name(name).input_path(wasm);
    if profile == Profile::Release {
        bindgen.remove_name_section(true).remove_producers_section(true);
    }
    let mut output = bindgen.generate_output().with_context(|| format!("wasm-bindgen on {}", wasm.display()))?;
    let inline = output.snippets().iter().flat_map(|(owner, scripts)| {
        scripts.iter().enumerate().map(move |(i, text)| (format!("snippets/{owner}/inline{i}.js"), text))
    });
    let modules = output.local_modules().iter().map(|(path, text)| (format!("snippets/{path}"), text));
    let mut files: Vec<_> = inline.chain(modules).map(|(name, text)| (name, text.clone().into_bytes())).collect();
    files.push((format!("{name}.js"), output.js().as_bytes().to_vec()));
    files.push((format!("{name}.wasm"), output.wasm_mut().emit_wasm()));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The version of a package in a lockfile.
    fn locked(lockfile: &str, package: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(lockfile);
        let text = std::fs::read_to_string(path).unwrap();
        let entry = text.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{package}\"\n")));
        let version = entry.unwrap().lines().find_map(|line| line.strip_prefix("version = ")).unwrap();
        version.trim_matches('"').to_owned()
    }

    #[test]
    fn the_tool_has_the_version_of_the_crate() {
        let tool = locked("Cargo.lock", "wasm-bindgen-cli-support");
        assert_eq!(tool, locked("../../../Cargo.lock", "wasm-bindgen"), "pin both to the same version");
    }
}
