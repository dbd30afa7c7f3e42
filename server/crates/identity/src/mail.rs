//! Outgoing mail.

mod settings;

pub use settings::{MailSettings, SmtpSecurity, SmtpSettings};
