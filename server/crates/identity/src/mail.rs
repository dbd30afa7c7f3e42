//! Outgoing mail: its settings, its texts, the tokens in its links, and the mail server or the folder that it goes to.

mod mailer;
pub mod message;
mod outbox;
mod settings;
mod token;

pub use mailer::{Delivery, MailError, Mailer, Outgoing};
pub use message::Message;
pub use settings::{MailSettings, SmtpSecurity, SmtpSettings};
pub use token::{MailToken, NotAToken};
