//! The text search of log lines.

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::wire;

/// The most characters of a text search.
pub const MAX_SEARCH_CHARACTERS: usize = 200;

/// By the words of the message and the logger's name, ignoring case. `error timeout` finds lines with one of the words, `+error +timeout`
/// those with both, `-debug` or `!debug` those without; `"connection lost"` is one phrase, in which `\"` is a quote.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSearch {
    #[serde(deserialize_with = "search")]
    pub query: String,
}

fn search<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let query: String = wire::text(deserializer)?;
    if query.chars().nth(MAX_SEARCH_CHARACTERS).is_some() {
        return Err(de::Error::custom(format_args!("a search has at most {MAX_SEARCH_CHARACTERS} characters")));
    }
    Ok(query)
}

/// The terms of a text search.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchTerms {
    /// At least one must occur.
    pub any: Vec<String>,
    /// All must occur.
    pub required: Vec<String>,
    /// None may occur.
    pub excluded: Vec<String>,
}

impl TextSearch {
    /// The terms. A sign without a term is ignored, and a phrase without an end ends with the text.
    #[must_use]
    pub fn terms(&self) -> SearchTerms {
        let mut terms = SearchTerms::default();
        let mut rest = self.query.trim_start();
        while let Some(first) = rest.chars().next() {
            let signed = matches!(first, '-' | '!' | '+').then_some(first);
            let text = signed.map_or(rest, |sign| &rest[sign.len_utf8()..]);
            let (term, after) = next_term(text);
            let list = match signed {
                Some('+') => &mut terms.required,
                Some(_) => &mut terms.excluded,
                None => &mut terms.any,
            };
            list.extend(Some(term).filter(|term| !term.trim().is_empty()));
            rest = after.trim_start();
        }
        terms
    }
}

/// The term with which a text begins, empty if it begins with a space, and what follows.
fn next_term(text: &str) -> (String, &str) {
    let Some(phrase) = text.strip_prefix('"') else {
        let end = text.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let (mut term, mut letters) = (String::new(), phrase.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (term, &phrase[at + 1..]),
            '\\' if phrase[at + 1..].starts_with(['"', '\\']) => {
                term.extend(letters.next().map(|(_, escaped)| escaped));
            }
            letter => term.push(letter),
        }
    }
    (term, "")
}

#[cfg(test)]
mod tests {
    use super::{SearchTerms, TextSearch};

    fn terms(query: &str) -> (String, String, String) {
        let SearchTerms { any, required, excluded } = TextSearch { query: query.to_owned() }.terms();
        (any.join("|"), required.join("|"), excluded.join("|"))
    }

    #[test]
    fn a_search_is_split_into_terms() {
        for (query, any, required, excluded) in [
            ("", "", "", ""),
            ("  error  timeout ", "error|timeout", "", ""),
            ("+a -b !c d", "d", "a", "b|c"),
            ("- + error", "error", "", ""),
            (r#""connection lost" -"not this""#, "connection lost", "", "not this"),
            (r#""say \"hi\" \\ \n""#, r#"say "hi" \ \n"#, "", ""),
            (r#"a"b c"d"#, "a|b c|d", "", ""),
            (r#""open end"#, "open end", "", ""),
            (r#""" " ""#, "", "", ""),
            ("--x", "", "", "-x"),
        ] {
            assert_eq!(terms(query), (any.to_owned(), required.to_owned(), excluded.to_owned()), "{query}");
        }
    }
}
