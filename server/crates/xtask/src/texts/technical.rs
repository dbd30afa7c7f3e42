//! Names after which a literal is for the program itself, not for people.

/// Attributes of elements and properties of components whose values may look like texts. Names of fields do not, and the `name` of
/// some components is a label.
const ATTRIBUTES: &[&str] = &[
    "action",
    "class",
    "content",
    "d",
    "datetime",
    "for",
    "href",
    "id",
    "method",
    "points",
    "prefix",
    "rel",
    "role",
    "src",
    "style",
    "transform",
    "type",
    "viewBox",
];

/// Attributes for screen readers whose value is a text; the others have ids and states.
const ARIA_TEXTS: &[&str] =
    &["aria-description", "aria-label", "aria-placeholder", "aria-roledescription", "aria-valuetext"];

/// Macros whose literals people do not see: logs, tests, panics, patterns, files, SQL.
const MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "callback",
    "cfg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "debug_span",
    "env",
    "error",
    "error_span",
    "event",
    "include_bytes",
    "include_str",
    "info",
    "info_span",
    "matches",
    "option_env",
    "panic",
    "prop_assert",
    "statements",
    "stringify",
    "todo",
    "trace",
    "unimplemented",
    "unreachable",
    "warn",
];

/// Functions whose arguments people do not see.
const FUNCTIONS: &[&str] = &[
    "contains",
    "debug_struct",
    "debug_tuple",
    "ends_with",
    "expect",
    "expect_err",
    "find",
    "from_static",
    "get_attribute",
    "query_selector",
    "query_selector_all",
    "remove_attribute",
    "rsplit_once",
    "split",
    "split_once",
    "starts_with",
    "strip_prefix",
    "strip_suffix",
    "trim_end_matches",
    "trim_start_matches",
];

/// The first words of SQL statements.
const STATEMENTS: &[&str] =
    &["ALTER", "BEGIN", "CREATE", "DELETE", "INSERT", "PRAGMA", "SELECT", "SET", "UPDATE", "WITH"];

/// What only values of headers, selectors and scripts contain.
const PARTS_OF_CODE: &[&str] =
    &["'self'", "'nonce-", "[data-", "[href]", "[contenteditable]", "SameSite=", "charset=", "max-age="];

/// Whether the value of the attribute is technical. The name may have a prefix of Leptos: `attr:title`, `class:on`.
pub fn is_attribute(name: &str) -> bool {
    let own = name.strip_prefix("attr:").or_else(|| name.strip_prefix("prop:")).unwrap_or(name);
    if own.starts_with("aria-") {
        return !ARIA_TEXTS.contains(&own);
    }
    own.starts_with("data-") || own.starts_with("class:") || own.starts_with("style:") || ATTRIBUTES.contains(&own)
}

pub fn is_macro(name: &str) -> bool {
    MACROS.contains(&name)
}

pub fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// Whether a literal is no text although it looks like one: the name of a variable of the environment or of a type, SQL, a script,
/// the value of a header, a selector, the format of a date.
pub fn is_code(literal: &str) -> bool {
    let is_variable = literal.contains('_') && !literal.contains(|next: char| next.is_lowercase() || next == ' ');
    let is_statement = literal.split_once(' ').is_some_and(|(first, _)| STATEMENTS.contains(&first));
    let is_class_selector = literal.strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_lowercase));
    is_variable
        || is_type_name(literal)
        || is_statement
        || is_class_selector
        || literal.starts_with('%')
        || literal.ends_with(';')
        || PARTS_OF_CODE.iter().any(|part| literal.contains(part))
}

/// Whether a literal is one word with a capital inside, such as `AwaitingRetry`; `PostgreSQL` is a word for people.
fn is_type_name(literal: &str) -> bool {
    let letters: Vec<_> = literal.chars().collect();
    let has_hump = letters.windows(3).any(|next| {
        let [before, hump, after] = [next[0], next[1], next[2]];
        before.is_lowercase() && hump.is_uppercase() && after.is_lowercase()
    });
    has_hump && letters.iter().all(|next| next.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_for_people_are_not_technical() {
        for name in ["title", "aria-label", "attr:aria-label", "text", "label", "what", "sub", "name", "prop:value"] {
            assert!(!is_attribute(name), "{name}");
        }
        for name in ["class", "class:on", "attr:class", "aria-describedby", "data-close", "attr:data-close", "viewBox"]
        {
            assert!(is_attribute(name), "{name}");
        }
    }

    #[test]
    fn code_is_told_from_texts() {
        let code = [
            "PROVOST_URL",
            "SELECT 1",
            "AwaitingRetry",
            "no-cache, max-age=1",
            ".a, .b",
            "a[href]:not(b)",
            "%Y %m",
            "a b;",
        ];
        for literal in code {
            assert!(is_code(literal), "{literal}");
        }
        for text in
            ["PostgreSQL", "Select one", "JSON", "API key", "AwaitingRetry is a state", ". Last used", "100 % sure"]
        {
            assert!(!is_code(text), "{text}");
        }
    }
}
