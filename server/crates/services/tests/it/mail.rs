//! Queued mail is sent once, also when the mail server is down or slow for a while.

use std::time::Duration;

use control::{Cx, Error, changes::Change, person};
use services::{MailSender, Report, Service as _};
use store::{Db, db::Limits};
use testkit::{TestApp, fixture::client_info, on_both};

use crate::smtp_server::{Behaviour, SmtpServer, free_port};

/// Much longer than a mail takes.
const LONG: Duration = Duration::from_secs(10);

async fn tick(app: &TestApp) -> Report {
    MailSender.tick(&app.cx).await.unwrap()
}

fn done(done: u64) -> Report {
    Report { done, more: false }
}

on_both! {
    async fn a_queued_mail_is_sent_once(app: TestApp) {
        let server = SmtpServer::start(Behaviour::TakesMail).await;
        let app = app.with_mail_server(server.port, LONG);
        app.person("ann").await;
        assert_eq!(tick(&app).await, done(1));
        assert_eq!(tick(&app).await, done(0));
        app.advance(7_200.0);
        assert_eq!(tick(&app).await, done(0));
        let [mail] = &server.mails()[..] else { panic!("{:?}", server.mails()) };
        assert!(mail.contains("\r\nTo: ann@example.org\r\n"), "{mail}");
        assert!(mail.contains("\r\nSubject: Verify your email address for 127.0.0.1\r\n"), "{mail}");
        assert!(mail.contains("\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\n"), "{mail}");
        assert!(mail.contains("text/plain") && mail.contains("text/html"), "{mail}");
        assert_eq!(mail.matches("http://127.0.0.1:4200/verify-email?token=").count(), 2, "{mail}");
        assert!(app.outbox().is_empty());
    }

    async fn a_mail_server_that_is_down_loses_nothing(app: TestApp) {
        let port = free_port().await;
        let app = app.with_mail_server(port, LONG);
        for name in ["ann", "bob", "carl"] {
            app.person(name).await;
        }
        assert_eq!(MailSender.tick(&app.cx).await, Err(Error::Unavailable));
        let server = SmtpServer::at(port, Behaviour::TakesMail).await;
        assert_eq!(tick(&app).await, done(2), "the others are due");
        app.advance(10.0);
        assert_eq!(tick(&app).await, done(1), "the one that was tried is due again after ten seconds");
        assert_eq!(tick(&app).await, done(0));
        assert_eq!(server.recipients(), ["ann@example.org", "bob@example.org", "carl@example.org"]);
    }

    async fn a_slow_mail_server_keeps_no_mail_for_long(app: TestApp) {
        let hanging = SmtpServer::start(Behaviour::Hangs).await;
        let slow = app.with_mail_server(hanging.port, Duration::from_millis(50));
        slow.person("ann").await;
        assert_eq!(MailSender.tick(&slow.cx).await, Err(Error::Unavailable));
        let server = SmtpServer::start(Behaviour::TakesMail).await;
        let app = slow.with_mail_server(server.port, LONG);
        app.advance(9.9);
        assert_eq!(tick(&app).await, done(0));
        app.advance(0.1);
        assert_eq!(tick(&app).await, done(1));
    }

    async fn a_rejected_mail_does_not_block_others(app: TestApp) {
        let server = SmtpServer::start(Behaviour::RejectsBob).await;
        let app = app.with_mail_server(server.port, LONG);
        for name in ["bob", "ann"] {
            app.person(name).await;
        }
        assert_eq!(tick(&app).await, done(1));
        assert_eq!(server.recipients(), ["ann@example.org"]);
        app.advance(86_400.0);
        assert_eq!(tick(&app).await, done(0), "given up after a day");
        let server = SmtpServer::start(Behaviour::TakesMail).await;
        let app = app.with_mail_server(server.port, LONG);
        app.advance(86_400.0);
        assert_eq!(tick(&app).await, done(0));
        assert!(server.mails().is_empty());
    }

    async fn a_mail_whose_answer_is_lost_is_sent_again(app: TestApp) {
        let server = SmtpServer::start(Behaviour::LosesFirstAnswer).await;
        let app = app.with_mail_server(server.port, LONG);
        app.person("ann").await;
        assert_eq!(MailSender.tick(&app.cx).await, Err(Error::Unavailable));
        app.advance(10.0);
        assert_eq!(tick(&app).await, done(1));
        let id = |mail: &String| mail.lines().find(|line| line.starts_with("Message-ID: ")).unwrap().to_owned();
        let ids: Vec<String> = server.mails().iter().map(id).collect();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1], "by which mail servers recognise the repetition");
    }

    async fn two_servers_at_once_send_each_mail_once(app: TestApp) {
        let server = SmtpServer::start(Behaviour::TakesMail).await;
        let app = app.with_mail_server(server.port, LONG);
        let mut expected = Vec::new();
        for name in ["ann", "bob", "carl", "dora", "emil", "fred", "gina", "hugo"] {
            app.person(name).await;
            expected.push(format!("{name}@example.org"));
        }
        let other = Cx { db: Db::open(&app.location, Limits::default()).await.unwrap(), ..app.cx.clone() };
        let (one, two) = tokio::join!(MailSender.tick(&app.cx), MailSender.tick(&other));
        assert_eq!(one.unwrap().done + two.unwrap().done, 8);
        assert_eq!(server.recipients(), expected);
    }

    async fn a_full_batch_asks_for_another_tick(app: TestApp) {
        for number in 0..21 {
            let email = format!("person{number}@example.org");
            // From one address no client may ask as often.
            app.advance(60.0);
            app.person(&format!("person{number}")).await;
            person::request_password_reset(&app.cx, &email, client_info()).await.unwrap();
        }
        assert_eq!(tick(&app).await, Report { done: 20, more: true });
        assert_eq!(tick(&app).await, Report { done: 20, more: true });
        assert_eq!(tick(&app).await, done(2));
        assert_eq!(app.outbox().len(), 42);
    }
}

#[test]
fn a_queued_mail_wakes_the_service() {
    let is_work = MailSender.woken_by().unwrap();
    assert!(is_work(&Change::MailQueued));
    assert!(!is_work(&Change::Stopping));
}
