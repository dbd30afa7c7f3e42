//! The URLs in the data of artifacts that a page may have.

use model::screen::ArtifactImage;

/// The most bytes of the URL of a link or of an image that is elsewhere.
pub const MAX_URL: usize = 4_096;

/// The URL, if a page may link to it: `javascript:` and other schemes would run with the rights of the reader.
pub fn safe_href(url: &str) -> Option<String> {
    let (scheme, _) = url.split_once(':')?;
    let is_known = ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let is_plain = url.len() <= MAX_URL && !url.contains(|letter: char| letter.is_control() || letter == ' ');
    (is_known && is_plain).then(|| url.to_owned())
}

/// An image that a page may show: in the artifact itself, or on a server whose name is plain.
pub fn image(url: &str) -> Option<ArtifactImage> {
    if url.starts_with("data:image/") {
        return Some(ArtifactImage::Embedded(url.to_owned()));
    }
    let origin = origin(&safe_href(url)?)?;
    Some(ArtifactImage::Remote { url: url.to_owned(), origin })
}

/// Scheme, host and port of a URL. It becomes a part of the page's content security policy, so it contains only what names a host.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"))?;
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    (!host.is_empty() && host.bytes().all(is_plain)).then(|| format!("{scheme}://{host}"))
}
