//! The texts that people see, read from the code: pages, errors, and the help of the command line. So a reader can go through all
//! of them, and a check can find wordings that must not come back.
//!
//! Must not know the product's types: a text is a literal that has a space or begins with a capital letter, at a place where code
//! does not use it itself.

mod html;
mod rust;
mod script;
mod technical;
mod wording;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::files_below;

/// Where texts are, in the order in which a person meets them. A file belongs to the first row that it is below.
const SOURCES: &[(&str, Place)] = &[
    ("app/src/pages/sign_in.rs", Place::Page),
    ("app/src/pages/register.rs", Place::Page),
    ("app/src/pages/auth_page.rs", Place::Page),
    ("app/src/pages/workspaces", Place::Page),
    ("app/src/pages/handle.rs", Place::Page),
    ("app/src/pages/first_run", Place::Page),
    ("app/src/pages/connecting.rs", Place::Page),
    ("app/src/connect.rs", Place::Page),
    ("app/src/pages/runs", Place::Page),
    ("app/src/pages/run", Place::Page),
    ("app/src/pages/artifacts", Place::Page),
    ("app/src/pages/variables", Place::Page),
    ("app/src/pages/api_keys", Place::Page),
    ("app/src/pages/my_sign_in.rs", Place::Page),
    ("app/src/pages", Place::Page),
    ("app/src", Place::Page),
    ("app/crates/ui/src", Place::Page),
    ("app/scripts", Place::Page),
    ("server/crates/services/src", Place::Page),
    ("server/src/web/plain_error.rs", Place::Page),
    ("server/src/web/docs", Place::Page),
    // Why the program ends, in a shell; in between, so that the files of a crate are together.
    ("server/crates/identity/src/hasher.rs", Place::Shell),
    ("server/crates/identity/src", Place::Form),
    ("server/crates/control/src", Place::Form),
    ("app/crates/model/src", Place::Form),
    ("server/crates/engine/src", Place::Client),
    ("server/crates/api/src", Place::Client),
    (SUMMARIES, Place::Client),
    ("server/src/web", Place::Client),
    ("server/src/cli.rs", Place::Shell),
    ("server/crates/store/src/error.rs", Place::Shell),
    ("server/crates/store/src/migrate.rs", Place::Shell),
    ("server/src", Place::Shell),
];

/// What the page of the API says about each operation, a line each: `POST /flows: Create a flow`.
const SUMMARIES: &str = "server/crates/api/contract/summaries.txt";

/// Where people see a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    /// On a page.
    Page,
    /// As the error of a form, on a page, or in the answer to a client.
    Form,
    /// In the answer to a client, or in the API's document.
    Client,
    /// In a shell: help, and why the program ends.
    Shell,
}

/// A text in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Found {
    line: usize,
    text: String,
}

/// A text with its file.
#[derive(Debug)]
struct Text {
    /// Relative to the repository's root.
    file: PathBuf,
    line: usize,
    text: String,
    place: Place,
}

/// Prints `file:line`, a tab and the text, a line each; line breaks as `\n`.
pub fn print(root: &Path) -> Result<()> {
    let mut out = io::stdout().lock();
    for Text { file, line, text, .. } in read(root)? {
        writeln!(out, "{}:{line}\t{}", file.display(), text.replace('\n', "\\n"))?;
    }
    Ok(())
}

