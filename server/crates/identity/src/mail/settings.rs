//! What an operator configures of outgoing mail.

use crate::Secret;

/// How mail leaves, and who sends it.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The mail server; without one, links are written to files in the data folder.
    pub smtp: Option<SmtpSettings>,
    /// The sender, as in the header `From`.
    pub from: String,
}

/// A mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    pub host: String,
    /// None: the usual port of the kind of connection.
    pub port: Option<u16>,
    pub security: SmtpSecurity,
    /// User name and password.
    pub login: Option<(String, Secret)>,
}

/// Whether the connection to the mail server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmtpSecurity {
    /// TLS from the first byte, usually on port 465.
    Tls,
    /// TLS after the command STARTTLS, usually on port 587. A server without it is rejected.
    StartTls,
    /// No encryption: only for a mail server on the same machine.
    None,
}
