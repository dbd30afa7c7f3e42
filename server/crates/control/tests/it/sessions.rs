//! Browser sessions: how they begin, what is stored, and when they expire.

use std::{sync::Arc, time::Duration};

use control::{
    Cx, Error, access, audit,
    changes::Change,
    person::{self, Password, ProviderAccount, Registration, SignIn},
    session::{self, ReapSessions, Session},
};
use identity::{Cost, Hasher};
use model::audit::AuditEvent;
use store::{
    identity::PASSWORD_BY_EMAIL,
    session::{MAX_SESSIONS_PER_PERSON, SESSION, SessionRow},
};
use testkit::{
    TestApp, TestUser,
    app::start,
    fixture::{PASSWORD, client_info},
    on_both,
};

const DAY: f64 = 86_400.0;

async fn stored(app: &TestApp, who: &TestUser) -> Option<SessionRow> {
    app.cx.db.optional(&SESSION, (who.caller.session().unwrap(),)).await.unwrap()
}

async fn is_valid(app: &TestApp, session: &Session) -> bool {
    match access::authenticate_session(&app.same_browser(session)).await {
        Ok(_) => true,
        Err(Error::Unauthenticated) => false,
        Err(other) => panic!("{other:?}"),
    }
}

async fn sign_in(app: &TestApp, session: &Session) -> Result<(), Error> {
    let form = SignIn { email: "ann@example.org".to_owned(), password: Password::typed(PASSWORD) };
    person::sign_in(&app.cx, session, &form, client_info()).await
}

async fn sign_in_again(app: &TestApp, session: &Session) {
    sign_in(app, session).await.unwrap();
}

/// How many records of this event the person's accounts have.
async fn recorded(app: &TestApp, who: &TestUser, event: AuditEvent) -> usize {
    let log = audit::recent(&app.cx, who.caller).await.unwrap();
    log.iter().filter(|entry| entry.event == event).count()
}

