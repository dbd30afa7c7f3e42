//! The settings of outgoing mail.

use std::net::IpAddr;

use identity::{Email, MailSettings, Secret, SmtpSecurity, SmtpSettings};
use url::Host;

use super::{
    Config, ConfigError, PublicUrl, secret,
    source::Source,
    text::{Line, Port, Setting},
};

/// The user name at a mail server.
pub type UserName = Line<255>;

/// The name or address of a mail server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailHost(String);

impl MailHost {
    fn is_loopback(&self) -> bool {
        self.0 == "localhost" || self.0.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }
}

impl Setting for MailHost {
    const EXPECTED: &'static str = "a host name or an IP address, without a port, such as smtp.example.org";

    fn read(text: &str) -> Option<Self> {
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Some(Self(ip.to_string()));
        }
        match Host::parse(text).ok()? {
            Host::Domain(name) if !name.is_empty() => Some(Self(name)),
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(Self(ip.to_string())),
            Host::Ipv6(ip) => Some(Self(ip.to_string())),
        }
    }
}

impl Setting for SmtpSecurity {
    const EXPECTED: &'static str = "tls, starttls or none";

    fn read(text: &str) -> Option<Self> {
        match text {
            "tls" => Some(Self::Tls),
            "starttls" => Some(Self::StartTls),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

/// The sender of mail: an address, perhaps after a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sender(String);

impl Setting for Sender {
    const EXPECTED: &'static str = "an email address, perhaps with a name: Provost <provost@example.org>";

    fn read(text: &str) -> Option<Self> {
        let (name, address) = match text.strip_suffix('>') {
            Some(rest) => rest.split_once('<')?,
            None => ("", text),
        };
        // These have a meaning in the header of a mail.
        let is_plain = !name.contains(|letter: char| letter.is_control() || "()<>[]:;@\\,\"".contains(letter));
        let is_address = address == address.trim() && address.parse::<Email>().is_ok();
        (is_plain && is_address).then(|| Self(text.to_owned()))
    }
}

/// The mail server.
pub(super) fn smtp(texts: &Source) -> Result<Option<SmtpSettings>, ConfigError> {
    let Some(host) = texts.parse::<Option<MailHost>>("smtp_host", "")? else {
        return reject_without_host(texts).map(|()| None);
    };
    let security = texts.parse::<Option<SmtpSecurity>>("smtp_security", "")?.unwrap_or(SmtpSecurity::Tls);
    if security == SmtpSecurity::None && !host.is_loopback() {
        let problem = format!(
            "none sends mail and password unencrypted, which is allowed only to a mail server on this machine, and \
             {} is not; expected tls or starttls",
            host.0
        );
        return Err(key_error(texts, "smtp_security", problem));
    }
    let port = texts.parse::<Option<Port>>("smtp_port", "")?.map(|port| port.0);
    Ok(Some(SmtpSettings { host: host.0, port, security, login: login(texts)? }))
}

/// User name and password: both or none.
fn login(texts: &Source) -> Result<Option<(String, Secret)>, ConfigError> {
    let name: Option<UserName> = texts.parse("smtp_username", "")?;
    match (name, secret::read(texts, "smtp_password")?) {
        (Some(name), Some(password)) => Ok(Some((name.0, password))),
        (None, None) => Ok(None),
        (Some(_), None) => {
            let problem = "expected a password with it: set smtp_password or smtp_password_file too";
            Err(key_error(texts, "smtp_username", problem.to_owned()))
        }
        (None, Some(_)) => {
            let is_file = texts.origin("smtp_password_file").is_some();
            let key = if is_file { "smtp_password_file" } else { "smtp_password" };
            Err(key_error(texts, key, "expected a user name with it: set smtp_username too".to_owned()))
        }
    }
}

/// Rejects settings of a mail server that has no name.
fn reject_without_host(texts: &Source) -> Result<(), ConfigError> {
    let keys = ["smtp_port", "smtp_security", "smtp_username", "smtp_password", "smtp_password_file"];
    match keys.into_iter().find(|key| texts.origin(key).is_some()) {
        Some(key) => {
            Err(key_error(texts, key, "expected smtp_host with it: set the mail server’s name too".to_owned()))
        }
        None => Ok(()),
    }
}

fn key_error(texts: &Source, key: &str, problem: String) -> ConfigError {
    ConfigError::Key { key: key.to_owned(), origin: texts.origin(key).unwrap_or("default").to_owned(), problem }
}

impl Config {
    /// How mail leaves a server that is reached at this URL.
    #[must_use]
    pub fn mail(&self, public_url: &PublicUrl) -> MailSettings {
        let from = self.mail_from.as_ref().map_or_else(|| default_sender(public_url), |sender| sender.0.clone());
        MailSettings { smtp: self.smtp.clone(), from }
    }
}

/// The address `provost` at the URL's host.
fn default_sender(public_url: &PublicUrl) -> String {
    // An address needs a name of a host, and a URL may have an IP address.
    let host = public_url.domain().unwrap_or("localhost");
    format!("Provost <provost@{host}>")
}
