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
    files.push((format!("{name}.js"), minify_script(output.js()).into_bytes()));
    files.push((format!("{name}.wasm"), output.wasm_mut().emit_wasm()));
    Ok(files)
}

/// Removes comments and indentation, a tenth of the compressed script.
fn minify_script(script: &str) -> String {
    // Template strings over several lines would lose their indentation: such a script stays as it is.
    if script.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return script.to_owned();
    }
    let mut minified = String::with_capacity(script.len());
    let mut in_comment = false;
    for line in script.lines().map(str::trim) {
        in_comment |= line.starts_with("/*") && (line.ends_with("*/") || !line.contains("*/"));
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            minified.push_str(line);
            minified.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    minified
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::minify_script;

    #[test]
    fn minify_drops_comments_and_keeps_strings() {
        let script = "/**\n * What it does.\n */\nfunction f() {\n    // Why.\n    return '/* no comment */';\n}\n/* @internal */\n/* Now. */ f();\n";
        assert_eq!(minify_script(script), "function f() {\nreturn '/* no comment */';\n}\n/* Now. */ f();\n");
        let text = "f(`one\n    two`);\n";
        assert_eq!(minify_script(text), text);
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
