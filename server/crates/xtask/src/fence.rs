//! The walls of the house, as lists that are easy to extend: who may depend on whom, and what may exist only once.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::need::wasm::WasmCompiler;
use crate::process;
use crate::workspace::{WASM_TARGET, WASM_TRIPLE, cargo};

/// A package below which certain others must not appear.
struct Graph {
    package: &'static str,
    /// The target to resolve for; the host's where there is none.
    target: Option<&'static str>,
    forbidden: &'static [&'static str],
}

const GRAPH: &[Graph] = &[
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
        text: "pub async fn set_state",
        folder: "server/crates/control/src/flow_run",
        times: 1,
        reason: "the only way to change the state of a flow run, for clients, loops and benches alike",
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

/// Checks every wall and names all that are broken.
pub fn check(compiler: &WasmCompiler) -> Result<()> {
    let mut broken = Vec::new();
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
    if !folder.exists() {
        return Ok(found);
    }
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        found += if path.is_dir() { count(&path, text)? } else { fs::read_to_string(&path)?.matches(text).count() };
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::forbidden_in;

    #[test]
    fn a_forbidden_package_is_found_by_its_whole_name() {
        let tree = "frontend v0.1.0 (/x)\ntokio-util v0.7.0\nleptos v0.8.23\ntokio v1.54.1 (*)\n";
        assert_eq!(forbidden_in(tree, &["tokio", "axum"]).into_iter().collect::<Vec<_>>(), ["tokio"]);
        assert!(forbidden_in(tree, &["leptos_router"]).is_empty());
    }
}
