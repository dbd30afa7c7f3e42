//! Names after which a literal is for the program itself, not for people.

/// Attributes of elements and properties of components.
const ATTRIBUTES: &[&str] = &[
    "action",
    "autocomplete",
    "charset",
    "class",
    "content",
    "d",
    "datetime",
    "enctype",
    "endpoint",
    "fill",
    "for",
    "form",
    "href",
    "id",
    "input",
    "inputmode",
    "lang",
    "media",
    "method",
    "name",
    "output",
    "pattern",
    "points",
    "prefix",
    "prop",
    "rel",
    "role",
    "src",
    "stroke",
    "style",
    "tabindex",
    "target",
    "transform",
    "type",
    "viewBox",
    "xmlns",
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

/// Whether a literal is SQL, or the name of a variable of the environment.
pub fn is_code(literal: &str) -> bool {
    let is_variable = literal.contains('_') && !literal.contains(|next: char| next.is_lowercase() || next == ' ');
    is_variable || literal.split_once(' ').is_some_and(|(first, _)| STATEMENTS.contains(&first))
}
