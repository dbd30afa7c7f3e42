//! The settings of outgoing mail.

use identity::{MailSettings, SmtpSecurity};

use super::{load, load_error};

const HOST: &str = "smtp_host = 'smtp.example.org'\n";

fn mail(toml: &str) -> MailSettings {
    let config = load(toml, &[], &[]).unwrap();
    config.mail(&config.public_url(config.listen))
}

#[test]
fn without_a_host_there_is_no_mail_server() {
    assert!(mail("").smtp.is_none());
    for line in [
        "smtp_port = 25",
        "smtp_security = 'tls'",
        "smtp_username = 'a'",
        "smtp_password = 'a'",
        "smtp_password_file = '/x'",
    ] {
        let error = load_error(line, &[], &[]);
        let key = line.split(' ').next().unwrap();
        assert!(error.starts_with(&format!("{key} (")) && error.contains("expected smtp_host with it"), "{error}");
    }
}

#[test]
fn a_mail_server_has_tls_and_no_login_by_default() {
    let smtp = mail(HOST).smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.security), ("smtp.example.org", None, SmtpSecurity::Tls));
    assert!(smtp.login.is_none());
    let smtp = mail(&format!(
        "{HOST}smtp_port = 2525\nsmtp_security = 'starttls'\nsmtp_username = 'ann'\nsmtp_password = 'pw'"
    ));
    let smtp = smtp.smtp.unwrap();
    assert_eq!((smtp.port, smtp.security), (Some(2525), SmtpSecurity::StartTls));
    let (name, password) = smtp.login.unwrap();
    assert_eq!((name.as_str(), password.expose()), ("ann", "pw"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, "from-a-file\n").unwrap();
    let smtp = mail(&format!("{HOST}smtp_username = 'ann'\nsmtp_password_file = '{}'", path.display()));
    assert_eq!(smtp.smtp.unwrap().login.unwrap().1.expose(), "from-a-file");
}

#[test]
fn mail_is_unencrypted_only_on_this_machine() {
    for host in ["localhost", "127.0.0.1", "::1", "[::1]"] {
        let smtp = mail(&format!("smtp_host = '{host}'\nsmtp_security = 'none'")).smtp.unwrap();
        assert_eq!((smtp.host.as_str(), smtp.security), (host.trim_matches(['[', ']']), SmtpSecurity::None));
    }
    for host in ["smtp.example.org", "192.0.2.1", "localhost.example.org"] {
        let error = load_error(&format!("smtp_host = '{host}'\nsmtp_security = 'none'"), &[], &[]);
        assert!(error.starts_with("smtp_security (") && error.ends_with("expected tls or starttls"), "{error}");
    }
}

#[test]
fn wrong_settings_of_mail_are_rejected_by_the_name_of_the_key() {
    for (lines, key, text) in [
        ("smtp_host = 'smtp.example.org:587'", "smtp_host", "expected a host name or an IP address, without a port"),
        ("smtp_host = ''", "smtp_host", "got an empty text"),
        ("smtp_host = 'a b'", "smtp_host", "got \"a b\""),
        ("smtp_host = 'a'\nsmtp_port = 0", "smtp_port", "expected a port from 1 to 65535, got \"0\""),
        ("smtp_host = 'a'\nsmtp_port = 65536", "smtp_port", "got \"65536\""),
        ("smtp_host = 'a'\nsmtp_security = 'ssl'", "smtp_security", "expected tls, starttls or none, got \"ssl\""),
        ("smtp_host = 'a'\nsmtp_username = 'b'", "smtp_username", "set smtp_password or smtp_password_file too"),
        ("smtp_host = 'a'\nsmtp_password = 'b'", "smtp_password", "set smtp_username too"),
        ("smtp_host = 'a'\nsmtp_password = ''", "smtp_password", "got an empty text"),
        ("smtp_host = 'a'\nsmtp_password = 'b'\nsmtp_password_file = 'c'", "smtp_password_file", "is set too"),
        (
            "smtp_host = 'a'\nsmtp_password_file = '/nowhere/x'",
            "smtp_password_file",
            "can't use /nowhere/x: No such file",
        ),
        ("mail_from = 'Provost'", "mail_from", "expected an email address, perhaps with a name"),
        ("mail_from = 'Provost <provost@example.org'", "mail_from", "got "),
        ("mail_from = 'A, B <provost@example.org>'", "mail_from", "got "),
        ("mail_from = \"A\\nBcc: x <provost@example.org>\"", "mail_from", "got "),
        ("mail_from = 'A < provost@example.org >'", "mail_from", "got "),
    ] {
        let error = load_error(lines, &[], &[]);
        assert!(error.starts_with(&format!("{key} (/")) && error.contains(text), "{lines}\n{error}");
    }
}

#[test]
fn mail_comes_from_the_host_of_the_public_url_by_default() {
    for (toml, from) in [
        ("", "Provost <provost@localhost>"),
        ("public_url = 'https://provost.example.org:8443'", "Provost <provost@provost.example.org>"),
        ("public_url = 'http://192.0.2.1'", "Provost <provost@localhost>"),
        ("mail_from = 'Büro <office@example.org>'", "Büro <office@example.org>"),
        ("mail_from = 'office@example.org'", "office@example.org"),
    ] {
        assert_eq!(mail(toml).from, from);
    }
}
