//! The links in mails: verified addresses, forgotten passwords, changed addresses; and how many mails an address gets.

use std::time::Duration;

use control::{
    Error, access, audit,
    person::{self, ChangePassword, Password, RegisteredInBrowser, Registration, SignIn, SignUp},
};
use model::{audit::AuditEvent, permission::ReadRuns};
use testkit::{
    TestApp, TestUser,
    fixture::{PASSWORD, client_at, client_info},
    on_both,
};

const NEW_PASSWORD: &str = "green heron on the pier";
const INVALID_LINK: Error = Error::Gone("This link has expired or was already used. Ask for a new one.");

store::statements! {
    /// The rows of mails, without their ids and times.
    unscoped MAILS: () => (String, String, String, bool, i64) =
        "SELECT kind, recipient, content, requested, attempts FROM mail ORDER BY recipient, created, kind";
    /// How many people a mail is about.
    unscoped MAILS_OF_PEOPLE: (String,) => (i64,) = "SELECT COUNT(person_id) FROM mail WHERE kind = $1";
    /// The hashes of tokens.
    unscoped TOKEN_HASHES: () => (String,) = "SELECT token_hash FROM mail_token ORDER BY token_hash";
    /// How many mails are stored.
    unscoped STORED_MAILS: () => (i64,) = "SELECT COUNT(*) FROM mail";
}

fn registration(name: &str, email: &str) -> Registration {
    Registration {
        name: name.to_owned(),
        email: email.to_owned(),
        handle: Some(name.to_owned()),
        password: Password::typed(PASSWORD),
    }
}

async fn verify(app: &TestApp, token: &str) -> Result<(), Error> {
    person::verify_email(&app.cx, token, client_info()).await
}

/// Verifies the address of a user by the link of the registration.
async fn verify_registered(app: &TestApp, name: &str) {
    app.send_mail().await;
    verify(app, &app.mailed_token("verify-address", &format!("{name}@example.org"))).await.unwrap();
}

