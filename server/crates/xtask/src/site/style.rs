//! Joins the style sheets into one: tokens, base, then one file per component. They are plain CSS; only comments and white space
//! are removed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::files_below;

/// Files that every other file depends on, in this order.
const FIRST: &[&str] = &["tokens.css", "base.css"];

pub fn bundle(folder: &Path) -> Result<String> {
    let mut sheets: Vec<PathBuf> = files_below(folder)?;
    sheets.retain(|path| path.extension().is_some_and(|kind| kind == "css"));
    sheets.sort_by_key(|path| rank(path));
    join(&sheets)
}

/// Joins these sheets in this order.
pub fn join(sheets: &[PathBuf]) -> Result<String> {
    let mut text = String::new();
    for path in sheets {
        text.push_str(&fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?);
        text.push('\n');
    }
    Ok(minify(&text))
}

fn rank(path: &Path) -> (usize, PathBuf) {
    let rank = FIRST.iter().position(|name| path.ends_with(name)).unwrap_or(FIRST.len());
    (rank, path.to_path_buf())
}

/// Removes comments and white space that separates nothing. Keeps strings unchanged.
fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(next) = rest.chars().next() {
        let taken = match next {
            '/' if rest.starts_with("/*") => {
                space(&mut out);
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            }
            '"' | '\'' => {
                let end = string_end(rest, next);
                out.push_str(&rest[..end]);
                end
            }
            _ if next.is_whitespace() => {
                space(&mut out);
                next.len_utf8()
            }
            '{' | '}' | ';' | ',' | '>' => {
                if out.ends_with(' ') {
                    out.pop();
                }
                if next == '}' && out.ends_with(';') {
                    out.pop();
                }
                out.push(next);
                1
            }
            _ => {
                out.push(next);
                next.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    out.trim_end().to_owned()
}

/// Appends one space unless the last character already separates.
fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with([' ', '{', '}', ';', ',', '>', ':']) {
        out.push(' ');
    }
}

/// The length of the string at the start of `text`, including its quotes.
fn string_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, next) in text.char_indices().skip(1) {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if next == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minify_drops_comments_and_white_space() {
        let css = "/* one */\n.a > .b,\n.c :hover {\n  margin: 0 auto; /* two */\n  color: red;\n}\n\n@media (width > 390px) { a { b: c } }\n";
        assert_eq!(minify(css), ".a>.b,.c :hover{margin:0 auto;color:red}@media (width>390px){a{b:c}}");
    }

    #[test]
    fn minify_keeps_strings_and_custom_properties() {
        let css = ".a::before { content: \"/* { ; } \\\" */\"; --x: ; width: calc(1px + 2px) }";
        assert_eq!(minify(css), ".a::before{content:\"/* { ; } \\\" */\";--x:;width:calc(1px + 2px)}");
    }

    #[test]
    fn tokens_and_base_sort_before_components() {
        let mut names: Vec<PathBuf> = ["button.css", "base.css", "tokens.css", "alert.css"].map(PathBuf::from).into();
        names.sort_by_key(|path| rank(path));
        assert_eq!(names, ["tokens.css", "base.css", "alert.css", "button.css"].map(PathBuf::from));
    }
}
