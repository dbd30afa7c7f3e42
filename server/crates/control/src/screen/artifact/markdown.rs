//! Renders the Markdown of clients to HTML. The text is not trusted, so the HTML has nothing but text, structure and links:
//!
//! - HTML in the text is shown as text;
//! - links go to http, https and mail addresses only, open a new tab, and do not tell the target where they are;
//! - an image becomes a link, because a page loads images of other hosts only after a click;
//! - there are no ids, classes and styles, which could imitate or disturb the page; the content security policy forbids styles anyway.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::{
    size::{Size, shorten},
    url::safe_href,
};

/// The most bytes of Markdown of a page, and of a preview.
const MAX_PAGE: usize = 200_000;
const MAX_PREVIEW: usize = 700;
/// The most events of the parser, which bound the HTML: the cells of a table that the text leaves out are events too.
const MAX_EVENTS: usize = 40_000;
/// The most elements within each other.
const MAX_DEPTH: usize = 60;

/// The HTML, and whether the end of the text was left out. A preview has no links, because it can't be scrolled to them.
pub fn render(text: &str, size: Size) -> (String, bool) {
    let (text, mut cut) = match size {
        Size::Page => shorten(text, MAX_PAGE),
        Size::Preview => shorten(text, MAX_PREVIEW),
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Bounded { events: Parser::new_ext(&text, options), open: Vec::new(), left: MAX_EVENTS, cut: &mut cut };
    let mut page = String::new();
    let mut links = Vec::new();
    html::push_html(&mut page, events.map(|event| safe_event(event, size, &mut links)));
    (page, cut)
}

/// The events of the parser up to a limit, then the ends of what is open.
struct Bounded<'c, E> {
    events: E,
    open: Vec<TagEnd>,
    left: usize,
    cut: &'c mut bool,
}

impl<'t, E: Iterator<Item = Event<'t>>> Iterator for Bounded<'_, E> {
    type Item = Event<'t>;

    fn next(&mut self) -> Option<Event<'t>> {
        if self.left > 0 && self.open.len() < MAX_DEPTH {
            self.left -= 1;
            let event = self.events.next()?;
            match &event {
                Event::Start(tag) => self.open.push(tag.to_end()),
                Event::End(_) => drop(self.open.pop()),
                _ => {}
            }
            return Some(event);
        }
        self.left = 0;
        *self.cut = true;
        self.open.pop().map(Event::End)
    }
}

/// The event as the page may have it. `links` says of each open link or image whether it is shown as a link.
fn safe_event<'t>(event: Event<'t>, size: Size, links: &mut Vec<bool>) -> Event<'t> {
    match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            // A link within a link is no valid HTML.
            let href = safe_href(&dest_url).filter(|_| size == Size::Page && !links.contains(&true));
            links.push(href.is_some());
            raw(href.map(|href| {
                format!(r#"<a href="{}" target="_blank" rel="noopener noreferrer nofollow">"#, escaped(&href))
            }))
        }
        Event::End(TagEnd::Link | TagEnd::Image) => {
            raw(links.pop().filter(|linked| *linked).map(|_| "</a>".to_owned()))
        }
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Heading { level, .. }) => {
            Event::Start(Tag::Heading { level: below(level, size), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level, size))),
        Event::Start(Tag::CodeBlock(_)) => Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
        Event::Start(Tag::Table(columns)) => {
            Event::Start(Tag::Table(vec![pulldown_cmark::Alignment::None; columns.len()]))
        }
        Event::TaskListMarker(done) => Event::Text(CowStr::Borrowed(if done { "☑ " } else { "☐ " })),
        event => event,
    }
}

/// HTML of this module, or nothing.
fn raw<'t>(html: Option<String>) -> Event<'t> {
    Event::InlineHtml(html.unwrap_or_default().into())
}

