//! How much of the data of an artifact is shown.

/// How much of the data is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    Preview,
    Page,
}

impl Size {
    /// The number for a preview, or the one for a page.
    pub fn limit(self, preview: usize, page: usize) -> usize {
        match self {
            Self::Preview => preview,
            Self::Page => page,
        }
    }
}

/// The beginning of a text, of at most `bytes`, and whether the end was left out.
pub fn shorten(text: &str, bytes: usize) -> (String, bool) {
    let end = text.floor_char_boundary(bytes);
    (text[..end].to_owned(), end < text.len())
}
