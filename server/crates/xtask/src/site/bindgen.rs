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
    files.push((format!("{name}.js"), for_machines(output.js()).into_bytes()));
    files.push((format!("{name}.wasm"), output.wasm_mut().emit_wasm()));
    Ok(files)
}

/// The script without its comments and indentation: a tenth of it on the wire.
fn for_machines(script: &str) -> String {
    // A text of several lines would lose what belongs to it.
    if script.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return script.to_owned();
    }
    let mut lean = String::with_capacity(script.len());
    let mut in_comment = false;
    for line in script.lines().map(str::trim) {
        in_comment |= line.starts_with("/*") && (line.ends_with("*/") || !line.contains("*/"));
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            lean.push_str(line);
            lean.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    lean
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::for_machines;

    #[test]
    fn comments_and_indentation_go_and_texts_stay() {
        let script = "/**\n * What it does.\n */\nfunction f() {\n    // Why.\n    return '/* no comment */';\n}\n/* @internal */\n/* Now. */ f();\n";
        assert_eq!(for_machines(script), "function f() {\nreturn '/* no comment */';\n}\n/* Now. */ f();\n");
        let text = "f(`one\n    two`);\n";
        assert_eq!(for_machines(text), text);
    }

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
