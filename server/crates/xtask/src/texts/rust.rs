//! Texts in Rust code, which is read as token trees.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, Literal, Spacing, TokenStream, TokenTree};
use syn::Lit;

use super::{Found, of_literal, technical};

/// The derives by which documentation becomes help of the command line.
const HELP_DERIVES: &[&str] = &["Args", "Parser", "Subcommand", "ValueEnum"];
/// The macro whose documentation becomes help of the command line.
const HELP_MACRO: &str = "settings";
/// The keys of attributes whose values people see.
const KEYS_OF_TEXTS: &[&str] = &["about", "after_help", "expecting", "help", "long_about", "long_help"];

/// The texts of a file.
pub fn texts(code: &str) -> Result<Vec<Found>> {
    let tokens = code.parse::<TokenStream>().map_err(|error| anyhow!("line {}: {error}", error.span().start().line))?;
    let mut scan = Scan::default();
    scan.tokens(tokens, Within::Code);
    Ok(scan.found)
}

/// What the tokens are in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Within {
    Code,
    /// Directly in `view!`.
    View,
    /// Where documentation is help of the command line.
    Help,
}

/// What the attributes in front of an item say.
#[derive(Default)]
struct Attributes {
    /// How many tokens they are.
    length: usize,
    docs: Vec<Found>,
    is_test: bool,
    has_help: bool,
    is_parser: bool,
}

#[derive(Default)]
struct Scan {
    found: Vec<Found>,
}

impl Scan {
    fn tokens(&mut self, tokens: TokenStream, within: Within) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        // Set between the attributes of an item and its braces.
        let mut item_has_help = false;
        while let Some(token) = tokens.get(at) {
            at += match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let attributes = self.attributes(&tokens[at..]);
                    item_has_help |= attributes.has_help;
                    let skipped = if attributes.is_test { item_length(&tokens[at + attributes.length..]) } else { 0 };
                    let is_help = attributes.is_parser || within == Within::Help;
                    self.found.extend(join(&attributes.docs).filter(|_| is_help && !attributes.is_test));
                    attributes.length.max(1) + skipped
                }
                TokenTree::Punct(_) if is_assignment(&tokens, at) => {
                    let name = name_before(&tokens[..at]);
                    let is_technical =
                        if within == Within::View { technical::is_attribute(&name) } else { name == "class" };
                    1 + if is_technical { value_length(&tokens[at + 1..], within) } else { 0 }
                }
                TokenTree::Ident(name) if name == "fn" && is_class_function(&tokens[at..]) => {
                    item_length(&tokens[at..])
                }
                TokenTree::Ident(_) => self.call(&tokens[at..]).unwrap_or(1),
                TokenTree::Group(group) => {
                    let is_item = std::mem::take(&mut item_has_help) && group.delimiter() == Delimiter::Brace;
                    let keeps_help = within == Within::Help;
                    self.tokens(group.stream(), if is_item || keeps_help { Within::Help } else { Within::Code });
                    1
                }
                TokenTree::Literal(literal) if !is_compared(&tokens, at) => {
                    let is_child = within == Within::View && !is_assignment(&tokens, at.wrapping_sub(1));
                    self.literal(literal, is_child);
                    1
                }
                _ => 1,
            };
        }
    }

    /// A call of a macro or of a function, from its name on, if it is read in its own way: how many tokens it is.
    fn call(&mut self, tokens: &[TokenTree]) -> Option<usize> {
        let name = tokens.first()?.to_string();
        match (tokens.get(1)?, tokens.get(2)) {
            (TokenTree::Punct(punct), Some(TokenTree::Group(group))) if punct.as_char() == '!' => {
                match &*name {
                    "view" => self.tokens(group.stream(), Within::View),
                    HELP_MACRO => self.tokens(group.stream(), Within::Help),
                    _ if technical::is_macro(&name) => {}
                    _ => return None,
                }
                Some(3)
            }
            (TokenTree::Group(group), _) if group.delimiter() == Delimiter::Parenthesis => {
                technical::is_function(&name).then_some(2)
            }
            _ => None,
        }
    }

    /// Reads the attributes that the tokens begin with, with the texts in them.
    fn attributes(&mut self, tokens: &[TokenTree]) -> Attributes {
        let mut attributes = Attributes::default();
        while let Some((group, length)) = attribute(&tokens[attributes.length..]) {
            attributes.length += length;
            let content: Vec<_> = group.stream().into_iter().collect();
            let name = content.first().map(ToString::to_string).unwrap_or_default();
            let inner = content.get(1).map(ToString::to_string).unwrap_or_default();
            let has = |wanted: &str| inner.split(|next: char| !next.is_alphanumeric()).any(|name| name == wanted);
            match (&*name, content.get(1), content.get(2)) {
                ("doc", _, Some(TokenTree::Literal(literal))) => attributes.docs.extend(text_of(literal)),
                ("cfg", ..) => attributes.is_test |= has("test"),
                ("derive", ..) => {
                    attributes.has_help |= HELP_DERIVES.iter().any(|derive| has(derive));
                    attributes.is_parser |= has("Parser");
                }
                ("error", Some(TokenTree::Group(arguments)), _) => self.tokens(arguments.stream(), Within::Code),
                (_, Some(TokenTree::Group(arguments)), _) => self.keys(arguments),
                _ => {}
            }
        }
        attributes
    }

    /// The values of the keys that have texts: `help = "…"`.
    fn keys(&mut self, arguments: &Group) {
        let tokens: Vec<_> = arguments.stream().into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let TokenTree::Literal(literal) = token else { continue };
            let is_value = is_assignment(&tokens, at.wrapping_sub(1));
            if is_value && KEYS_OF_TEXTS.contains(&&*name_before(&tokens[..at - 1])) {
                self.literal(literal, false);
            }
        }
    }

    fn literal(&mut self, literal: &Literal, is_child: bool) {
        if let Some(Found { line, text }) = text_of(literal) {
            self.found.extend(of_literal(text, line, is_child));
        }
    }
}

