//! Runs wasm-bindgen on the compiled `frontend`. The script does not contain the path of its wasm: the page passes it.

use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::Profile;

/// Generates the script for the wasm that every page loads; both files are called `name`. Snippets keep their own names.
pub fn bundle(name: &str, wasm: &Path, profile: Profile) -> Result<Vec<(String, Vec<u8>)>> {
    let mut bindgen = Bindgen::new();
    // The wasm files of the parts import what the linker exports from this one.
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
    files.push((format!("{name}.js"), without_comments(output.js()).into_bytes()));
    files.push((format!("{name}.wasm"), output.wasm_mut().emit_wasm()));
    Ok(files)
}

/// Removes the lines of comments and the indentation, a tenth of the compressed script. wasm-bindgen writes neither strings of
/// several lines nor code behind a comment.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    let code = lines.filter(|line| !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark)));
    code.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::without_comments;

    #[test]
    fn lines_of_comments_and_indentation_are_removed() {
        let script = "/**\n * What it does.\n */\nfunction f() {\n    // Why.\n    return '/* no comment */';\n}\n";
        assert_eq!(without_comments(script), "function f() {\nreturn '/* no comment */';\n}\n");
    }

    /// The version of a package in a lockfile.
    fn locked_version(lockfile: &str, package: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(lockfile);
        let text = std::fs::read_to_string(path).unwrap();
        let entry = text.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{package}\"\n")));
        let version = entry.unwrap().lines().find_map(|line| line.strip_prefix("version = ")).unwrap();
        version.trim_matches('"').to_owned()
    }

    #[test]
    fn wasm_bindgen_tool_matches_the_crate_version() {
        let tool = locked_version("Cargo.lock", "wasm-bindgen-cli-support");
        assert_eq!(tool, locked_version("../../../Cargo.lock", "wasm-bindgen"), "pin both to the same version");
    }
}
