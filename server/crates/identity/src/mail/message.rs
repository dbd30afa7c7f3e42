//! The texts of mails. Each is written once; the plain text and the HTML are made of the same parts.
//!
//! A mail contains no text that another person has typed, so that no request can send somebody a text of a stranger; the exceptions are
//! what the recipients have chosen themselves.

mod account_exists;
mod address_change;
mod key_from_cli;
mod password_changed;
mod reset_password;
mod sign_in_method;
mod verify_address;

pub use account_exists::account_exists;
pub use address_change::{address_change_requested, confirm_address};
pub use key_from_cli::key_from_cli;
use model::time::Timestamp;
pub use password_changed::password_changed;
pub use reset_password::reset_password;
pub use sign_in_method::{method_added, method_removed};
pub use verify_address::verify_address;

/// A mail to one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    subject: String,
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Text(String),
    Link { label: &'static str, url: String },
}

impl Message {
    fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), parts: Vec::new() }
    }

    fn text(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    fn link(mut self, label: &'static str, url: &str) -> Self {
        self.parts.push(Part::Link { label, url: url.to_owned() });
        self
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The plain text.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => plain.push_str(text),
                Part::Link { label, url } => {
                    plain.push_str(label);
                    plain.push_str(":\n");
                    plain.push_str(url);
                }
            }
            plain.push_str("\n\n");
        }
        plain.truncate(plain.trim_end().len());
        plain.push('\n');
        plain
    }

    /// The same as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let mut html = String::from("<!DOCTYPE html>\n<html lang=\"en\"><body style=\"font-family: sans-serif\">\n");
        for part in &self.parts {
            html.push_str("<p>");
            match part {
                Part::Text(text) => push_escaped(&mut html, text),
                Part::Link { label, url } => {
                    html.push_str("<a href=\"");
                    push_escaped(&mut html, url);
                    html.push_str("\">");
                    push_escaped(&mut html, label);
                    html.push_str("</a>");
                }
            }
            html.push_str("</p>\n");
        }
        html.push_str("</body></html>\n");
        html
    }
}

fn push_escaped(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

/// A time in a mail: "25 November 2026, 10:00 UTC".
fn time(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let civil = at.civil();
    let month = MONTHS.get((civil.month as usize).saturating_sub(1)).copied().unwrap_or_default();
    format!("{} {month} {}, {:02}:{:02} UTC", civil.day, civil.year, civil.hour, civil.minute)
}

#[cfg(test)]
mod tests {
    use model::time::Timestamp;

    use super::{Message, key_from_cli, reset_password, time};

    #[test]
    fn text_and_html_have_the_same_parts() {
        let mail = reset_password("provost.example.org", "https://provost.example.org/reset-password?token=abc&x=1");
        let (plain, html) = (mail.plain(), mail.html());
        assert!(plain.contains("\nhttps://provost.example.org/reset-password?token=abc&x=1\n"), "{plain}");
        assert!(html.contains("<a href=\"https://provost.example.org/reset-password?token=abc&amp;x=1\">"), "{html}");
        let paragraphs = plain.trim_end().split("\n\n").count();
        assert_eq!(html.matches("<p>").count(), paragraphs, "{html}");
        assert_eq!(mail.subject(), "Reset your password on provost.example.org");
    }

    #[test]
    fn html_is_escaped() {
        let mail = key_from_cli("x", "<b>\"it's\" & more</b>", Timestamp::from_micros(0), "https://x/my/api-keys");
        assert!(mail.html().contains("&lt;b&gt;&quot;it&#39;s&quot; &amp; more&lt;/b&gt;"), "{}", mail.html());
        assert!(mail.plain().contains("<b>\"it's\" & more</b>"));
    }

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(time(Timestamp::from_micros(1_795_600_800_000_000)), "25 November 2026, 10:00 UTC");
    }

    #[test]
    fn a_message_ends_with_one_newline() {
        assert_eq!(Message::new("Subject").text("One.").text("Two.").plain(), "One.\n\nTwo.\n");
    }
}
