//! Runs wasm-bindgen on the compiled `frontend`. The script does not contain the path of its wasm: the page passes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use walrus::Module;
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
    let mut script = without_comments(output.js());
    if profile == Profile::Release {
        script = without_unused_classes(script, output.wasm_mut())?;
        let own_module = format!("./{name}_bg.js");
        let imports = output.wasm_mut().imports.iter_mut().filter(|import| import.module == own_module);
        script = shorten_imports(script, imports.map(|import| &mut import.name))?;
        script = shorten_helpers(&script);
    }
    files.push((format!("{name}.js"), script.into_bytes()));
    files.push((format!("{name}.wasm"), output.wasm_mut().emit_wasm()));
    Ok(files)
}

/// Classes of `wasm-streams`, which Leptos depends on. wasm-bindgen keeps what a crate exports, also if nothing makes an object of it.
const CLASSES: [&str; 3] = ["IntoUnderlyingByteSource", "IntoUnderlyingSink", "IntoUnderlyingSource"];

/// Removes the classes of which no object is made, and the functions that only they use, from the wasm and from its script.
fn without_unused_classes(mut script: String, wasm: &mut Module) -> Result<String> {
    let is_unused = |class: &&str| !script.contains(&format!("{class}.__wrap("));
    let unused: Vec<&str> = CLASSES.into_iter().filter(is_unused).collect();
    for class in unused {
        let methods = ["", "__wbg_"].map(|prefix| format!("{prefix}{}_", class.to_lowercase()));
        let exports = wasm.exports.iter().filter(|export| methods.iter().any(|method| export.name.starts_with(method)));
        let exports: Vec<_> = exports.map(|export| export.id()).collect();
        exports.into_iter().for_each(|export| wasm.exports.delete(export));
        script = without(&script, &format!("\nexport class {class} {{"), &format!("{class}.prototype.free;"))?;
        script = without(&script, &format!("\nconst {class}Finalization"), "_free(ptr, 1));")?;
    }
    let imported = |wasm: &Module| wasm.imports.iter().map(|import| import.name.clone()).collect::<BTreeSet<_>>();
    let before = imported(wasm);
    walrus::passes::gc::run(wasm);
    for name in before.difference(&imported(wasm)) {
        script = without(&script, &format!("\n{name}: "), "},")?;
    }
    Ok(script)
}

/// The script without the lines from the one that begins with `start` to the one that ends with `end`.
fn without(script: &str, start: &str, end: &str) -> Result<String> {
    let (before, rest) = script.split_once(start).with_context(|| format!("the script has no{start}"))?;
    let end = format!("{end}\n");
    let (_, after) = rest.split_once(&end).with_context(|| format!("the script has no end of{start}"))?;
    Ok(format!("{before}\n{after}"))
}

/// Gives the functions that the wasm imports from its script short names, in both. wasm-bindgen's names end with a hash of 16 digits,
/// which is 8 kB in the compressed base.
fn shorten_imports<'a>(mut script: String, names: impl Iterator<Item = &'a mut String>) -> Result<String> {
    for (index, name) in names.enumerate() {
        let short = short_name(index);
        // The script defines each in a line of its own, in one object.
        let (definition, shorter) = (format!("\n{name}: "), format!("\n{short}: "));
        ensure!(script.matches(&definition).count() == 1, "the script does not define {name} once");
        script = script.replacen(&definition, &shorter, 1);
        *name = short;
    }
    Ok(script)
}

/// Gives the functions that the script calls itself short names, and returns what it would only name before.
fn shorten_helpers(script: &str) -> String {
    let names: Vec<&str> = script
        .lines()
        .filter_map(|line| line.strip_prefix("function ")?.split_once('('))
        .map(|(name, _)| name)
        .collect();
    // A method, an export or a text may have the same name.
    let named = |line: &&str| line.starts_with("export {") || line.starts_with("import ");
    let lists: Vec<&str> = script.lines().filter(named).flat_map(words).collect();
    let is_own = |name: &&str| {
        let is_text = [".", "\"", "'", "{ "].iter().any(|before| script.contains(&format!("{before}{name}")));
        !is_text && !lists.contains(name)
    };
    let short: BTreeMap<&str, String> = names
        .into_iter()
        .filter(is_own)
        .enumerate()
        .map(|(index, name)| (name, format!("${}", short_name(index))))
        .collect();
    let mut shorter = String::new();
    for word in words(script) {
        shorter += short.get(word).map_or(word, String::as_str);
    }
    let mut lines: Vec<String> = Vec::new();
    for line in shorter.lines() {
        match lines.last_mut() {
            Some(named) if line == "return ret;" && named.starts_with("const ret = ") => {
                *named = named.replacen("const ret =", "return", 1);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    lines.join("\n") + "\n"
}

/// The names in the script, and what is between them.
fn words(script: &str) -> impl Iterator<Item = &str> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_$".contains(&byte);
    let mut rest = script;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let kind = is_name(*bytes.first()?);
        let end = bytes.iter().position(|byte| is_name(*byte) != kind).unwrap_or(bytes.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// `a` to `z`, then `aa` and so on.
fn short_name(mut index: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b"abcdefghijklmnopqrstuvwxyz"[index % 26]));
        index /= 26;
        if index == 0 {
            return letters.into_iter().rev().collect();
        }
        index -= 1;
    }
}

/// Removes the lines of comments and the indentation, a tenth of the compressed script. The script has neither strings of several lines
/// nor code behind a comment.
pub fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    let code = lines.filter(|line| !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark)));
    code.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{short_name, shorten_helpers, shorten_imports, without_comments};

    #[test]
    fn names_of_own_functions_are_short() {
        let script = "function isNull(a) {\nconst ret = a === null;\nreturn ret;\n}\nfunction init() {\nwasm.init(isNull(0));\n}\n";
        let short = "function $a(a) {\nreturn a === null;\n}\nfunction init() {\nwasm.init($a(0));\n}\n";
        assert_eq!(shorten_helpers(script), short);
    }

    #[test]
    fn lines_of_comments_and_indentation_are_removed() {
        let script = "/**\n * What it does.\n */\nfunction f() {\n    // Why.\n    return '/* no comment */';\n}\n";
        assert_eq!(without_comments(script), "function f() {\nreturn '/* no comment */';\n}\n");
    }

    #[test]
    fn imports_have_the_same_short_names_in_script_and_wasm() {
        let script = "const import0 = {\n__wbg_get_0a: function(arg0) {\n},\n__wbg_get_0a1: function() {\n},\n};\n";
        let mut names = ["__wbg_get_0a".to_owned(), "__wbg_get_0a1".to_owned()];
        let shorter = shorten_imports(script.to_owned(), names.iter_mut()).unwrap();
        assert_eq!(shorter, "const import0 = {\na: function(arg0) {\n},\nb: function() {\n},\n};\n");
        assert_eq!(names, ["a", "b"]);
        assert!(shorten_imports(shorter, std::iter::once(&mut "__wbg_set".to_owned())).is_err());
    }

    #[test]
    fn short_names_are_all_different() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(short_name), ["a", "z", "aa", "az", "ba", "zz", "aaa"]);
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
