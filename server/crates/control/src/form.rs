//! Validates what people type into forms, and returns all errors at once, each under the name of its field.

use std::fmt::Display;

use model::validation::{ValidationError, sentence};

use crate::Error;

/// The errors of a form so far.
#[derive(Default)]
pub(crate) struct Form(Vec<ValidationError>);

impl Form {
    /// The value of a field; if it is invalid, its error is kept.
    pub(crate) fn read<T, E: Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|why| self.0.push(ValidationError::value(field, sentence(&why.to_string())))).ok()
    }

    /// All errors of the form as one.
    pub(crate) fn into_error(self) -> Error {
        Error::Invalid(self.0)
    }
}

/// Why a text is not valid for its field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum TextError {
    #[error("this can’t be empty")]
    Empty,
    #[error("use at most {0} characters")]
    TooLong(usize),
    #[error("control characters are not allowed here")]
    Control,
}

/// One line of 1 to `max` characters, trimmed.
pub(crate) fn line(text: &str, max: usize) -> Result<String, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    bounded(text, max, char::is_control)
}

/// Any number of lines, of up to `max` characters in all.
pub(crate) fn lines(text: &str, max: usize) -> Result<String, TextError> {
    bounded(text.replace("\r\n", "\n").trim(), max, |letter| letter.is_control() && letter != '\n' && letter != '\t')
}

fn bounded(text: &str, max: usize, is_forbidden: impl Fn(char) -> bool) -> Result<String, TextError> {
    if text.chars().nth(max).is_some() {
        return Err(TextError::TooLong(max));
    }
    if text.contains(is_forbidden) {
        return Err(TextError::Control);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{TextError, line, lines};

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(line("  Ann Lee ", 7).as_deref(), Ok("Ann Lee"));
        assert_eq!(line(" \t ", 7), Err(TextError::Empty));
        assert_eq!(line("Ann  Lee", 7), Err(TextError::TooLong(7)));
        assert_eq!(line("日本日本日本日", 7).as_deref(), Ok("日本日本日本日"));
        for bad in ["a\0b", "a\nb", "a\u{7f}b"] {
            assert_eq!(line(bad, 7), Err(TextError::Control));
        }
    }

    #[test]
    fn lines_may_be_empty_or_many() {
        assert_eq!(lines("", 9).as_deref(), Ok(""));
        assert_eq!(lines("a\r\nb\tc\n", 9).as_deref(), Ok("a\nb\tc"));
        assert_eq!(lines("a\0b", 9), Err(TextError::Control));
    }
}
