//! Texts in HTML: between the tags, and in the attributes that people see.

use super::{Found, is_text};

const ATTRIBUTES: &[&str] = &["alt=\"", "aria-label=\"", "placeholder=\"", "title=\""];

/// The texts of a document that begins in line `line` of its file.
pub fn texts(document: &str, line: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let mut add = |text: &str, at: usize| {
        let words: Vec<_> = text.split_whitespace().collect();
        let line = line + document[..at].matches('\n').count();
        found.extend(Some(words.join(" ")).filter(|text| is_text(text)).map(|text| Found { line, text }));
    };
    let mut at = 0;
    while at < document.len() {
        let rest = &document[at..];
        let (part, is_tag) = if rest.starts_with('<') {
            (&rest[..rest.find('>').map_or(rest.len(), |end| end + 1)], true)
        } else {
            (&rest[..rest.find('<').unwrap_or(rest.len())], false)
        };
        if is_tag {
            for attribute in ATTRIBUTES {
                let value = part.split_once(attribute).and_then(|(_, value)| value.split_once('"'));
                value.into_iter().for_each(|(value, _)| add(value, at));
            }
        } else {
            let indent = part.len() - part.trim_start().len();
            add(part, at + indent);
        }
        at += part.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_between_tags_and_in_attributes() {
        let page = "<p class=\"A b\" title=\"A title\">\n  Two\n  words <b>Bold</b>\n</p><img alt=\"A picture\">";
        let found: Vec<_> = texts(page, 5).into_iter().map(|found| (found.line, found.text)).collect();
        let expected = [(5, "A title"), (6, "Two words"), (7, "Bold"), (8, "A picture")];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }
}
