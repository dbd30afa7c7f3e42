//! Which part of a list is wanted.

/// The most rows of an answer, and as many as there are when nothing was asked for.
pub const LARGEST: i64 = 200;

/// A part of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    limit: i64,
    offset: i64,
}

/// A part that no list has. The texts are those that clients know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PageError {
    #[error("Invalid limit: must be less than or equal to {LARGEST}.")]
    TooMany,
    #[error("Invalid limit: must be greater than or equal to 0.")]
    Negative,
    #[error("Invalid offset: must be greater than or equal to 0.")]
    NegativeOffset,
}

impl Page {
    /// The part that a client asked for; what it left out has its default.
    pub fn new(limit: Option<i64>, offset: Option<i64>) -> Result<Self, PageError> {
        let (limit, offset) = (limit.unwrap_or(LARGEST), offset.unwrap_or(0));
        match (limit, offset) {
            _ if limit > LARGEST => Err(PageError::TooMany),
            (..0, _) => Err(PageError::Negative),
            (_, ..0) => Err(PageError::NegativeOffset),
            _ => Ok(Self { limit, offset }),
        }
    }

    /// At most so many rows: 0 to [`LARGEST`].
    #[must_use]
    pub fn limit(self) -> i64 {
        self.limit
    }

    /// After so many others.
    #[must_use]
    pub fn offset(self) -> i64 {
        self.offset
    }
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: LARGEST, offset: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, PageError};

    #[test]
    fn limits_are_kept_in_the_words_that_clients_know() {
        assert_eq!(Page::new(None, None), Ok(Page::default()));
        assert_eq!(Page::new(Some(0), Some(7)).map(|page| (page.limit(), page.offset())), Ok((0, 7)));
        assert_eq!(Page::new(Some(200), None).map(Page::limit), Ok(200));
        let text = |limit, offset| Page::new(limit, offset).unwrap_err().to_string();
        assert_eq!(text(Some(201), None), "Invalid limit: must be less than or equal to 200.");
        assert_eq!(text(Some(-1), None), "Invalid limit: must be greater than or equal to 0.");
        assert_eq!(Page::new(None, Some(-1)), Err(PageError::NegativeOffset));
    }
}