async fn request_reset(app: &TestApp, email: &str) {
    person::request_password_reset(&app.cx, email, client_info()).await.unwrap();
    app.send_mail().await;
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Result<(), Error> {
    person::reset_password(&app.cx, token, Password::typed(password), client_info()).await
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Result<(), Error> {
    let form = SignIn { email: email.to_owned(), password: Password::typed(password) };
    person::sign_in(&app.cx, &app.browser(), &form, client_at("192.0.2.77")).await
}

async fn email_of(app: &TestApp, user: &TestUser) -> (Option<String>, bool) {
    let person = person::person(&app.cx, user.caller).await.unwrap();
    (person.email, person.email_verified)
}

/// The kinds of the mails that were written to the outbox folder for an address.
fn kinds(app: &TestApp, address: &str) -> Vec<String> {
    let to = format!("To: {address}\n");
    let mails = app.outbox().into_iter().filter(|(_, text)| text.starts_with(&to));
    // The name is the time, the kind, and a part of the id.
    mails.map(|(name, _)| name[17..name.len() - 13].to_owned()).collect()
}

/// Leads to a mail server that is never called.
fn with_mail_server(app: &TestApp) -> TestApp {
    app.with_mail_server(9, Duration::from_secs(1))
}

on_both! {
    async fn a_link_verifies_the_address_once(app: TestApp) {
        let ann = app.person("ann").await;
        assert_eq!(email_of(&app, &ann).await, (Some("ann@example.org".to_owned()), false));
        app.send_mail().await;
        let token = app.mailed_token("verify-address", "ann@example.org");
        let hashes = app.cx.db.all(&TOKEN_HASHES, ()).await.unwrap();
        let [(hash,)] = hashes.as_slice() else { panic!("{hashes:?}") };
        assert!(hash.len() == 64 && *hash != token, "only a hash is stored: {hash}");
        assert_eq!(verify(&app, &token).await, Ok(()));
        assert_eq!(email_of(&app, &ann).await, (Some("ann@example.org".to_owned()), true));
        assert_eq!(verify(&app, &token).await, Err(INVALID_LINK), "used");
        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        assert!(log.iter().any(|entry| entry.event == AuditEvent::EmailVerified));
    }

    async fn links_that_were_never_sent_are_rejected(app: TestApp) {
        let made_up = "A".repeat(43);
        for token in ["", "x", &made_up, "../../etc/passwd", &"é".repeat(43), &"A".repeat(9_000)] {
            assert_eq!(verify(&app, token).await, Err(INVALID_LINK), "{token}");
            assert_eq!(reset(&app, token, NEW_PASSWORD).await, Err(INVALID_LINK), "{token}");
        }
    }

    async fn a_link_works_for_its_purpose_only(app: TestApp) {
        app.person("ann").await;
        request_reset(&app, "ann@example.org").await;
        let (verification, for_password) = (
            app.mailed_token("verify-address", "ann@example.org"),
            app.mailed_token("reset-password", "ann@example.org"),
        );
        assert_eq!(verify(&app, &for_password).await, Err(INVALID_LINK));
        assert_eq!(reset(&app, &verification, NEW_PASSWORD).await, Err(INVALID_LINK));
        assert_eq!(verify(&app, &verification).await, Ok(()), "the other attempt did not use it up");
        assert_eq!(reset(&app, &for_password, NEW_PASSWORD).await, Ok(()));
    }

    async fn links_expire(app: TestApp) {
        app.person("ann").await;
        request_reset(&app, "ann@example.org").await;
        let (verification, for_password) = (
            app.mailed_token("verify-address", "ann@example.org"),
            app.mailed_token("reset-password", "ann@example.org"),
        );
        app.advance(1_800.0);
        assert_eq!(reset(&app, &for_password, NEW_PASSWORD).await, Err(INVALID_LINK), "after 30 minutes");
        app.advance(86_400.0 - 1_800.1);
        assert_eq!(verify(&app, &verification).await, Ok(()), "almost 24 hours");
        let bob = app.person("bob").await;
        app.send_mail().await;
        let verification = app.mailed_token("verify-address", "bob@example.org");
        app.advance(86_400.0);
        assert_eq!(verify(&app, &verification).await, Err(INVALID_LINK), "after 24 hours");
        assert!(!email_of(&app, &bob).await.1);
    }

    async fn a_new_link_voids_the_old_one(app: TestApp) {
        let ann = app.person("ann").await;
        app.send_mail().await;
        let old = app.mailed_token("verify-address", "ann@example.org");
        app.advance(60.0);
        person::send_verification(&app.cx, ann.caller, client_info()).await.unwrap();
        app.send_mail().await;
        let new = app.mailed_token("verify-address", "ann@example.org");
        assert_eq!(verify(&app, &old).await, Err(INVALID_LINK));
        assert_eq!(verify(&app, &new).await, Ok(()));
        app.advance(60.0);
        person::send_verification(&app.cx, ann.caller, client_info()).await.unwrap();
        app.send_mail().await;
        assert_eq!(kinds(&app, "ann@example.org"), ["verify-address", "verify-address"], "nothing is left to verify");
    }

    async fn a_reset_request_is_the_same_row_for_unknown_people(app: TestApp) {
        app.person("ann").await;
        app.send_mail().await;
        app.advance(3_601.0);
        for email in ["ann@example.org", "zoe@example.org"] {
            person::request_password_reset(&app.cx, email, client_info()).await.unwrap();
        }
        let rows = app.cx.db.all(&MAILS, ()).await.unwrap();
        let [(_, _, _, _, 1), ann, zoe] = rows.as_slice() else { panic!("{rows:?}") };
        let of = |email: &str| ("reset-password".to_owned(), email.to_owned(), "\"ResetPassword\"".to_owned(), true, 0);
        assert_eq!((ann, zoe), (&of("ann@example.org"), &of("zoe@example.org")));
        let (of_people,) = app.cx.db.optional(&MAILS_OF_PEOPLE, ("reset-password",)).await.unwrap().unwrap();
        assert_eq!(of_people, 0, "neither names a person");
        app.send_mail().await;
        assert_eq!(kinds(&app, "zoe@example.org"), [""; 0]);
        assert_eq!(kinds(&app, "ann@example.org"), ["verify-address", "reset-password"]);
    }

    async fn a_reset_ends_all_sessions_and_verifies_the_address(app: TestApp) {
        let ann = app.person("ann").await;
        request_reset(&app, "Ann@Example.org").await;
        let token = app.mailed_token("reset-password", "ann@example.org");
        let short = reset(&app, &token, "short").await;
        assert!(matches!(short, Err(Error::Invalid(_))), "{short:?}");
        assert_eq!(reset(&app, &token, NEW_PASSWORD).await, Ok(()), "a rejected password does not use the link up");
        assert_eq!(reset(&app, &token, NEW_PASSWORD).await, Err(INVALID_LINK));
        assert_eq!(
            access::authenticate_session(&app.same_browser(&ann.session)).await,
            Err(Error::Unauthenticated),
        );
        assert!(sign_in(&app, "ann@example.org", PASSWORD).await.is_err());
        assert_eq!(sign_in(&app, "ann@example.org", NEW_PASSWORD).await, Ok(()));
        assert_eq!(email_of(&app, &ann).await, (Some("ann@example.org".to_owned()), true));
        app.send_mail().await;
        assert!(kinds(&app, "ann@example.org").contains(&"password-changed".to_owned()));
    }

    async fn an_address_gets_three_requested_mails_an_hour(app: TestApp) {
        app.person("ann").await;
        for _ in 0..5 {
            request_reset(&app, "ann@example.org").await;
            request_reset(&app, "zoe@example.org").await;
        }
        assert_eq!(kinds(&app, "ann@example.org").len(), 3, "with the one of the registration");
        let rows = app.cx.db.all(&MAILS, ()).await.unwrap();
        assert_eq!(rows.len(), 6, "as many for an unknown address: {rows:?}");
        app.advance(3_601.0);
        request_reset(&app, "ann@example.org").await;
        assert_eq!(kinds(&app, "ann@example.org").len(), 4);
        control::mail::reap(&app.cx, 100).await.unwrap();
        assert_eq!(app.cx.db.optional(&STORED_MAILS, ()).await.unwrap(), Some((1,)), "the others count no more");
    }

    async fn requests_of_strangers_suppress_no_notice(app: TestApp) {
        let ann = app.person("ann").await;
        for _ in 0..4 {
            request_reset(&app, "ann@example.org").await;
        }
        let change = ChangePassword { current: Password::typed(PASSWORD), new: Password::typed(NEW_PASSWORD) };
        person::change_password(&app.cx, ann.caller, change, client_info()).await.unwrap();
        app.send_mail().await;
        assert!(kinds(&app, "ann@example.org").contains(&"password-changed".to_owned()));
    }

    async fn one_client_asks_for_few_mails(app: TestApp) {
        let mut results = Vec::new();
        for number in 0..30 {
            let email = format!("person{number}@example.org");
            results.push(person::request_password_reset(&app.cx, &email, client_at("198.51.100.7")).await);
        }
        assert!(matches!(results.last(), Some(Err(Error::TooManyRequests { .. }))), "{results:?}");
    }

    async fn the_owner_of_an_address_takes_it_from_who_claims_it(app: TestApp) {
        // Mallory registers first, with the address of Ann, and never verifies it.
        let registered = person::register(&app.cx, None, registration("mallory", "ann@example.org"), client_info()).await;
        let mallory = registered.unwrap();
        let ann = app.person("other").await;
        verify_registered(&app, "other").await;
        let claimed = app.mailed_token("verify-address", "ann@example.org");
        person::change_email(&app.cx, ann.caller, "ann@example.org", client_info()).await.unwrap();
        app.send_mail().await;
        verify(&app, &app.mailed_token("confirm-address", "ann@example.org")).await.unwrap();
        assert_eq!(email_of(&app, &ann).await, (Some("ann@example.org".to_owned()), true));
        assert_eq!(sign_in(&app, "ann@example.org", PASSWORD).await, Ok(()), "Ann's password, at her new address");
        assert!(sign_in(&app, "other@example.org", PASSWORD).await.is_err());
        let shell = access::authenticate_shell(&app.cx, &mallory.account.handle).await.unwrap();
        assert!(!person::person(&app.cx, shell).await.unwrap().email_verified);
        let conflict = Error::Conflict("This address belongs to another account.".to_owned());
        assert_eq!(verify(&app, &claimed).await, Err(conflict));
        let refused = person::register(&app.cx, None, registration("eve", "ann@example.org"), client_info()).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }

    async fn both_addresses_are_told_of_a_change(app: TestApp) {
        let ann = app.person("ann").await;
        verify_registered(&app, "ann").await;
        person::change_email(&app.cx, ann.caller, "ann@example.net", client_info()).await.unwrap();
        app.send_mail().await;
        assert_eq!(kinds(&app, "ann@example.org"), ["address-change", "verify-address"]);
        assert_eq!(email_of(&app, &ann).await, (Some("ann@example.org".to_owned()), true), "until the new one is verified");
        assert_eq!(sign_in(&app, "ann@example.org", PASSWORD).await, Ok(()));
        let token = app.mailed_token("confirm-address", "ann@example.net");
        assert_eq!(verify(&app, &token).await, Ok(()));
        assert_eq!(verify(&app, &token).await, Err(INVALID_LINK));
        assert_eq!(email_of(&app, &ann).await, (Some("ann@example.net".to_owned()), true));
        assert_eq!(sign_in(&app, "ann@example.net", PASSWORD).await, Ok(()));
        assert!(sign_in(&app, "ann@example.org", PASSWORD).await.is_err());
        assert!(matches!(
            person::change_email(&app.cx, ann.caller, "ann@example.net", client_info()).await,
            Err(Error::Invalid(_))
        ));
    }

    async fn a_change_of_the_address_needs_a_recent_proof(app: TestApp) {
        let ann = app.person("ann").await;
        app.advance(601.0);
        let refused = person::change_email(&app.cx, ann.caller, "ann@example.net", client_info()).await;
        assert_eq!(refused, Err(Error::ProofRequired));
    }

    async fn a_new_password_voids_a_change_of_the_address(app: TestApp) {
        let ann = app.person("ann").await;
        person::change_email(&app.cx, ann.caller, "mallory@example.net", client_info()).await.unwrap();
        app.send_mail().await;
        let token = app.mailed_token("confirm-address", "mallory@example.net");
        person::change_email(&app.cx, ann.caller, "eve@example.net", client_info()).await.unwrap();
        assert_eq!(verify(&app, &token).await, Err(INVALID_LINK), "replaced by the later request");
        let change = ChangePassword { current: Password::typed(PASSWORD), new: Password::typed(NEW_PASSWORD) };
        person::change_password(&app.cx, ann.caller, change, client_info()).await.unwrap();
        app.send_mail().await;
        assert_eq!(kinds(&app, "eve@example.net"), [""; 0], "the mail that waited was not sent");
    }

    async fn registering_tells_nothing_if_mail_reaches_people(app: TestApp) {
        app.person("ann").await;
        let mail = with_mail_server(&app);
        let register = async |name: &str, email: &str| {
            let browser = app.browser();
            let result = person::register_in_browser(&mail.cx, &browser, registration(name, email), client_info()).await;
            (result, access::authenticate_session(&browser).await)
        };
        let known = register("second", "ann@example.org").await;
        let new = register("bob", "bob@example.org").await;
        assert_eq!(known, (Ok(RegisteredInBrowser::CheckInbox), Err(Error::Unauthenticated)));
        assert_eq!(known, new);
        for email in ["ann@example.org", "zoe@example.org"] {
            let (taken, _) = register("ann", email).await;
            assert!(matches!(&taken, Err(Error::Invalid(fields)) if fields[0].loc == ["handle"]), "{taken:?}");
        }
        app.send_mail().await;
        assert_eq!(kinds(&app, "ann@example.org"), ["account-exists", "verify-address"]);
        assert_eq!(kinds(&app, "bob@example.org"), ["verify-address"]);
        assert_eq!(sign_in(&app, "bob@example.org", PASSWORD).await, Ok(()));
        let text = app.outbox().into_values().find(|text| text.contains("already have an account")).unwrap();
        assert!(!text.contains("token="), "{text}");
    }

    async fn registering_signs_in_if_mail_reaches_nobody(app: TestApp) {
        let browser = app.browser();
        let result = person::register_in_browser(&app.cx, &browser, registration("ann", "ann@example.org"), client_info());
        assert_eq!(result.await, Ok(RegisteredInBrowser::SignedIn));
        assert!(access::authenticate_session(&browser).await.is_ok());
        let taken = registration("second", "ann@example.org");
        let taken = person::register_in_browser(&app.cx, &app.browser(), taken, client_info()).await;
        assert!(matches!(&taken, Err(Error::Invalid(fields)) if fields[0].loc == ["email"]), "{taken:?}");
    }

    async fn under_domains_only_verified_people_do_anything(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace = app.workspace(&ann, "runs").await;
        let key = app.key(&ann, "laptop").await;
        let domains = app.with(|settings| settings.sign_up = SignUp::Domains(vec!["example.org".to_owned()]));
        let may_call = async |app: &TestApp| {
            let authorized = access::authorize_key::<ReadRuns>(&app.cx, &key.secret, workspace).await.map(|_| ());
            assert_eq!(access::authenticate_key(&app.cx, &key.secret).await.map(|_| ()), authorized);
            assert_eq!(access::require_verified_address(&app.cx, ann.caller).await, authorized);
            authorized
        };
        assert_eq!(may_call(&app).await, Ok(()));
        assert_eq!(may_call(&domains).await, Err(Error::AddressUnverified));
        verify_registered(&app, "ann").await;
        assert_eq!(may_call(&domains).await, Ok(()));
    }

    async fn a_mail_of_a_write_that_is_rolled_back_is_not_sent(app: TestApp) {
        let ann = app.person("ann").await;
        app.send_mail().await;
        app.execute_raw("UPDATE person SET email = 'poison'").await;
        app.poison("INSERT", "mail", "recipient").await;
        let change = ChangePassword { current: Password::typed(PASSWORD), new: Password::typed(NEW_PASSWORD) };
        assert!(person::change_password(&app.cx, ann.caller, change, client_info()).await.is_err());
        app.remove_poison("mail").await;
        app.send_mail().await;
        assert_eq!(app.outbox().len(), 1, "the one of the registration");
        assert_eq!(sign_in(&app, "ann@example.org", PASSWORD).await, Ok(()), "the password was not changed");
    }
}
