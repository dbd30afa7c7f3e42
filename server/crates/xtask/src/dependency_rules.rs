//! Dependency rules: which crate may depend on which, and how often certain code may occur. To add a rule, add a row to a list.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::prerequisites::wasm::WasmCompiler;
use crate::process;
use crate::workspace::{self, WASM_TARGET, WASM_TRIPLE, cargo};

/// Every crate of the product with the crates of the product that it may depend on. Dev-dependencies are not checked.
const ALLOWED_DEPS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("ui", &["model"]),
    ("app", &["control", "model", "ui"]),
    ("frontend", &["app"]),
    ("engine", &["model"]),
    ("identity", &["model"]),
    ("store", &["model"]),
    ("control", &["engine", "identity", "model", "store"]),
    ("services", &["control", "model", "store"]),
    ("api", &["control", "engine", "identity", "model"]),
    ("testkit", &["control", "identity", "model", "store"]),
    ("bench", &["control", "engine", "identity", "model", "store"]),
    ("server", &["api", "app", "control", "identity", "model", "services", "store"]),
];

/// A package and the packages that must not be among its direct or transitive dependencies.
struct ForbiddenDeps {
    package: &'static str,
    /// The target to resolve for; `None` means the host.
    target: Option<&'static str>,
    forbidden: &'static [&'static str],
}

const FORBIDDEN_DEPS: &[ForbiddenDeps] = &[
    ForbiddenDeps { package: "model", target: None, forbidden: &["axum", "leptos", "rusqlite", "sqlx", "tokio"] },
    ForbiddenDeps { package: "frontend", target: Some(WASM_TRIPLE), forbidden: &["axum", "rusqlite", "sqlx", "tokio"] },
    ForbiddenDeps { package: "api", target: None, forbidden: &["app", "leptos"] },
    ForbiddenDeps { package: "engine", target: None, forbidden: &["axum", "rusqlite", "sqlx", "store", "tokio"] },
    ForbiddenDeps { package: "identity", target: None, forbidden: &["axum", "rusqlite", "sqlx", "store"] },
    ForbiddenDeps { package: "store", target: None, forbidden: &["axum", "engine", "leptos"] },
    ForbiddenDeps { package: "control", target: None, forbidden: &["axum", "leptos"] },
    ForbiddenDeps {
        package: "ui",
        target: Some(WASM_TRIPLE),
        forbidden: &["axum", "control", "leptos_router", "rusqlite", "sqlx", "store", "tokio"],
    },
];

/// Packages that must compile for wasm on their own, without features that other packages enable in shared dependencies.
const BROWSER_CRATES: &[&str] = &["model", "ui"];

/// A text that must occur exactly `times` times in the Rust files of a folder.
struct TextCount {
    text: &'static str,
    folder: &'static str,
    times: usize,
    reason: &'static str,
}

const TEXT_COUNTS: &[TextCount] = &[
    TextCount {
        text: "pub async fn set_state(",
        folder: "server/crates",
        times: 2,
        reason: "one for flow runs and one for task runs; clients, background services and benches call the same function",
    },
    TextCount {
        text: "(&SAVE_FLOW_RUN_PROGRESS,",
        folder: "server",
        times: 1,
        reason: "only set_state may change the state of a flow run",
    },
    no_testing_access("app/src"),
    no_testing_access("server/crates/api/src"),
    no_testing_access("server/crates/control/src"),
    no_testing_access("server/crates/identity/src"),
    no_testing_access("server/crates/services/src"),
    no_testing_access("server/src"),
];

/// `store::testing` runs any SQL over the tables of any workspace. It is not behind a cargo feature, because cargo would then
/// compile every crate twice, once with the feature for the tests.
const fn no_testing_access(folder: &'static str) -> TextCount {
    TextCount {
        text: "testing::",
        folder,
        times: 0,
        reason: "store::testing runs SQL without a tenant proof: it is for tests only",
    }
}

/// Not searched: this file contains the texts itself.
const XTASK: &str = "server/crates/xtask";

