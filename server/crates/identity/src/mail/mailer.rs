//! Sends one mail: to the mail server, or to the outbox folder if the operator has configured none.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message as Mime, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use model::{mail::MailId, time::Timestamp};

use super::{
    Message,
    outbox::Outbox,
    settings::{MailSettings, SmtpSecurity, SmtpSettings},
};
use crate::Email;

/// How long a mail server may take, from the connection until it has taken the mail.
const TIME_LIMIT: Duration = Duration::from_secs(15);
/// The most characters of an error.
const MAX_ERROR_CHARACTERS: usize = 300;

/// Sends mail.
pub struct Mailer {
    route: Route,
    from: Mailbox,
    /// The host of the public URL.
    host: String,
    time_limit: Duration,
}

enum Route {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(Outbox),
}

/// A mail to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Each attempt to send the mail has the same id, by which mail servers recognise a repetition.
    pub id: MailId,
    /// The name of the kind of mail.
    pub kind: &'a str,
    pub to: &'a Email,
    pub message: &'a Message,
    pub now: Timestamp,
}

/// Where a mail went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// A mail server has taken it.
    Smtp,
    /// It was written to this file in the outbox folder.
    File(String),
}

/// Why a mail was not sent.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MailError {
    /// The mail server, or the user, can't be used with any mail.
    #[error("the mail server can’t be used: {0}")]
    Unavailable(String),
    #[error("the mail server took longer than {} seconds", .0.as_secs())]
    TooSlow(Duration),
    /// The mail server has rejected this mail.
    #[error("the mail server rejected the mail: {0}")]
    Rejected(String),
    /// The sender or the recipient is no address that mail servers understand.
    #[error("no mail can be made: {0}")]
    Invalid(String),
    #[error("the outbox folder can’t be written: {0}")]
    Folder(String),
}

impl MailError {
    /// Whether other mails would meet the same error now.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::TooSlow(_) | Self::Folder(_))
    }
}

impl Mailer {
    /// A mailer for the server at `host`. Without a mail server, mails go to files in `outbox`.
    ///
    /// # Errors
    /// [`MailError::Invalid`] for the sender, [`MailError::Unavailable`] if TLS can't be set up for the mail server's name.
    pub fn new(settings: &MailSettings, host: &str, outbox: PathBuf) -> Result<Self, MailError> {
        let from = settings.from.parse().map_err(|error: lettre::address::AddressError| invalid(&error))?;
        let route = match &settings.smtp {
            Some(smtp) => Route::Smtp(transport(smtp, host)?),
            None => Route::Folder(Outbox(outbox)),
        };
        Ok(Self { route, from, host: host.to_owned(), time_limit: TIME_LIMIT })
    }

    /// The same mailer with another time limit (tests).
    #[must_use]
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// Whether mails reach their recipients, because a mail server is configured.
    #[must_use]
    pub fn reaches_people(&self) -> bool {
        matches!(self.route, Route::Smtp(_))
    }

    /// The host of the public URL, as mails name the server.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Sends a mail.
    ///
    /// # Errors
    /// If the mail server has not taken it, as far as is known: a server that takes the mail but whose answer is lost gets it again.
    pub async fn send(&self, mail: Outgoing<'_>) -> Result<Delivery, MailError> {
        match &self.route {
            Route::Smtp(transport) => {
                let mime = self.mime(mail)?;
                match tokio::time::timeout(self.time_limit, transport.send(mime)).await {
                    Ok(Ok(_)) => Ok(Delivery::Smtp),
                    Ok(Err(error)) if error.is_timeout() => Err(MailError::TooSlow(self.time_limit)),
                    // Only a server that answers with a code has judged this one mail.
                    Ok(Err(error)) if error.is_permanent() || error.is_transient() => {
                        Err(MailError::Rejected(shortened(&error)))
                    }
                    Ok(Err(error)) => Err(MailError::Unavailable(shortened(&error))),
                    Err(_) => Err(MailError::TooSlow(self.time_limit)),
                }
            }
            Route::Folder(outbox) => write(outbox.clone(), mail).await,
        }
    }

    fn mime(&self, mail: Outgoing<'_>) -> Result<Mime, MailError> {
        let to: Address = mail.to.as_str().parse().map_err(|error: lettre::address::AddressError| invalid(&error))?;
        let since_1970 = Duration::from_micros(u64::try_from(mail.now.micros()).unwrap_or_default());
        Mime::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.message.subject())
            .date(SystemTime::UNIX_EPOCH + since_1970)
            .message_id(Some(format!("<{}@{}>", mail.id, self.host)))
            .multipart(MultiPart::alternative_plain_html(mail.message.plain(), mail.message.html()))
            .map_err(|error| invalid(&error))
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("host", &self.host).finish_non_exhaustive()
    }
}

fn transport(smtp: &SmtpSettings, hello: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailError> {
    let parameters =
        || TlsParameters::new_rustls(smtp.host.clone()).map_err(|error| MailError::Unavailable(shortened(&error)));
    let (tls, port) = match smtp.security {
        SmtpSecurity::Tls => (Tls::Wrapper(parameters()?), 465),
        // Never without encryption: a mail server, or who pretends to be it, that does not offer TLS is rejected.
        SmtpSecurity::StartTls => (Tls::Required(parameters()?), 587),
        SmtpSecurity::None => (Tls::None, 25),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.host.clone())
        .port(smtp.port.unwrap_or(port))
        .tls(tls)
        .timeout(Some(TIME_LIMIT))
        .hello_name(ClientId::Domain(hello.to_owned()));
    if let Some((user, password)) = &smtp.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
    }
    Ok(builder.build())
}

async fn write(outbox: Outbox, mail: Outgoing<'_>) -> Result<Delivery, MailError> {
    let name = file_name(mail);
    let text = format!("To: {}\nSubject: {}\n\n{}", mail.to, mail.message.subject(), mail.message.plain());
    let file = name.clone();
    let written = tokio::task::spawn_blocking(move || outbox.write(&file, &text)).await;
    match written {
        Ok(Ok(())) => Ok(Delivery::File(name)),
        Ok(Err(error)) => Err(MailError::Folder(shortened(&error))),
        Err(error) => Err(MailError::Folder(shortened(&error))),
    }
}

/// The time of the mail, its kind, and the end of its id: "20261125T100000Z-reset-password-0d8f21c4.txt".
fn file_name(mail: Outgoing<'_>) -> String {
    let at = mail.now.civil();
    let id = mail.id.0.simple().to_string();
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z-{}-{}.txt",
        at.year,
        at.month,
        at.day,
        at.hour,
        at.minute,
        at.second,
        mail.kind,
        id.get(id.len().saturating_sub(8)..).unwrap_or_default()
    )
}

fn invalid(error: &impl std::fmt::Display) -> MailError {
    MailError::Invalid(shortened(error))
}

fn shortened(error: &impl std::fmt::Display) -> String {
    error.to_string().chars().filter(|letter| !letter.is_control()).take(MAX_ERROR_CHARACTERS).collect()
}

#[cfg(test)]
mod tests;
