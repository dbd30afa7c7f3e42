//! Rules for third-party packages: their licences, their sources, and one version of each. `deny.toml` holds the lists, for
//! cargo-deny too; this check needs no network and no other program, so it is part of every test run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::process;
use crate::workspace::{XTASK_MANIFEST, cargo};

pub const POLICY: &str = "deny.toml";
/// The manifests of the two lockfiles.
pub const MANIFESTS: &[&str] = &["Cargo.toml", XTASK_MANIFEST];

#[derive(Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    skip: Vec<Skip>,
}

/// A version that may stand beside another one of the same package.
#[derive(Deserialize)]
struct Skip {
    /// `name@version`
    #[serde(rename = "crate")]
    package: String,
    reason: String,
}

/// The output of `cargo metadata`.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// `None` for a package of this repository.
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `None` for the default registry.
    registry: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

impl Package {
    /// As in `deny.toml`. The build metadata of a version is not part of it.
    fn key(&self) -> String {
        format!("{}@{}", self.name, self.version.split('+').next().unwrap_or_default())
    }
}

/// Lists all violations.
pub fn violations() -> Result<Vec<String>> {
    let text = fs::read_to_string(POLICY).with_context(|| format!("cannot read {POLICY}"))?;
    let policy: Policy = toml::from_str(&text).with_context(|| format!("in {POLICY}"))?;
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for manifest in MANIFESTS {
        let text = process::capture(
            cargo().args(["metadata", "--locked", "--format-version=1", "--manifest-path"]).arg(manifest),
        )?;
        let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata")?;
        if metadata.packages.is_empty() {
            bail!("cargo metadata lists no packages of {manifest}");
        }
        found.extend(metadata.packages.iter().filter_map(|package| license_violation(package, &policy.licenses.allow)));
        found.extend(metadata.packages.iter().flat_map(source_violations));
        found.extend(duplicates(&metadata, &policy.bans.skip, &mut used));
    }
    found.extend(skip_violations(&policy.bans.skip, &used));
    Ok(found)
}

fn license_violation(package: &Package, allowed: &[String]) -> Option<String> {
    let key = package.key();
    let Some(text) = &package.license else {
        return Some(format!("{key} states no licence"));
    };
    // Older packages write `MIT/Apache-2.0`.
    let Ok(expression) = Expression::parse_mode(text, ParseMode::LAX) else {
        return Some(format!("the licence of {key} is not an SPDX expression: {text}"));
    };
    let is_allowed = expression.evaluate(|required| allowed.contains(&required.to_string()));
    (!is_allowed).then(|| format!("{key} is under {text}, which {POLICY} does not allow"))
}

fn source_violations(package: &Package) -> Vec<String> {
    let source = package.source.as_ref().filter(|source| !source.starts_with("registry+"));
    let source = source.map(|source| format!("{} comes from {source}, not from the default registry", package.key()));
    let named = package.dependencies.iter().filter_map(|dependency| {
        let registry = dependency.registry.as_ref()?;
        Some(format!("{} takes {} from the registry {registry}", package.key(), dependency.name))
    });
    source.into_iter().chain(named).collect()
}

/// Packages in more than one version, with the path to each. Adds the entries of `skip` that apply to `used`.
fn duplicates(metadata: &Metadata, skip: &[Skip], used: &mut BTreeSet<String>) -> Vec<String> {
    let packages: BTreeMap<&str, &Package> = metadata.packages.iter().map(|package| (&*package.id, package)).collect();
    let paths = paths(metadata);
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for id in paths.keys() {
        versions.entry(&*packages[id].name).or_default().push(id);
    }
    versions.retain(|_, ids| ids.len() > 1);
    let mut found = Vec::new();
    for (name, ids) in versions {
        let is_skipped = |id: &&str| skip.iter().any(|entry| entry.package == packages[id].key());
        let (skipped, kept): (Vec<_>, Vec<_>) = ids.into_iter().partition(is_skipped);
        used.extend(skipped.into_iter().map(|id| packages[id].key()));
        if kept.len() > 1 {
            let shown = kept.iter().map(|id| {
                let names: Vec<_> = paths[id].iter().map(|step| packages[step].key()).collect();
                names.join(" -> ")
            });
            let shown: Vec<_> = shown.collect();
            found.push(format!("two versions of {name}: {}", shown.join("; ")));
        }
    }
    found
}