on_both! {
    async fn a_session_is_stored_with_only_the_hash_of_its_id(app: TestApp) {
        let ann = app.person("ann").await;
        let row = stored(&app, &ann).await.unwrap();
        assert_eq!((row.person_id, row.address), (ann.person.id, client_info().address));
        assert_eq!((row.created, row.last_seen), (start(), start()));
        let id = ann.session.id().unwrap().to_string();
        assert!(!format!("{row:?}").contains(&id));
    }

    async fn an_unused_session_expires_after_fourteen_days(app: TestApp) {
        let ann = app.person("ann").await;
        app.advance(14.0 * DAY - 1.0);
        assert!(is_valid(&app, &ann.session).await);
        app.advance(14.0 * DAY - 1.0);
        assert!(is_valid(&app, &ann.session).await, "using a session extends it");
        app.advance(14.0 * DAY);
        assert!(!is_valid(&app, &ann.session).await);
        assert!(!access::is_still_valid(&app.cx, ann.caller).await.unwrap());
    }

    async fn a_used_session_expires_after_ninety_days(app: TestApp) {
        let ann = app.person("ann").await;
        for _ in 0..8 {
            app.advance(10.0 * DAY);
            assert!(is_valid(&app, &ann.session).await);
        }
        app.advance(10.0 * DAY - 1.0);
        assert!(is_valid(&app, &ann.session).await);
        app.advance(1.0);
        assert!(!is_valid(&app, &ann.session).await);
    }

    async fn the_last_use_is_written_at_most_once_a_minute(app: TestApp) {
        let ann = app.person("ann").await;
        app.advance(59.0);
        assert!(is_valid(&app, &ann.session).await);
        assert_eq!(stored(&app, &ann).await.unwrap().last_seen, start());
        app.advance(1.0);
        assert!(is_valid(&app, &ann.session).await);
        assert_eq!(stored(&app, &ann).await.unwrap().last_seen, start().plus_seconds(60.0));
    }

    async fn an_anonymous_session_is_not_stored(app: TestApp) {
        let session = app.browser();
        session.insert("theme", "dark").await.unwrap();
        session.save().await.unwrap_err();
        assert_eq!(session.id(), None);
        // A session begins only by signing in, whatever person its data names.
        let ann = app.person("ann").await;
        session.clear().await;
        session.insert("person", ann.person.id).await.unwrap();
        session.save().await.unwrap_err();
        assert_eq!(access::authenticate_session(&session).await, Err(Error::Unauthenticated));
    }

    async fn a_session_rejects_data_that_it_would_not_store(app: TestApp) {
        let ann = app.person("ann").await;
        ann.session.insert("theme", "dark").await.unwrap();
        ann.session.save().await.unwrap_err();
        let later = app.same_browser(&ann.session);
        assert_eq!(later.get::<String>("theme").await.unwrap(), None);
        assert_eq!(access::authenticate_session(&later).await, Ok(ann.caller));
    }

    async fn signing_in_renews_the_session_id_and_drops_its_data(app: TestApp) {
        let ann = app.person("ann").await;
        let before = app.same_browser(&ann.session);
        ann.session.insert("theme", "dark").await.unwrap();
        sign_in_again(&app, &ann.session).await;
        assert_ne!(ann.session.id(), before.id());
        assert!(!is_valid(&app, &before).await);
        assert!(is_valid(&app, &ann.session).await);
        assert_eq!(ann.session.get::<String>("theme").await.unwrap(), None);
    }

    async fn the_id_of_an_ended_session_is_not_used_again(app: TestApp) {
        let ann = app.person("ann").await;
        let stale = app.same_browser(&ann.session);
        session::sign_out(&app.cx, &ann.session, client_info()).await.unwrap();
        let planted = app.same_browser(&stale);
        sign_in_again(&app, &planted).await;
        assert_ne!(planted.id(), stale.id());
        assert!(!is_valid(&app, &stale).await);
        assert!(is_valid(&app, &planted).await);
    }

    async fn a_sign_in_that_fails_in_part_changes_nothing(app: TestApp) {
        let ann = app.person("ann").await;
        let secret = async || app.cx.db.optional(&PASSWORD_BY_EMAIL, ("ann@example.org",)).await.unwrap().unwrap().secret;
        let before = secret().await;
        let stronger = Hasher::new(Cost { memory_kib: 128, passes: 1, lanes: 1 }).unwrap();
        let app = TestApp { cx: Cx { hasher: Arc::new(stronger), ..app.cx.clone() }, ..app };
        let (anonymous, signed_in) = (app.browser(), app.same_browser(&ann.session));

        app.execute_raw("ALTER TABLE session RENAME TO gone").await;
        assert_eq!(sign_in(&app, &anonymous).await, Err(Error::Internal));
        app.execute_raw("ALTER TABLE gone RENAME TO session").await;
        let slow = app.with_write_limit(Duration::ZERO).await;
        assert!(matches!(sign_in(&slow, &signed_in).await, Err(Error::TooManyRequests { .. })));

        assert_eq!(secret().await, before);
        assert_eq!(recorded(&app, &ann, AuditEvent::SignedIn).await, 0);
        assert_eq!((anonymous.id(), anonymous.is_modified()), (None, false));
        assert!(!signed_in.is_modified());
        assert_eq!(access::authenticate_session(&signed_in).await, Ok(ann.caller), "the browser keeps its session");

        sign_in_again(&app, &anonymous).await;
        assert_ne!(secret().await, before);
        assert_eq!(recorded(&app, &ann, AuditEvent::SignedIn).await, 1);
    }

    async fn a_registration_whose_session_fails_adds_no_person(app: TestApp) {
        let registration = || Registration {
            name: "Ann".to_owned(),
            email: "ann@example.org".to_owned(),
            handle: None,
            password: Password::typed(PASSWORD),
        };
        let browser = app.browser();
        app.execute_raw("ALTER TABLE session RENAME TO gone").await;
        let failed = person::register(&app.cx, Some(&browser), registration(), client_info()).await;
        app.execute_raw("ALTER TABLE gone RENAME TO session").await;
        assert_eq!((failed, browser.id()), (Err(Error::Internal), None));
        let registered = person::register(&app.cx, Some(&browser), registration(), client_info()).await.unwrap();
        assert_eq!(access::authenticate_session(&browser).await.unwrap().person(), registered.person.id);
    }

    async fn a_providers_account_signs_its_person_in(app: TestApp) {
        let ann = app.person("ann").await;
        let account = |subject| ProviderAccount::new("github", subject).unwrap();
        let connect = |user: &TestUser, subject| {
            person::connect_provider(&app.cx, user.caller, account(subject), client_info())
        };
        connect(&ann, "1").await.unwrap();
        assert!(person::verify_provider(&app.cx, &account("2")).await.unwrap().is_none());
        assert!(matches!(connect(&app.person("bob").await, "1").await, Err(Error::Conflict(_))));
        let key = app.key(&ann, "laptop").await;
        let by_key = access::authenticate_key(&app.cx, &key.secret).await.unwrap();
        let refused = person::connect_provider(&app.cx, by_key, account("2"), client_info()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");

        let verified = async || person::verify_provider(&app.cx, &account("1")).await.unwrap().unwrap();
        let (browser, late) = (app.same_browser(&ann.session), app.browser());
        session::begin(&app.cx, &browser, verified().await, client_info()).await.unwrap();
        let caller = access::authenticate_session(&app.same_browser(&browser)).await.unwrap();
        assert_eq!(caller.person(), ann.person.id);
        assert!(!is_valid(&app, &ann.session).await, "the browser's previous session ends");
        assert_eq!(recorded(&app, &ann, AuditEvent::SignedIn).await, 1);
        assert_eq!(recorded(&app, &ann, AuditEvent::ProviderConnected).await, 1);

        let verified = verified().await;
        app.execute_raw("DELETE FROM identity WHERE provider = 'github'").await;
        assert_eq!(session::begin(&app.cx, &late, verified, client_info()).await, Err(Error::Unauthenticated));
        assert_eq!((late.id(), recorded(&app, &ann, AuditEvent::SignedIn).await), (None, 1));
    }

    async fn signing_out_ends_the_session_for_good(app: TestApp) {
        let ann = app.person("ann").await;
        let concurrent = app.same_browser(&ann.session);
        assert!(access::authenticate_session(&concurrent).await.is_ok());
        let mut changes = app.changes_of(ann.person.id);

        session::sign_out(&app.cx, &app.same_browser(&ann.session), client_info()).await.unwrap();
        assert_eq!(changes.try_recv(), Ok(vec![Change::SessionsEnded { person: ann.person.id }]));
        concurrent.save().await.unwrap();
        assert!(!is_valid(&app, &ann.session).await, "a concurrent request does not restore it");
        assert!(!access::is_still_valid(&app.cx, ann.caller).await.unwrap());
        assert_eq!(session::sign_out(&app.cx, &app.browser(), client_info()).await, Err(Error::Unauthenticated));
        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        assert!(log.iter().any(|entry| entry.event == AuditEvent::SignedOut));
    }

    async fn a_session_beyond_the_limit_ends_the_oldest(app: TestApp) {
        let ann = app.person("ann").await;
        let mut newest = None;
        for _ in 0..MAX_SESSIONS_PER_PERSON {
            assert!(is_valid(&app, &ann.session).await);
            app.advance(0.001);
            let session = app.browser();
            sign_in_again(&app, &session).await;
            newest = Some(session);
        }
        assert!(!is_valid(&app, &ann.session).await);
        assert!(is_valid(&app, &newest.unwrap()).await);
    }

    async fn expired_sessions_are_reaped_in_batches(app: TestApp) {
        let ann = app.person("ann").await;
        for _ in 0..4 {
            sign_in_again(&app, &app.browser()).await;
        }
        app.advance(10.0 * DAY);
        let fresh = app.browser();
        sign_in_again(&app, &fresh).await;
        app.advance(4.0 * DAY);
        let reap = || app.cx.db.write(ReapSessions { now: app.cx.clock.now(), max_rows: 3 });
        assert_eq!((reap().await, reap().await, reap().await), (Ok(3), Ok(2), Ok(0)));
        assert!(stored(&app, &ann).await.is_none());
        assert!(is_valid(&app, &fresh).await);
    }
}
