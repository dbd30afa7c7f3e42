//! The walls of the house, as lists that are easy to extend: who may depend on whom, and what may exist only once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::need::wasm::WasmCompiler;
use crate::process;
use crate::workspace::{self, WASM_TARGET, WASM_TRIPLE, cargo};

/// Who may call whom: every crate of the product, with the crates that it may name. Tests may name others.
const DOORS: &[(&str, &[&str])] = &[
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

/// A package below which certain others must not appear, however they come in.
struct Graph {
    package: &'static str,
    /// The target to resolve for; the host's where there is none.
    target: Option<&'static str>,
    forbidden: &'static [&'static str],
}

const GRAPH: &[Graph] = &[
    Graph { package: "model", target: None, forbidden: &["axum", "leptos", "rusqlite", "sqlx", "tokio"] },
    Graph { package: "frontend", target: Some(WASM_TRIPLE), forbidden: &["axum", "rusqlite", "sqlx", "tokio"] },
    Graph { package: "api", target: None, forbidden: &["app", "leptos"] },
    Graph { package: "engine", target: None, forbidden: &["axum", "rusqlite", "sqlx", "store", "tokio"] },
    Graph { package: "identity", target: None, forbidden: &["axum", "rusqlite", "sqlx", "store"] },
    Graph { package: "store", target: None, forbidden: &["axum", "engine", "leptos"] },
    Graph { package: "control", target: None, forbidden: &["axum", "leptos"] },
    Graph {
        package: "ui",
        target: Some(WASM_TRIPLE),
        forbidden: &["axum", "control", "leptos_router", "rusqlite", "sqlx", "store", "tokio"],
    },
];

/// Packages that compile for the browser by themselves, without what others switch on in their dependencies.
const BROWSER: &[&str] = &["model", "ui"];

/// Text that stands in a folder exactly so many times.
struct Once {
    text: &'static str,
    folder: &'static str,
    times: usize,
    reason: &'static str,
}

const ONCE: &[Once] = &[
    Once {
        text: "pub async fn set_state(",
        folder: "server/crates",
        times: 2,
        reason: "one for flow runs and one for task runs, for clients, loops and benches alike",
    },
    Once {
        text: "(&MOVE_FLOW_RUN,",
        folder: "server",
        times: 1,
        reason: "only what set_state decided moves a flow run",
    },
    without_probe("app/src"),
    without_probe("server/crates/api/src"),
    without_probe("server/crates/control/src"),
    without_probe("server/crates/identity/src"),
    without_probe("server/crates/services/src"),
    without_probe("server/src"),
];

/// The look behind the storage path runs any text over any workspace's tables. A cargo feature around it would compile
/// everything twice, once for tests.
const fn without_probe(folder: &'static str) -> Once {
    Once {
        text: "probe::",
        folder,
        times: 0,
        reason: "store::probe goes around all proofs: it is for tests of store alone",
    }
}

/// This program, which says what it looks for.
const OWN: &str = "server/crates/xtask";

/// Checks every wall and names all that are broken.
pub fn check(compiler: &WasmCompiler) -> Result<()> {
    let mut broken = trespasses(&workspace::dependencies()?);
    for fence in GRAPH {
        broken.extend(crossings(fence)?);
    }
    for fence in ONCE {
        let found = count(Path::new(fence.folder), fence.text)?;
        if found != fence.times {
            let Once { text, folder, times, reason } = fence;
            broken.push(format!("`{text}` stands {found} times under {folder}, not {times} ({reason})"));
        }
    }
    if !broken.is_empty() {
        bail!("broken fences:\n  {}", broken.join("\n  "));
    }
    for package in BROWSER {
        let mut command = cargo();
        command.args(["check", "-p", package, "--target", WASM_TRIPLE, "--target-dir", WASM_TARGET]);
        process::run(compiler.apply(&mut command))?;
    }
    Ok(())
}

/// Crates that name one which they may not, and crates without a row.
fn trespasses(dependencies: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for (package, named) in dependencies {
        let Some((_, allowed)) = DOORS.iter().find(|(known, _)| known == package) else {
            found.push(format!("{package} has no row in the list of doors"));
            continue;
        };
        let named = named.iter().filter(|name| dependencies.contains_key(*name) && !allowed.contains(&name.as_str()));
        found.extend(named.map(|name| format!("{package} names {name}, which it must not know")));
    }
    found
}

fn crossings(fence: &Graph) -> Result<Vec<String>> {
    let mut command = cargo();
    command.args(["tree", "--locked", "-p", fence.package, "-e", "normal", "--prefix", "none", "--format", "{p}"]);
    if let Some(target) = fence.target {
        command.args(["--target", target]);
    }
    let tree = process::capture(&mut command)?;
    Ok(forbidden_in(&tree, fence.forbidden)
        .into_iter()
        .map(|name| format!("{} depends on {name}: cargo tree -p {} -i {name}", fence.package, fence.package))
        .collect())
}

/// The packages of `forbidden` that a tree of one package a line holds.
fn forbidden_in<'a>(tree: &'a str, forbidden: &[&str]) -> BTreeSet<&'a str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| forbidden.contains(name)).collect()
}

fn count(folder: &Path, text: &str) -> Result<usize> {
    let mut found = 0;
    if !folder.exists() || folder == Path::new(OWN) {
        return Ok(found);
    }
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        found += if path.is_dir() {
            count(&path, text)?
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

    use super::{DOORS, count, forbidden_in, trespasses};

    #[test]
    fn a_crate_that_names_another_than_it_may_is_found() {
        let named =
            |package: &str, names: &[&str]| (package.to_owned(), names.iter().map(|name| (*name).to_owned()).collect());
        let mut house: BTreeMap<String, Vec<String>> =
            DOORS.iter().map(|(package, names)| named(package, names)).collect();
        assert!(trespasses(&house).is_empty());
        house.extend([named("engine", &["model", "store", "serde"]), named("cellar", &[])]);
        let found = trespasses(&house);
        assert_eq!(found, ["cellar has no row in the list of doors", "engine names store, which it must not know"]);
    }

    #[test]
    fn a_second_one_is_found_wherever_it_hides() {
        let folder = std::env::temp_dir().join(format!("provost-fence-{}", std::process::id()));
        fs::create_dir_all(folder.join("deep/er")).unwrap();
        for (name, text) in [
            ("one.rs", "pub async fn set_state("),
            ("deep/er/two.rs", "pub async fn set_state("),
            ("note.md", "pub async fn set_state("),
        ] {
            fs::write(folder.join(name), text).unwrap();
        }
        let found = count(&folder, "pub async fn set_state(");
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found.unwrap(), 2);
    }

    #[test]
    fn a_forbidden_package_is_found_by_its_whole_name() {
        let tree = "frontend v0.1.0 (/x)\ntokio-util v0.7.0\nleptos v0.8.23\ntokio v1.54.1 (*)\n";
        assert_eq!(forbidden_in(tree, &["tokio", "axum"]).into_iter().collect::<Vec<_>>(), ["tokio"]);
        assert!(forbidden_in(tree, &["leptos_router"]).is_empty());
    }
}
