//! Pagination: the limit and the offset of a list.

/// The most rows of a response, and the default.
pub const MAX_LIMIT: i64 = 200;

/// A valid limit and offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    limit: i64,
    offset: i64,
}

/// An invalid limit or offset. The texts are the reference's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PageError {
    #[error("Invalid limit: must be less than or equal to {MAX_LIMIT}.")]
    TooMany,
    #[error("Invalid limit: must be greater than or equal to 0.")]
    Negative,
    #[error("Invalid offset: must be greater than or equal to 0.")]
    NegativeOffset,
}

/// A query that has a limit and an offset.
pub trait Paged {
    /// The validated limit and offset.
    fn page(&self) -> Result<Page, PageError>;
}

impl Page {
    /// Validates what a client sent; missing values get their defaults.
    pub fn new(limit: Option<i64>, offset: Option<i64>) -> Result<Self, PageError> {
        let (limit, offset) = (limit.unwrap_or(MAX_LIMIT), offset.unwrap_or(0));
        match (limit, offset) {
            _ if limit > MAX_LIMIT => Err(PageError::TooMany),
            (..0, _) => Err(PageError::Negative),
            (_, ..0) => Err(PageError::NegativeOffset),
            _ => Ok(Self { limit, offset }),
        }
    }

    /// The most rows to return: 0 to [`MAX_LIMIT`].
    #[must_use]
    pub fn limit(self) -> i64 {
        self.limit
    }

    /// How many rows to skip.
    #[must_use]
    pub fn offset(self) -> i64 {
        self.offset
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: MAX_LIMIT, offset: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, PageError};

    #[test]
    fn bad_limits_are_rejected_with_the_texts_of_the_reference() {
        assert_eq!(Page::new(None, None), Ok(Page::default()));
        assert_eq!(Page::new(Some(0), Some(7)).map(|page| (page.limit(), page.offset())), Ok((0, 7)));
        assert_eq!(Page::new(Some(200), None).map(Page::limit), Ok(200));
        let text = |limit, offset| Page::new(limit, offset).unwrap_err().to_string();
        assert_eq!(text(Some(201), None), "Invalid limit: must be less than or equal to 200.");
        assert_eq!(text(Some(-1), None), "Invalid limit: must be greater than or equal to 0.");
        assert_eq!(Page::new(None, Some(-1)), Err(PageError::NegativeOffset));
    }
}
