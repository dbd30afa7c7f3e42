//! Circles of imports between the modules of a crate. Imports between a module and the modules inside it do not count: these use
//! what their parent declares, and the parent uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use crate::source::{self, Names};
use crate::workspace;

/// A module, by the names on its path from the crate's root.
type Module = Names;
type Imports = BTreeMap<Module, BTreeSet<Module>>;

/// Lists every circle.
pub fn violations() -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (package, folder) in workspace::source_folders()? {
        let mut modules = BTreeMap::new();
        for (path, text) in source::read(&folder)? {
            // `main.rs` and `lib.rs` are two crates with one root here.
            modules.entry(module(path.strip_prefix(&folder)?)).or_insert_with(String::new).push_str(&text);
        }
        let circles = circles(&imports(&modules)).into_iter();
        found.extend(circles.map(|circle| format!("the modules of {package} import each other: {circle}")));
    }
    Ok(found)
}

/// The module of a file, whose path is relative to the crate's code.
fn module(file: &Path) -> Module {
    let mut names: Module = file.with_extension("").iter().map(|name| name.to_string_lossy().into_owned()).collect();
    names.pop_if(|last| matches!(&**last, "mod" | "lib" | "main"));
    names
}

/// The imports between modules of which neither contains the other.
fn imports(files: &BTreeMap<Module, String>) -> Imports {
    let mut imports = Imports::new();
    for (module, text) in files {
        // Unit tests may use what is around their module.
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for path in imported(module, code) {
            let longest = (1..=path.len()).rev().map(|length| path[..length].to_vec());
            let Some(target) = longest.into_iter().find(|path| files.contains_key(path)) else { continue };
            if !module.starts_with(&target) && !target.starts_with(module) {
                imports.entry(module.clone()).or_default().insert(target);
            }
        }
    }
    imports
}

/// The paths in `code` that begin with `crate` or `super`, from the crate's root.
fn imported(module: &[String], code: &str) -> Vec<Module> {
    let mut found = source::paths_from("crate", code);
    for path in source::paths_from("super", code) {
        let outer = 1 + path.iter().take_while(|name| *name == "super").count();
        let base = &module[..module.len().saturating_sub(outer)];
        found.push(base.iter().chain(&path[outer - 1..]).cloned().collect());
    }
    found
}

/// The groups of modules that reach each other, as `a, b, c`.
fn circles(imports: &Imports) -> Vec<String> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        imports.keys().map(|from| (from, reachable(imports, from))).collect();
    let mut circles = BTreeSet::new();
    for (from, targets) in &reached {
        let circle = targets.iter().filter(|to| reached.get(**to).is_some_and(|back| back.contains(from)));
        let circle: Vec<_> = circle.map(|module| module.join("::")).collect();
        circles.insert(circle.join(", "));
    }
    circles.into_iter().filter(|circle| !circle.is_empty()).collect()
}

fn reachable<'a>(imports: &'a Imports, from: &Module) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut pending: Vec<&Module> = imports[from].iter().collect();
    while let Some(module) = pending.pop() {
        if reached.insert(module) {
            pending.extend(imports.get(module).into_iter().flatten());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
        let module = |path: &str| path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let files = files.iter().map(|(path, text)| (module(path), source::without_comments(text)));
        circles(&imports(&files.collect()))
    }

    #[test]
    fn circles_are_found_through_nested_and_relative_paths() {
        let files = [
            ("a", "use std::{fmt, io};\nuse crate::{b::{self, B as Other}, c};"),
            ("b", "fn f() -> super::d::deep::D {}"),
            ("c", "use model::c;"),
            ("d", ""),
            ("d::deep", "pub use super::super::a::*;"),
        ];
        assert_eq!(circles_of(&files), ["a, b, d::deep"]);
    }

    #[test]
    fn one_way_imports_parents_tests_and_comments_are_no_circles() {
        let files = [
            ("", "pub use crate::a::A;"),
            ("a", "use crate::b; // crate::a\nuse self::inner::X;\n#[cfg(test)]\nmod tests { use crate::c; }"),
            ("a::inner", "use super::A;"),
            ("b", "/// See [`crate::a`].\nuse $crate::a;\nuse my_crate::a;"),
            ("c", "use crate::a;"),
        ];
        assert_eq!(circles_of(&files), Vec::<String>::new());
    }
}
