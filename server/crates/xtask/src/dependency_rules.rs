//! Dependency rules: which crate may depend on which, how modules import each other, and how often certain code may
//! occur. To add a rule, add a row to a list.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use crate::import_circles;
use crate::prerequisites::wasm::WasmCompiler;
use crate::process;
use crate::site::Profile;
use crate::source;
use crate::third_party;
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
    ("differential", &[]),
    ("bench", &["control", "differential", "engine", "identity", "model", "store"]),
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

/// Packages that must compile for wasm on their own, without features that other packages enable in shared dependencies; and the
/// features that the site enables in them, so that cargo does not compile Leptos once more without them.
const BROWSER_CRATES: &[(&str, &str)] = &[("model", ""), ("ui", "ui/hydrate")];

/// Code that must occur exactly `times` times in the product, however it is formatted.
struct CodeCount {
    /// Without white space.
    code: &'static str,
    times: usize,
    reason: &'static str,
}

const CODE_COUNTS: &[CodeCount] = &[
    CodeCount {
        code: "pubasyncfnset_state(",
        times: 2,
        reason: "one for flow runs and one for task runs; clients, background services and benches call the same function",
    },
    CodeCount {
        code: "(&UPDATE_FLOW_RUN_STATE,",
        times: 1,
        reason: "only set_state may change the state of a flow run",
    },
    CodeCount {
        code: "Actor::service(",
        times: 1,
        reason: "only the late-runs service enters a workspace without a member; a new service adds one here",
    },
    CodeCount {
        code: "secret.reveal()",
        times: 2,
        reason: "a page wraps the new key in `Secret`, so that its answer is not compressed; the command line prints it",
    },
];

/// The crates that may use `store::testing`, which runs any SQL over the tables of any workspace. It is not behind a cargo feature,
/// because cargo would then compile every crate twice, once with the feature for the tests.
const TESTING_CRATES: &[&str] = &["store", "testkit"];

/// Checks every rule and lists all violations.
pub fn check(compiler: &WasmCompiler) -> Result<()> {
    let mut violations = disallowed_deps(&workspace::dependencies()?);
    violations.extend(third_party::violations()?);
    violations.extend(import_circles::violations()?);
    for rule in FORBIDDEN_DEPS {
        violations.extend(forbidden_deps(rule)?);
    }
    violations.extend(code_violations()?);
    if !violations.is_empty() {
        bail!("violated dependency rules:\n  {}", violations.join("\n  "));
    }
    for (package, features) in BROWSER_CRATES {
        let mut command = cargo();
        command.args(["check", "-p", package, "--features", features, "--target", WASM_TRIPLE]);
        // The profile of the site's build, which then finds its macros compiled.
        command.args(["--target-dir", WASM_TARGET, "--profile", Profile::Release.name()]);
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

fn code_violations() -> Result<Vec<String>> {
    let mut violations = Vec::new();
    let mut counts = vec![0; CODE_COUNTS.len()];
    let mut folders = workspace::source_folders()?;
    // This program names the code that it looks for.
    folders.remove("xtask");
    for (package, folder) in folders {
        for (file, code) in source::read(&folder)? {
            counts.iter_mut().zip(CODE_COUNTS).for_each(|(count, rule)| *count += occurrences(&code, rule.code));
            if !TESTING_CRATES.contains(&&*package) && uses_testing(&code) {
                violations.push(format!("{} uses store::testing, which is for tests only", file.display()));
            }
        }
    }
    for (CodeCount { code, times, reason }, found) in CODE_COUNTS.iter().zip(counts) {
        if found != *times {
            violations.push(format!("`{code}` occurs {found} times, not {times} ({reason})"));
        }
    }
    Ok(violations)
}

/// How often `wanted`, which has no white space, occurs in `code`, which may have some.
fn occurrences(code: &str, wanted: &str) -> usize {
    let compact: String = code.chars().filter(|next| !next.is_whitespace()).collect();
    compact.matches(wanted).count()
}

fn uses_testing(code: &str) -> bool {
    source::paths_from("store", code).iter().any(|path| path.iter().any(|name| name == "testing"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{ALLOWED_DEPS, disallowed_deps, find_forbidden, occurrences, uses_testing};

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
    fn code_is_counted_however_it_is_formatted() {
        let code = "pub async fn set_state(a) {}\npub async fn\n    set_state(\n    b,\n) {}";
        assert_eq!(occurrences(code, "pubasyncfnset_state("), 2);
    }

    #[test]
    fn imports_of_store_testing_are_found() {
        assert!(uses_testing("use store::{\n    db::Db,\n    testing as t,\n};"));
        assert!(uses_testing("fn f() { ::store::testing::describe() }"));
        assert!(!uses_testing("use testkit::testing; use store::db::testing_ground;"));
    }

    #[test]
    fn forbidden_package_is_matched_by_full_name() {
        let tree = "frontend v0.1.0 (/x)\ntokio-util v0.7.0\nleptos v0.8.23\ntokio v1.54.1 (*)\n";
        assert_eq!(find_forbidden(tree, &["tokio", "axum"]).into_iter().collect::<Vec<_>>(), ["tokio"]);
        assert!(find_forbidden(tree, &["leptos_router"]).is_empty());
    }
}