/// The text within the quotes of an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The level of a heading below those of the page: its title is the first, and the name of a card the second.
fn below(level: HeadingLevel, size: Size) -> HeadingLevel {
    let page = if size == Size::Page { 1 } else { 2 };
    HeadingLevel::try_from(level as usize + page).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::{MAX_PREVIEW, Size, render};

    fn page(text: &str) -> String {
        let (html, cut) = render(text, Size::Page);
        assert!(!cut, "{text}");
        html.trim_end().to_owned()
    }

    #[test]
    fn structure_is_rendered_below_the_title_of_the_page() {
        assert_eq!(
            page("# Load\n\nPeak **61** `GW`"),
            "<h2>Load</h2>\n<p>Peak <strong>61</strong> <code>GW</code></p>"
        );
        assert_eq!(page("###### Deep"), "<h6>Deep</h6>");
        assert_eq!(page("- [x] a\n- [ ] b"), "<ul>\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>");
        assert_eq!(page("~~old~~"), "<p><del>old</del></p>");
        assert_eq!(render("# Load", Size::Preview).0, "<h3>Load</h3>\n");
    }

    #[test]
    fn html_of_clients_is_shown_as_text() {
        for (hostile, shown) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a <img src=x onerror=alert(1)> b", "&lt;img src=x onerror=alert(1)&gt;"),
            ("<div style=\"position:fixed\">\n\n# x\n\n</div>", "&lt;div style="),
            ("<!-- --><svg/onload=alert(1)>", "&lt;svg/onload=alert(1)&gt;"),
            ("<a href=\"javascript:alert(1)\">x</a>", "&lt;a href="),
            ("```\"><script>\n</code><b>\n```", "&lt;/code&gt;&lt;b&gt;"),
            ("# x {#page .scrim onclick=alert(1)}", "{#page .scrim onclick=alert(1)}"),
        ] {
            let html = page(hostile);
            assert!(html.contains(shown), "{html}");
            assert_eq!(tags_with_attributes(&html), [""; 0], "{html}");
            for bad in ["<script", "<img", "<div", "<svg", "<a", "<b>"] {
                assert!(!html.contains(bad), "{bad} in {html}");
            }
        }
    }

    /// The tags that are more than a name.
    fn tags_with_attributes(html: &str) -> Vec<&str> {
        let tags = html.split('<').skip(1).filter_map(|rest| rest.split('>').next());
        let is_name = |tag: &str| tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/');
        tags.filter(|tag| !is_name(tag)).collect()
    }

    #[test]
    fn links_leave_the_page_only_to_known_schemes() {
        assert_eq!(
            page("[a](<https://a.example/?q=\"x\"&y='z'> \"title\")"),
            "<p><a href=\"https://a.example/?q=&quot;x&quot;&amp;y=&#39;z&#39;\" target=\"_blank\" \
             rel=\"noopener noreferrer nofollow\">a</a></p>",
        );
        for hostile in [
            "[a](javascript:alert(1))",
            "[a](JAVASCRIPT:alert(1))",
            "[a](&#106;avascript:alert(1))",
            "[a](<java\tscript:alert(1)>)",
            "[a](data:text/html,x)",
            "[a](/ui/sign-out)",
            "[a](//evil.example)",
            "[a][r]\n\n[r]: vbscript:x",
        ] {
            assert_eq!(page(hostile), "<p>a</p>", "{hostile}");
        }
        assert_eq!(page("<javascript:alert(1)>"), "<p>javascript:alert(1)</p>");
        assert!(page("<https://a.example>").contains("<a href=\"https://a.example\" target"));
    }

    #[test]
    fn images_become_links() {
        let html = page("![Load](https://a.example/p.png)");
        assert!(
            html.starts_with("<p><a href=\"https://a.example/p.png\"") && html.ends_with(">Load</a></p>"),
            "{html}"
        );
        assert_eq!(page("![Load](data:image/png;base64,AA)"), "<p>Load</p>");
        let html = page("[![Load](https://a.example/p.png)](https://b.example)");
        assert_eq!((html.matches("<a ").count(), html.matches("</a>").count()), (1, 1), "{html}");
        assert!(html.contains("b.example"), "{html}");
    }

    #[test]
    fn columns_of_tables_have_no_styles() {
        let html = page("| a | b |\n|:-:|--:|\n| 1 | <i> |");
        assert!(html.contains("<th>a</th>") && html.contains("<td>&lt;i&gt;</td>"), "{html}");
    }

    #[test]
    fn preview_has_no_links_and_is_short() {
        let text = format!("[a](https://a.example) {}", "word ".repeat(1_000));
        let (html, cut) = render(&text, Size::Preview);
        assert!(cut && !html.contains("<a") && html.len() < 2 * MAX_PREVIEW, "{html}");
    }

    #[test]
    fn html_stays_bounded_and_whole() {
        let wide = format!("{}\n{}\n{}", "|a".repeat(2_000), "|-".repeat(2_000), "|\n".repeat(40_000));
        let deep = "> ".repeat(50_000);
        let lists = "- ".repeat(50_000);
        for hostile in [wide, deep, lists, "*a **b ".repeat(20_000), "[".repeat(100_000), "`".repeat(100_000)] {
            let (html, _) = render(&hostile, Size::Page);
            assert!(html.len() < 1_500_000, "{} bytes of {}", html.len(), &hostile[..20]);
            for tag in ["blockquote", "li", "table", "p", "td"] {
                let (opened, closed) =
                    (html.matches(&format!("<{tag}>")).count(), html.matches(&format!("</{tag}>")).count());
                assert_eq!(opened, closed, "{tag} of {}", &hostile[..20]);
            }
        }
    }
}
