//! The outbox folder; mail servers are in the tests of the service.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use model::{mail::MailId, time::Timestamp};

use super::{Delivery, MailError, Mailer, Outgoing};
use crate::{
    Email, Secret,
    mail::{MailSettings, SmtpSecurity, SmtpSettings, message, outbox::MAX_FILES},
};

fn now() -> Timestamp {
    Timestamp::from_micros(1_795_600_800_000_000)
}

fn mailer(folder: &Path) -> Mailer {
    let settings = MailSettings { smtp: None, from: "Provost <provost@example.org>".to_owned() };
    Mailer::new(&settings, "provost.example.org", folder.join("outbox")).unwrap()
}

async fn send(mailer: &Mailer, number: u32) -> Result<Delivery, MailError> {
    let to: Email = "ann@example.org".parse().unwrap();
    let message = message::reset_password(mailer.host(), "https://provost.example.org/reset-password?token=abc");
    let id = MailId(uuid::Uuid::from_u128(number.into()));
    mailer
        .send(Outgoing {
            id,
            kind: "reset-password",
            to: &to,
            message: &message,
            now: now().plus_seconds(number.into()),
        })
        .await
}

#[tokio::test]
async fn mail_without_a_server_is_a_file_for_its_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = mailer(folder.path());
    assert!(!mailer.reaches_people());
    let name = "20261125T100007Z-reset-password-00000007.txt";
    assert_eq!(send(&mailer, 7).await, Ok(Delivery::File(name.to_owned())));
    let path = folder.path().join("outbox").join(name);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let text = fs::read_to_string(path).unwrap();
    assert!(text.starts_with("To: ann@example.org\nSubject: Reset your password on provost.example.org\n\n"), "{text}");
    assert!(text.contains("https://provost.example.org/reset-password?token=abc\n"), "{text}");
}

#[tokio::test]
async fn only_the_newest_files_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = folder.path().join("outbox");
    fs::create_dir(&outbox).unwrap();
    for number in 0..MAX_FILES {
        fs::write(outbox.join(format!("20260101T000000Z-old-{number:08}.txt")), "").unwrap();
    }
    fs::write(outbox.join("0-notes.md"), "kept").unwrap();
    send(&mailer(folder.path()), 1).await.unwrap();
    let names: Vec<_> = fs::read_dir(&outbox).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), MAX_FILES + 1);
    assert!(!names.iter().any(|name| name == "20260101T000000Z-old-00000000.txt"));
    assert!(names.iter().any(|name| name == "0-notes.md"), "not a mail");
}

#[tokio::test]
async fn a_folder_that_can_not_be_written_is_an_outage() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("outbox"), "a file").unwrap();
    assert!(send(&mailer(folder.path()), 1).await.unwrap_err().is_outage());
}

#[test]
fn an_invalid_sender_is_rejected() {
    let settings = MailSettings { smtp: None, from: "Provost".to_owned() };
    let error = Mailer::new(&settings, "provost.example.org", "outbox".into()).unwrap_err();
    assert!(matches!(error, MailError::Invalid(_)), "{error}");
}

#[test]
fn debug_does_not_print_the_password() {
    let login = Some(("mailer".to_owned(), Secret::new("s3cr3t".to_owned())));
    let smtp = SmtpSettings { host: "mail.example.org".to_owned(), port: None, security: SmtpSecurity::Tls, login };
    let settings = MailSettings { smtp: Some(smtp), from: "provost@example.org".to_owned() };
    let mailer = Mailer::new(&settings, "provost.example.org", "outbox".into()).unwrap();
    assert!(mailer.reaches_people());
    assert!(!format!("{mailer:?} {settings:?}").contains("s3cr3t"));
}
