//! Prepares the data of an artifact for a page. Data comes from clients and is not trusted: whatever it is, the page gets texts, numbers,
//! HTML that `markdown` made, and URLs that browsers may open.

use model::{
    artifact::{ArtifactKind, only_link},
    screen::{ArtifactContent, ArtifactImage},
};
use serde_json::Value;

use super::{
    markdown,
    size::{Size, shorten},
    table,
    url::{MAX_URL, image, safe_href},
};

/// The most bytes of JSON on the page.
const MAX_JSON: usize = 64 * 1024;
/// The most characters of a summary.
const MAX_SUMMARY: usize = 120;

/// The data of an artifact as it was read.
#[derive(Clone, PartialEq, Debug)]
pub enum Data {
    None,
    /// A text, which most clients send.
    Text(String),
    /// Other JSON, as it is stored.
    Json(String),
    /// It was too long to be read.
    TooLarge,
}

impl Data {
    /// Data as it is stored: `json` is missing if there is no data or if it is too long, which `bytes` tells apart.
    pub fn of(json: Option<String>, bytes: i64) -> Self {
        match json {
            None if bytes > 0 => Self::TooLarge,
            None => Self::None,
            Some(json) if json == "null" => Self::None,
            Some(json) => serde_json::from_str(&json).map_or(Self::Json(json), Self::Text),
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The data as its type says; as JSON if it is something else.
    pub fn content(&self, artifact_type: Option<&str>, size: Size) -> ArtifactContent {
        match self {
            Self::None => ArtifactContent::None,
            Self::TooLarge => ArtifactContent::TooLarge,
            Self::Text(_) | Self::Json(_) => {
                let kind = ArtifactKind::of(artifact_type, self.text());
                kind.and_then(|kind| self.as_kind(kind, size)).unwrap_or_else(|| self.as_json(size))
            }
        }
    }

    fn as_kind(&self, kind: ArtifactKind, size: Size) -> Option<ArtifactContent> {
        match (kind, self) {
            // Clients send a table as a text that has JSON in it.
            (ArtifactKind::Table, Self::Text(json) | Self::Json(json)) => {
                table::parse(json, size).map(ArtifactContent::Table)
            }
            (ArtifactKind::Markdown, Self::Text(text)) => {
                let (html, cut) = markdown::render(text, size);
                Some(ArtifactContent::Markdown { html, cut })
            }
            (ArtifactKind::Link, Self::Text(link)) => Some(as_link(link)),
            (ArtifactKind::Progress, Self::Json(number)) => {
                serde_json::from_str(number).ok().map(|number: f64| ArtifactContent::Progress(number.clamp(0.0, 100.0)))
            }
            (ArtifactKind::Image, Self::Text(url)) => image(url.trim()).map(ArtifactContent::Image),
            _ => None,
        }
    }

    fn as_json(&self, size: Size) -> ArtifactContent {
        let (text, cut) = match self {
            Self::Text(text) => shorten(text, size.limit(600, MAX_JSON)),
            Self::Json(json) if size == Size::Page => match serde_json::from_str::<Value>(json) {
                Ok(value) => shorten(&serde_json::to_string_pretty(&value).unwrap_or_default(), MAX_JSON),
                Err(_) => shorten(json, MAX_JSON),
            },
            Self::Json(json) => shorten(json, 600),
            Self::None | Self::TooLarge => (String::new(), false),
        };
        ArtifactContent::Json { text, cut }
    }

    /// The data in a few words; none if it is too long or says nothing in few words.
    pub fn summary(&self, artifact_type: Option<&str>) -> Option<String> {
        let text = match self.content(artifact_type, Size::Preview) {
            ArtifactContent::Table(table) if table.total_rows == 1 => "1 row".to_owned(),
            ArtifactContent::Table(table) => format!("{} rows", table.total_rows),
            ArtifactContent::Markdown { .. } => {
                let line =
                    self.text()?.lines().map(|line| line.trim_start_matches(['#', ' '])).find(|line| !line.is_empty());
                line?.to_owned()
            }
            ArtifactContent::Link { text, .. } => text,
            ArtifactContent::Progress(number) => format!("{} %", (number * 10.0).round() / 10.0),
            ArtifactContent::Image(ArtifactImage::Remote { url, .. }) => url,
            ArtifactContent::Json { text, .. } => text.lines().next()?.to_owned(),
            ArtifactContent::Image(ArtifactImage::Embedded(_)) | ArtifactContent::None | ArtifactContent::TooLarge => {
                return None;
            }
        };
        let end = text.char_indices().nth(MAX_SUMMARY).map(|(end, _)| end);
        Some(end.map_or(text.clone(), |end| format!("{}…", &text[..end])))
    }
}

fn as_link(link: &str) -> ArtifactContent {
    let (text, url) = only_link(link).unwrap_or((link.trim(), link.trim()));
    let text = if text.is_empty() { url } else { text };
    ArtifactContent::Link { text: shorten(text, MAX_URL).0, href: safe_href(url) }
}

#[cfg(test)]
mod tests {
    use model::screen::{ArtifactContent, ArtifactImage};
    use serde_json::{Value, json};

    use super::{Data, Size};

    fn data(value: &Value) -> Data {
        let json = value.to_string();
        let bytes = json.len() as i64;
        Data::of(Some(json), bytes)
    }

    fn content(artifact_type: &str, value: &Value) -> ArtifactContent {
        data(value).content(Some(artifact_type), Size::Page)
    }

    #[test]
    fn progress_is_between_0_and_100() {
        for (sent, shown) in [(json!(62), 62.0), (json!(0.5), 0.5), (json!(-3), 0.0), (json!(1e300), 100.0)] {
            assert_eq!(content("progress", &sent), ArtifactContent::Progress(shown));
        }
        assert!(matches!(content("progress", &json!("half")), ArtifactContent::Json { .. }));
    }

    #[test]
    fn links_are_opened_only_if_their_scheme_is_known() {
        let link = |sent: &str| match content("markdown", &json!(sent)) {
            ArtifactContent::Link { text, href } => (text, href),
            other => panic!("{sent}: {other:?}"),
        };
        assert_eq!(
            link("[Report](https://a.example/?q=1)"),
            ("Report".to_owned(), Some("https://a.example/?q=1".to_owned()))
        );
        assert_eq!(
            link("[](MAILTO:a@b.example)"),
            ("MAILTO:a@b.example".to_owned(), Some("MAILTO:a@b.example".to_owned()))
        );
        for hostile in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "/ui/x",
            "//evil.example",
            "",
        ] {
            assert_eq!(link(&format!("[Report]({hostile})")).1, None, "{hostile}");
        }
        for hostile in ["java\tscript:alert(1)", "\u{1}javascript:x", "https://a.example/\u{0}"] {
            match content("link", &json!(hostile)) {
                ArtifactContent::Link { href, .. } => assert_eq!(href, None, "{hostile:?}"),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn images_are_embedded_or_on_a_plain_host() {
        let image = |sent: &str| match content("image", &json!(sent)) {
            ArtifactContent::Image(image) => Some(image),
            _ => None,
        };
        let remote = |url: &str, origin: &str| ArtifactImage::Remote { url: url.to_owned(), origin: origin.to_owned() };
        assert_eq!(
            image(" https://a.example:8443/p.png "),
            Some(remote("https://a.example:8443/p.png", "https://a.example:8443"))
        );
        assert_eq!(
            image("data:image/png;base64,AA"),
            Some(ArtifactImage::Embedded("data:image/png;base64,AA".to_owned()))
        );
        for hostile in [
            "data:text/html,x",
            "javascript:x",
            "https://a.example;script-src *",
            "https://a'b/",
            "https://",
            "https://u@b.example/",
            "p.png",
            "ftp://a.example/p.png",
        ] {
            assert_eq!(image(hostile), None, "{hostile}");
        }
    }

    #[test]
    fn data_of_other_types_is_json() {
        let json = |value| match content("result", &value) {
            ArtifactContent::Json { text, cut } => (text, cut),
            other => panic!("{other:?}"),
        };
        assert_eq!(json(json!({"a": [1]})), ("{\n  \"a\": [\n    1\n  ]\n}".to_owned(), false));
        assert_eq!(json(json!("<b>")), ("<b>".to_owned(), false));
        let (text, cut) = json(json!("é".repeat(40_000)));
        assert!(cut && text.len() <= super::MAX_JSON && text.ends_with('é'));
    }

    #[test]
    fn data_that_was_not_read_is_too_large_or_missing() {
        assert_eq!(Data::of(None, 70_000).content(Some("table"), Size::Preview), ArtifactContent::TooLarge);
        assert_eq!(Data::of(None, 0).content(Some("table"), Size::Preview), ArtifactContent::None);
        assert_eq!(Data::of(Some("null".to_owned()), 4).content(Some("table"), Size::Preview), ArtifactContent::None);
    }

    #[test]
    fn history_shows_short_data_in_a_few_words() {
        for (artifact_type, value, words) in [
            ("progress", json!(33.333), Some("33.3 %")),
            ("table", json!("[{\"a\": 1}, {\"a\": 2}]"), Some("2 rows")),
            ("markdown", json!("\n# Load forecast\n\nPeak"), Some("Load forecast")),
            ("markdown", json!("[Report](https://a.example)"), Some("Report")),
            ("image", json!("data:image/png;base64,AA"), None),
            ("result", json!("a\nb"), Some("a")),
        ] {
            assert_eq!(data(&value).summary(Some(artifact_type)).as_deref(), words, "{artifact_type} {value}");
        }
        let long = data(&json!("x".repeat(500))).summary(None).unwrap();
        assert_eq!(long.chars().count(), super::MAX_SUMMARY + 1);
    }
}
