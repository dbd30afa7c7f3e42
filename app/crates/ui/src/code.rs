//! Code and JSON with line numbers that can't be selected.

use leptos::prelude::*;

/// What a piece of a JSON line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Plain,
    Key,
    Text,
    Number,
}

impl Kind {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Key => Some("k"),
            Self::Text => Some("v"),
            Self::Number => Some("nn"),
        }
    }
}

/// A line of indented JSON in pieces. It need not be whole JSON: what isn't known stays plain.
fn pieces(line: &str) -> Vec<(Kind, &str)> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let (kind, length) = match first {
            '"' => {
                let length = text_length(rest);
                let is_key = rest[length..].trim_start().starts_with(':');
                (if is_key { Kind::Key } else { Kind::Text }, length)
            }
            '-' | '0'..='9' => {
                let is_number = |letter: char| letter.is_ascii_digit() || "+-.eE".contains(letter);
                (Kind::Number, rest.find(|letter| !is_number(letter)).unwrap_or(rest.len()))
            }
            _ => {
                let starts = |letter: char| letter == '"' || letter == '-' || letter.is_ascii_digit();
                (Kind::Plain, rest.find(starts).unwrap_or(rest.len()))
            }
        };
        let (piece, after) = rest.split_at(length);
        found.push((kind, piece));
        rest = after;
    }
    found
}

/// How many bytes the text at the start of `rest` takes, quotes included.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (place, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return place + 1,
            _ => {}
        }
    }
    rest.len()
}

/// JSON, already indented. Keys, texts and numbers have their colours.
#[component]
pub fn JsonCode(
    /// What it is, for assistive tech: "Parameters".
    #[prop(into)]
    label: String,
    #[prop(into)] text: String,
) -> impl IntoView {
    let lines = text
        .lines()
        .map(|line| {
            let pieces = pieces(line)
                .into_iter()
                .map(|(kind, piece)| view! { <span class=kind.class()>{piece.to_owned()}</span> })
                .collect_view();
            view! { <div>{pieces}</div> }
        })
        .collect_view();
    // It scrolls, so the keyboard must be able to reach it.
    view! {
        <div class="code" role="region" aria-label=label tabindex="0">
            {lines}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, pieces};

    #[test]
    fn keys_texts_and_numbers_are_told_apart() {
        assert_eq!(
            pieces(r#"  "a": ["b:", -1.5e3, null],"#),
            [
                (Kind::Plain, "  "),
                (Kind::Key, r#""a""#),
                (Kind::Plain, ": ["),
                (Kind::Text, r#""b:""#),
                (Kind::Plain, ", "),
                (Kind::Number, "-1.5e3"),
                (Kind::Plain, ", null],"),
            ]
        );
    }

    #[test]
    fn no_letter_is_lost_even_of_what_is_no_json() {
        for line in [r#""open \" end"#, "–12é\"", "", "true false", r#"{"k\\": "v"}"#] {
            let whole: String = pieces(line).into_iter().map(|(_, piece)| piece).collect();
            assert_eq!(whole, line);
        }
    }
}