/// Fails if the wording of a text is not as it should be.
pub fn check(root: &Path) -> Result<()> {
    let faults: Vec<_> = read(root)?.iter().filter_map(wording::fault).collect();
    if !faults.is_empty() {
        bail!("wording of texts:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

/// All texts of the product. `root` is the repository's root.
fn read(root: &Path) -> Result<Vec<Text>> {
    let mut texts = Vec::new();
    let mut seen = BTreeSet::new();
    for (source, place) in SOURCES {
        for file in files(root, source)?.into_iter().filter(|file| !is_test(file) && seen.insert(file.clone())) {
            let path = root.join(&file);
            let found = match path.extension().and_then(|kind| kind.to_str()) {
                Some("rs") => rust::texts(&read_file(&path)?),
                Some("js") => Ok(script::texts(&read_file(&path)?)),
                Some("html") => Ok(html::texts(&read_file(&path)?, 1)),
                Some("txt") if file == Path::new(SUMMARIES) => Ok(summaries(&read_file(&path)?)),
                _ => continue,
            };
            let found = found.with_context(|| format!("in {}", file.display()))?;
            let text = |Found { line, text }| Text { file: file.clone(), line, text, place: *place };
            texts.extend(found.into_iter().map(text));
        }
    }
    Ok(texts)
}

/// The files of a source, relative to `root`.
fn files(root: &Path, source: &str) -> Result<Vec<PathBuf>> {
    let path = root.join(source);
    let files = if path.is_dir() { files_below(&path)? } else { vec![path] };
    files.iter().map(|file| Ok(file.strip_prefix(root)?.to_path_buf())).collect()
}

fn is_test(file: &Path) -> bool {
    file.iter().any(|part| part == "tests" || part == "tests.rs")
}

fn read_file(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn summaries(lines: &str) -> Vec<Found> {
    let texts = lines.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.split_once(": ")?.1)));
    texts.map(|(line, text)| Found { line, text: text.to_owned() }).collect()
}

/// The text of a literal, or the texts between the tags of one that is HTML. `is_child`: the page shows the literal as it is, so it
/// may be a single word in small letters.
fn of_literal(literal: String, line: usize, is_child: bool) -> Vec<Found> {
    if literal.trim_start().starts_with('<') {
        return html::texts(&literal, line);
    }
    let is_shown = is_text(&literal) || (is_child && has_word(&literal));
    Some(Found { line, text: literal }).filter(|_| is_shown).into_iter().collect()
}

/// Whether a literal is a text for people.
fn is_text(literal: &str) -> bool {
    let begins = literal.trim_start().starts_with(char::is_uppercase);
    has_word(literal) && (begins || literal.contains(' ')) && !technical::is_code(literal.trim())
}

/// Whether two letters stand outside placeholders, as in `{count} runs`.
fn has_word(literal: &str) -> bool {
    let mut depth = 0;
    let is_outside = |next: &char| {
        depth += i32::from(*next == '{');
        let is_outside = depth == 0;
        depth -= i32::from(*next == '}');
        is_outside
    };
    literal.chars().filter(is_outside).filter(|next| next.is_alphabetic()).nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
    }

    #[test]
    fn texts_of_the_product_are_found() {
        let texts = read(&root()).unwrap();
        assert!(texts.len() > 300, "only {} texts", texts.len());
        for source in SOURCES {
            let has_text = texts.iter().any(|found| found.file.starts_with(source.0));
            assert!(has_text, "no text below {}", source.0);
        }
        let known = [
            ("app/src/pages/sign_in.rs", "Password"),
            ("app/scripts/shortcuts.js", "Keyboard shortcuts"),
            ("server/src/web/docs/page.html", "Provost API"),
            ("server/src/cli.rs", "Starts the server."),
            ("server/src/config/settings.rs", "The address and port to listen on"),
            (SUMMARIES, "Delete an artifact"),
        ];
        for (file, text) in known {
            let is_found = texts.iter().any(|found| found.file == Path::new(file) && found.text == text);
            assert!(is_found, "{text} in {file}");
        }
    }

    #[test]
    fn texts_have_a_space_or_a_capital() {
        for text in ["Runs", " runs", "{count} runs", "Ändern", "sign in"] {
            assert!(is_text(text), "{text}");
        }
        for other in ["runs", " ", "", "1 2", "PREFECT_API_URL", "SELECT 1 FROM run"] {
            assert!(!is_text(other), "{other}");
        }
    }
}