/// The text of a literal, unless it is a number, a character or bytes.
fn text_of(literal: &Literal) -> Option<Found> {
    let line = literal.span().start().line;
    match Lit::new(literal.clone()) {
        Lit::Str(text) => Some(Found { line, text: text.value() }),
        _ => None,
    }
}

/// The lines of one documentation as one text.
fn join(docs: &[Found]) -> Option<Found> {
    let line = docs.first()?.line;
    let lines: Vec<_> = docs.iter().map(|doc| doc.text.trim()).collect();
    Some(Found { line, text: lines.join(" ") })
}

/// The brackets of the attribute that the tokens begin with, and how many tokens it is.
fn attribute(tokens: &[TokenTree]) -> Option<(&Group, usize)> {
    let is = |token: &TokenTree, wanted: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted);
    match tokens {
        [sign, TokenTree::Group(group), ..] if is(sign, '#') => Some((group, 2)),
        [sign, inner, TokenTree::Group(group), ..] if is(sign, '#') && is(inner, '!') => Some((group, 3)),
        _ => None,
    }
}

/// How many tokens an item is: up to its braces or semicolon.
fn item_length(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    tokens.iter().position(ends).map_or(tokens.len(), |at| at + 1)
}

/// Whether a function returns classes of elements.
fn is_class_function(tokens: &[TokenTree]) -> bool {
    matches!(tokens.get(1), Some(TokenTree::Ident(name)) if name == "class")
}

/// Whether the token is a `=` of its own.
fn is_assignment(tokens: &[TokenTree], at: usize) -> bool {
    let Some(TokenTree::Punct(punct)) = tokens.get(at) else { return false };
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    let is_joint = matches!(before, Some(TokenTree::Punct(before)) if before.spacing() == Spacing::Joint);
    // `="` and `=-1` are joint only to another sign.
    let is_arrow = punct.spacing() == Spacing::Joint
        && matches!(tokens.get(at + 1), Some(TokenTree::Punct(next)) if ['=', '>'].contains(&next.as_char()));
    punct.as_char() == '=' && !is_joint && !is_arrow
}

/// The name at the end of the tokens: `aria-label`, `class:on`.
fn name_before(tokens: &[TokenTree]) -> String {
    let is_sign = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if ['-', ':'].contains(&punct.as_char()));
    let mut start = tokens.len();
    while start > 0 {
        let is_name = matches!(tokens[start - 1], TokenTree::Ident(_));
        // Two names without a sign between them are two attributes.
        let follows_name = matches!(tokens.get(start), Some(TokenTree::Ident(_)));
        if !(is_sign(&tokens[start - 1]) || (is_name && !follows_name)) {
            break;
        }
        start -= 1;
    }
    tokens[start..].iter().map(ToString::to_string).collect()
}

/// How many tokens the value of an attribute or of a variable is.
fn value_length(tokens: &[TokenTree], within: Within) -> usize {
    let ends = |at: usize| match &tokens[at] {
        TokenTree::Punct(punct) if within == Within::View => {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let is_arrow = matches!(before, Some(TokenTree::Punct(before)) if ['-', '='].contains(&before.as_char()));
            punct.as_char() == '>' && !is_arrow
        }
        TokenTree::Punct(punct) => [';', ','].contains(&punct.as_char()),
        TokenTree::Ident(_) => within == Within::View && at > 0 && begins_attribute(&tokens[at..]),
        _ => false,
    };
    (0..tokens.len()).find(|at| ends(*at)).unwrap_or(tokens.len())
}