/// By package, a shortest path to it from a package of this repository.
fn paths(metadata: &Metadata) -> BTreeMap<&str, Vec<&str>> {
    let edges: BTreeMap<&str, &[String]> =
        metadata.resolve.nodes.iter().map(|node| (&*node.id, &*node.dependencies)).collect();
    let mut paths: BTreeMap<&str, Vec<&str>> =
        metadata.workspace_members.iter().map(|id| (&**id, vec![&**id])).collect();
    let mut pending: VecDeque<&str> = paths.keys().copied().collect();
    while let Some(id) = pending.pop_front() {
        for next in edges.get(id).copied().unwrap_or_default() {
            if !paths.contains_key(&**next) {
                let path = paths[id].iter().copied().chain([&**next]).collect();
                paths.insert(next, path);
                pending.push_back(next);
            }
        }
    }
    paths
}

/// Entries without a reason, and entries that no longer apply.
fn skip_violations(skip: &[Skip], used: &BTreeSet<String>) -> Vec<String> {
    let unexplained = skip.iter().filter(|entry| entry.reason.trim().is_empty());
    let unexplained = unexplained.map(|entry| format!("{POLICY} gives no reason for {}", entry.package));
    let unused = skip.iter().filter(|entry| !used.contains(&entry.package));
    let unused =
        unused.map(|entry| format!("{POLICY} lists {}, which is not a second version any more", entry.package));
    unexplained.chain(unused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A package without dependencies; its id is its key.
    fn package(key: &str, license: Option<&str>, source: Option<&str>) -> Package {
        let (name, version) = key.split_once('@').unwrap();
        let [name, version, id] = [name, version, key].map(str::to_owned);
        let (license, source) = (license.map(str::to_owned), source.map(str::to_owned));
        Package { id, name, version, license, source, dependencies: Vec::new() }
    }

    fn is_allowed(license: &str) -> bool {
        let allowed = ["MIT", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        license_violation(&package("a@1.0.0", Some(license), None), &allowed).is_none()
    }

    #[test]
    fn one_choice_and_every_part_of_a_licence_must_be_allowed() {
        let cases = [
            ("MIT", true),
            ("GPL-3.0-only OR MIT", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-3.0-only/MIT", true),
            ("GPL-3.0-only", false),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR ISC) AND GPL-3.0-only", false),
            ("Apache-2.0", false),
            ("my own", false),
        ];
        for (license, expected) in cases {
            assert_eq!(is_allowed(license), expected, "{license}");
        }
        let unlicensed = license_violation(&package("a@1.0.0", None, None), &["MIT".to_owned()]);
        assert_eq!(unlicensed.unwrap(), "a@1.0.0 states no licence");
    }

    #[test]
    fn packages_from_git_and_other_registries_are_violations() {
        assert!(source_violations(&package("a@1.0.0", None, None)).is_empty());
        assert!(source_violations(&package("a@1.0.0", None, Some("registry+x"))).is_empty());
        let git = source_violations(&package("a@1.0.0", None, Some("git+x")));
        assert_eq!(git, ["a@1.0.0 comes from git+x, not from the default registry"]);
        let mut own = package("a@1.0.0", None, None);
        own.dependencies.push(Dependency { name: "b".to_owned(), registry: Some("y".to_owned()) });
        assert_eq!(source_violations(&own), ["a@1.0.0 takes b from the registry y"]);
    }

    /// `own` depends on `hash` 1 directly and on `hash` 2 through `sum`; nothing depends on `hash` 3.
    fn two_versions() -> Metadata {
        let node = |id: &str, dependencies: &[&str]| Node {
            id: id.to_owned(),
            dependencies: dependencies.iter().map(|id| (*id).to_owned()).collect(),
        };
        Metadata {
            packages: ["own@0.1.0", "sum@1.0.0", "hash@1.0.0", "hash@2.0.0+spec", "hash@3.0.0"]
                .map(|key| package(key, None, None))
                .into(),
            workspace_members: vec!["own@0.1.0".to_owned()],
            resolve: Resolve {
                nodes: vec![node("own@0.1.0", &["sum@1.0.0", "hash@1.0.0"]), node("sum@1.0.0", &["hash@2.0.0+spec"])],
            },
        }
    }

    fn skip(package: &str) -> Skip {
        Skip { package: package.to_owned(), reason: "it must".to_owned() }
    }

    #[test]
    fn a_second_version_is_reported_with_both_paths() {
        let found = duplicates(&two_versions(), &[], &mut BTreeSet::new());
        let expected = "two versions of hash: own@0.1.0 -> hash@1.0.0; own@0.1.0 -> sum@1.0.0 -> hash@2.0.0";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn listed_versions_pass_until_they_are_unused() {
        let mut used = BTreeSet::new();
        let skips = [skip("hash@2.0.0"), skip("sum@1.0.0")];
        assert!(duplicates(&two_versions(), &skips, &mut used).is_empty());
        let found = skip_violations(&skips, &used);
        assert_eq!(found, ["deny.toml lists sum@1.0.0, which is not a second version any more"]);
    }
}
