//! JSON with syntax colours, and line numbers that can't be selected.

use leptos::prelude::*;

/// The kind of a token in a line of JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TokenKind {
    Plain,
    Key,
    Text,
    Number,
}

impl TokenKind {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Key => Some("k"),
            Self::Text => Some("v"),
            Self::Number => Some("nn"),
        }
    }
}

/// Splits a line of indented JSON into tokens. The line alone need not be valid JSON; anything unknown is plain.
fn tokens(line: &str) -> Vec<(TokenKind, &str)> {
    let mut tokens = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = match first {
            '"' => {
                let length = text_length(rest);
                let is_key = rest[length..].trim_start().starts_with(':');
                (if is_key { TokenKind::Key } else { TokenKind::Text }, length)
            }
            '-' | '0'..='9' => {
                let is_number = |letter: char| letter.is_ascii_digit() || "+-.eE".contains(letter);
                (TokenKind::Number, rest.find(|letter| !is_number(letter)).unwrap_or(rest.len()))
            }
            _ => {
                let starts = |letter: char| letter == '"' || letter == '-' || letter.is_ascii_digit();
                (TokenKind::Plain, rest.find(starts).unwrap_or(rest.len()))
            }
        };
        let (token, remainder) = rest.split_at(length);
        tokens.push((kind, token));
        rest = remainder;
    }
    tokens
}

/// The length in bytes of the string literal at the start of `rest`, with its quotes.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (index, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The tokens of a line of JSON in their colours.
pub(crate) fn colour_line(line: &str) -> AnyView {
    let token = |(kind, token): (TokenKind, &str)| view! { <span class=kind.class()>{token.to_owned()}</span> };
    tokens(line).into_iter().map(token).collect_view().into_any()
}

/// Indented JSON. Keys, strings and numbers have their own colours.
#[component]
pub fn JsonCode(
    /// The name for assistive technology: "Parameters".
    #[prop(into)]
    label: String,
    #[prop(into)] text: String,
) -> impl IntoView {
    let lines = text.lines().map(|line| view! { <div>{colour_line(line)}</div> }).collect_view();
    // Focusable, so that it can be scrolled with the keyboard.
    view! {
        <div class="code" role="region" aria-label=label tabindex="0">
            {lines}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, tokens};

    #[test]
    fn keys_strings_and_numbers_are_distinguished() {
        assert_eq!(
            tokens(r#"  "a": ["b:", -1.5e3, null],"#),
            [
                (TokenKind::Plain, "  "),
                (TokenKind::Key, r#""a""#),
                (TokenKind::Plain, ": ["),
                (TokenKind::Text, r#""b:""#),
                (TokenKind::Plain, ", "),
                (TokenKind::Number, "-1.5e3"),
                (TokenKind::Plain, ", null],"),
            ]
        );
    }

    #[test]
    fn no_character_is_lost_even_if_it_is_not_json() {
        for line in [r#""open \" end"#, "–12é\"", "", "true false", r#"{"k\\": "v"}"#] {
            let joined: String = tokens(line).into_iter().map(|(_, token)| token).collect();
            assert_eq!(joined, line);
        }
    }
}