/// Whether the tokens begin with the name of an attribute and `=`.
fn begins_attribute(tokens: &[TokenTree]) -> bool {
    let at = (0..tokens.len()).find(|at| is_assignment(tokens, *at));
    at.is_some_and(|at| name_before(&tokens[..at]) == tokens[..at].iter().map(ToString::to_string).collect::<String>())
}

/// Whether code compares with the literal: `"a" =>`, `"a" | "b" =>`, `"a" if b =>`, `== "a"`.
fn is_compared(tokens: &[TokenTree], at: usize) -> bool {
    let sign = |at: Option<usize>| match at.and_then(|at| tokens.get(at)) {
        Some(TokenTree::Punct(punct)) => Some(punct.as_char()),
        _ => None,
    };
    let is_compared_to_next = match tokens.get(at + 1) {
        Some(TokenTree::Ident(next)) => next == "if",
        Some(TokenTree::Punct(next)) => {
            let second = sign(Some(at + 2));
            match next.as_char() {
                '|' => true,
                '=' => matches!(second, Some('=' | '>')),
                '!' => second == Some('='),
                _ => false,
            }
        }
        _ => false,
    };
    let is_operand = sign(at.checked_sub(1)) == Some('=') && matches!(sign(at.checked_sub(2)), Some('=' | '!'));
    is_compared_to_next || is_operand
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> Vec<String> {
        texts(code).unwrap().into_iter().map(|found| found.text).collect()
    }

    #[test]
    fn texts_of_views_are_children_and_attributes_for_people() {
        let code = r##"
            fn page() {
                let class = if on { "card on" } else { "card off" };
                view! {
                    <Title text="Flow runs" />
                    <a class="A b" href=format!("/Runs of {a}") data-note="No text" attr:aria-describedby="No id"
                       aria-label="All runs" title=move || format!("{} of {}", "One", 2)>"or"</a>
                    <p class:on=move || is("Not on") >{move || if a { "Some runs" } else { "none" }} " / "</p>
                    <Step text=|| view! { "Save it as " <code>{FILE}</code> } id="Step one" optional=true what="the key" />
                }
            }"##;
        let expected = ["Flow runs", "All runs", "{} of {}", "One", "or", "Some runs", "Save it as ", "the key"];
        assert_eq!(found(code), expected);
    }

    #[test]
    fn literals_that_code_uses_itself_are_no_texts() {
        let code = r#"
            //! No text here.
            /// No text here.
            #[expect(dead_code, reason = "No text")]
            fn f() {
                tracing::info!("No text");
                assert!(a.contains("No text"), "No text");
                let b = c.expect("No text").strip_prefix("Bearer ");
                if d == "Not this" || "Nor this" != d { panic!("No text") }
                match d { "Not A" | "Not B" => "Found", "Not C" if e => "PROVOST_URL", _ => "none" }
            }
            statements! { "No text" }
            #[cfg(test)]
            mod tests { const A: &str = "No text"; }
            #[cfg(test)]
            use a::B;
            const C: &[&str] = &["Another text", "SELECT a FROM b", "12 ?"];
        "#;
        assert_eq!(found(code), ["Found", "Another text"]);
    }

    #[test]
    fn escapes_and_broken_lines_are_read_as_rust_does() {
        let code =
            "const A: &str = \"It\\u{2019}s \\\"A\\\" \\\n    text\\n\";\nconst B: &str = r#\"A \"raw\" text\"#;";
        let expected = [(1, "It’s \"A\" text\n"), (3, "A \"raw\" text")];
        let expected = expected.map(|(line, text)| Found { line, text: text.to_owned() });
        assert_eq!(texts(code).unwrap(), expected);
    }

    #[test]
    fn errors_of_thiserror_are_texts() {
        let code = r#"
            #[derive(thiserror::Error)]
            enum E { #[error("at most {0} fit{}", .a.map(|a| format!(" in {a}")))] A, #[serde(expecting = "a label", rename = "A b")] B }
        "#;
        assert_eq!(found(code), ["at most {0} fit{}", " in {a}", "a label"]);
    }

    #[test]
    fn documentation_is_help_where_clap_reads_it() {
        let code = r#"
            /// The program.
            #[derive(Parser)]
            struct Cli { verb: Verb }
            /// Not shown.
            #[derive(Subcommand)]
            enum Verb {
                /// Starts it
                /// at once.
                Start { /** The port */ #[arg(long, value_name = "A PORT", help = "A help")] port: u16 },
            }
            /// Not shown.
            struct Other { /** Not shown */ a: u8 }
            settings! { /// The address
                listen: Addr = "here"; }
        "#;
        assert_eq!(found(code), ["The program.", "Starts it at once.", "A help", "The port", "The address"]);
    }

    #[test]
    fn code_that_is_not_rust_is_an_error_with_its_line() {
        let error = texts("fn a() {\n\n) }").unwrap_err().to_string();
        assert!(error.starts_with("line 3: "), "{error}");
    }
}
