//! Reads Rust code as far as the rules need it: files without their comments, and the paths in them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::files_below;

/// The names of a path: `a::b`.
pub type Names = Vec<String>;

/// The Rust files below a folder, without comments.
pub fn read(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let files = files_below(folder)?.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "rs"));
    let texts = files.map(|path| {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((path, without_comments(&text)))
    });
    texts.collect()
}

pub fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.find("//").map_or(line, |comment| &line[..comment]));
    lines.collect::<Vec<_>>().join("\n")
}

/// Every path that begins with `first`, without that name: of `first::{a, b::c as d}` these are `a` and `b::c`.
pub fn paths_from(first: &str, code: &str) -> Vec<Names> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(first) {
        let before = code[..at].strip_suffix("::").unwrap_or(&code[..at]);
        // A part of another word or path, or `$crate` of a macro.
        if before.ends_with(|before| is_name(before) || [':', '>', '$'].contains(&before)) {
            continue;
        }
        if let Some(rest) = code[at + first.len()..].strip_prefix("::") {
            read_tree(&[], rest, &mut found);
        }
    }
    found
}

fn is_name(next: char) -> bool {
    next.is_alphanumeric() || next == '_'
}

/// Reads `a::b` or `{a, b::{c, d}}` and returns what follows it.
fn read_tree<'a>(base: &[String], code: &'a str, found: &mut Vec<Names>) -> &'a str {
    let code = code.trim_start();
    let Some(mut rest) = code.strip_prefix('{') else {
        let length = code.find(|next| !is_name(next)).unwrap_or(code.len());
        let (name, rest) = code.split_at(length);
        let path: Names = base.iter().cloned().chain([name.to_owned()]).collect();
        return match rest.strip_prefix("::") {
            Some(rest) if !name.is_empty() => read_tree(&path, rest, found),
            _ => {
                found.push(path);
                rest
            }
        };
    };
    loop {
        rest = read_tree(base, rest, found);
        // Passes over `as name` and `*`.
        let Some(end) = rest.find([',', '}']) else { return "" };
        let is_last = rest[end..].starts_with('}');
        rest = &rest[end + 1..];
        if is_last {
            return rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_trees_and_expressions() {
        let code = "use first::{a::{self, b as c},\n    d::*, e};\nfn f() -> first::g::H<first::i::J> {}";
        let found: Vec<_> = paths_from("first", code).iter().map(|path| path.join("::")).collect();
        assert_eq!(found, ["a::self", "a::b", "d::", "e", "g::H", "i::J"]);
        for other in ["my_first::a", "x::first::a", "$first::a", "first_one::a", "first: a"] {
            assert!(paths_from("first", other).is_empty(), "{other}");
        }
    }

    #[test]
    fn comments_are_removed() {
        assert_eq!(without_comments("a; // b\n/// c\nd"), "a; \n\nd");
    }
}
