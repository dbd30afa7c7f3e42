//! Texts in JavaScript: literals that have a space or begin with a capital letter.

use super::{Found, of_literal};

/// Functions whose arguments people do not see.
const FUNCTIONS: &[&str] =
    &["addEventListener", "closest", "matchMedia", "matches", "menuOf", "querySelector", "querySelectorAll"];

/// What begins at a place of a script.
enum Token<'a> {
    Comment,
    Pattern,
    /// Between its quotes.
    Literal(&'a str),
    Sign,
}

/// The texts of a script.
pub fn texts(script: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < script.len() {
        let (token, length) = token(script, at);
        if let Token::Literal(literal) = token
            && !is_argument(&script[..at])
            && !is_compared(&script[..at])
        {
            let line = 1 + script[..at].matches('\n').count();
            found.extend(of_literal(unescape(literal), line, false));
        }
        at += length;
    }
    found
}

/// The token at a place, and its length.
fn token(script: &str, at: usize) -> (Token<'_>, usize) {
    let rest = &script[at..];
    let first = rest.chars().next().unwrap_or_default();
    match first {
        '/' if rest.starts_with("//") => (Token::Comment, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (Token::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2)),
        '/' if begins_pattern(&script[..at]) => (Token::Pattern, quoted_length(rest, '/')),
        '"' | '\'' | '`' => {
            let length = quoted_length(rest, first);
            (Token::Literal(rest.get(1..length - 1).unwrap_or_default()), length)
        }
        _ => (Token::Sign, first.len_utf8()),
    }
}

/// The length of what is between two equal quotes, with these.
fn quoted_length(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, next) in rest.char_indices().skip(1) {
        if next == quote && !is_escaped {
            return at + next.len_utf8();
        }
        is_escaped = next == '\\' && !is_escaped;
    }
    rest.len()
}

/// Whether a slash after this code begins a pattern and does not divide.
fn begins_pattern(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty()
        || before.ends_with("return")
        || before.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';'])
}

/// Whether a literal after this code is the argument of a function that looks for elements.
fn is_argument(before: &str) -> bool {
    let call = &before[before.rfind([';', '\n', '{', '}']).map_or(0, |at| at + 1)..];
    let Some((name, _)) = call.rsplit_once('(') else { return false };
    let name = name.rsplit(|next: char| !next.is_alphanumeric()).next().unwrap_or_default();
    FUNCTIONS.contains(&name)
}

fn is_compared(before: &str) -> bool {
    let before = before.trim_end();
    before.ends_with("==") || before.ends_with("case")
}

/// Replaces the escapes that texts have.
fn unescape(literal: &str) -> String {
    literal.replace("\\n", "\n").replace("\\\"", "\"").replace("\\'", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found_outside_comments_patterns_and_selectors() {
        let script = "// \"No text\"\n/* 'No text' */\nconst a = /\"No text\"/.test(b) ? \"A \\\"text\\\"\" : 'small';\n\
            c.querySelector(\"main a\"); if (key === \"Escape\") i(); d(\"Another text\"); e = f / 2; g = \"Third\";\n\
            h = `\n<p class=\"x\">Fourth ${i}</p>`;";
        let found: Vec<_> = texts(script).into_iter().map(|found| (found.line, found.text)).collect();
        let expected = [(3, "A \"text\""), (4, "Another text"), (4, "Third"), (6, "Fourth ${i}")];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }
}