/// Checks every rule and lists all violations.
pub fn check(compiler: &WasmCompiler) -> Result<()> {
    let mut violations = disallowed_deps(&workspace::dependencies()?);
    for rule in FORBIDDEN_DEPS {
        violations.extend(forbidden_deps(rule)?);
    }
    for rule in TEXT_COUNTS {
        let found = count_text(Path::new(rule.folder), rule.text)?;
        if found != rule.times {
            let TextCount { text, folder, times, reason } = rule;
            violations.push(format!("`{text}` occurs {found} times under {folder}, not {times} ({reason})"));
        }
    }
    if !violations.is_empty() {
        bail!("violated dependency rules:\n  {}", violations.join("\n  "));
    }
    for package in BROWSER_CRATES {
        let mut command = cargo();
        command.args(["check", "-p", package, "--target", WASM_TRIPLE, "--target-dir", WASM_TARGET]);
        process::run(compiler.apply(&mut command))?;
    }
    Ok(())
}

/// Crates with a dependency that the list does not allow, and crates that the list does not contain.
fn disallowed_deps(dependencies: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for (package, named) in dependencies {
        let Some((_, allowed)) = ALLOWED_DEPS.iter().find(|(known, _)| known == package) else {
            found.push(format!("{package} has no row in ALLOWED_DEPS"));
            continue;
        };
        let named = named.iter().filter(|name| dependencies.contains_key(*name) && !allowed.contains(&name.as_str()));
        found.extend(named.map(|name| format!("{package} depends on {name}, which ALLOWED_DEPS does not allow")));
    }
    found
}

fn forbidden_deps(rule: &ForbiddenDeps) -> Result<Vec<String>> {
    let mut command = cargo();
    command.args(["tree", "--locked", "-p", rule.package, "-e", "normal", "--prefix", "none", "--format", "{p}"]);
    if let Some(target) = rule.target {
        command.args(["--target", target]);
    }
    let tree = process::capture(&mut command)?;
    Ok(find_forbidden(&tree, rule.forbidden)
        .into_iter()
        .map(|name| format!("{} depends on {name}: cargo tree -p {} -i {name}", rule.package, rule.package))
        .collect())
}

/// The packages of `forbidden` that occur in `tree`, which has one package per line.
fn find_forbidden<'a>(tree: &'a str, forbidden: &[&str]) -> BTreeSet<&'a str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| forbidden.contains(name)).collect()
}

fn count_text(folder: &Path, text: &str) -> Result<usize> {
    let mut found = 0;
    if !folder.exists() || folder == Path::new(XTASK) {
        return Ok(found);
    }
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        found += if path.is_dir() {
            count_text(&path, text)?
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?.matches(text).count()
        } else {
            0
        };
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::{ALLOWED_DEPS, count_text, disallowed_deps, find_forbidden};

    #[test]
    fn disallowed_dependency_is_reported() {
        let named =
            |package: &str, names: &[&str]| (package.to_owned(), names.iter().map(|name| (*name).to_owned()).collect());
        let mut crates: BTreeMap<String, Vec<String>> =
            ALLOWED_DEPS.iter().map(|(package, names)| named(package, names)).collect();
        assert!(disallowed_deps(&crates).is_empty());
        crates.extend([named("engine", &["model", "store", "serde"]), named("unlisted", &[])]);
        let found = disallowed_deps(&crates);
        assert_eq!(
            found,
            ["engine depends on store, which ALLOWED_DEPS does not allow", "unlisted has no row in ALLOWED_DEPS"]
        );
    }

    #[test]
    fn text_is_counted_in_rust_files_of_all_subfolders() {
        let folder = std::env::temp_dir().join(format!("provost-dependency-rules-{}", std::process::id()));
        fs::create_dir_all(folder.join("deep/er")).unwrap();
        for (name, text) in [
            ("one.rs", "pub async fn set_state("),
            ("deep/er/two.rs", "pub async fn set_state("),
            ("readme.md", "pub async fn set_state("),
        ] {
            fs::write(folder.join(name), text).unwrap();
        }
        let found = count_text(&folder, "pub async fn set_state(");
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found.unwrap(), 2);
    }

    #[test]
    fn forbidden_package_is_matched_by_full_name() {
        let tree = "frontend v0.1.0 (/x)\ntokio-util v0.7.0\nleptos v0.8.23\ntokio v1.54.1 (*)\n";
        assert_eq!(find_forbidden(tree, &["tokio", "axum"]).into_iter().collect::<Vec<_>>(), ["tokio"]);
        assert!(find_forbidden(tree, &["leptos_router"]).is_empty());
    }
}
