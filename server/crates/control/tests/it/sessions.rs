//! Browser sessions: what is stored, and when they expire.

use control::{
    Error, access, audit,
    changes::Change,
    person::{self, Password, SignIn},
    session::{self, ReapSessions, Session},
};
use model::audit::AuditEvent;
use store::session::{MAX_SESSIONS_PER_PERSON, SESSION, SessionRow};
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

async fn sign_in_again(app: &TestApp, session: &Session) {
    let form = SignIn { email: "ann@example.org".to_owned(), password: Password::typed(PASSWORD) };
    let signed_in = person::sign_in(&app.cx, form, client_info()).await.unwrap();
    session::begin(session, signed_in, client_info()).await.unwrap();
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
        session.save().await.unwrap();
        assert_eq!(app.same_browser(&session).get::<String>("theme").await.unwrap(), None);
    }

    async fn a_session_keeps_its_data(app: TestApp) {
        let ann = app.person("ann").await;
        ann.session.insert("theme", "dark").await.unwrap();
        ann.session.save().await.unwrap();
        assert_eq!(app.same_browser(&ann.session).get::<String>("theme").await.unwrap().as_deref(), Some("dark"));
        assert!(is_valid(&app, &ann.session).await);
    }

    async fn signing_in_renews_the_session_id_and_drops_its_data(app: TestApp) {
        let ann = app.person("ann").await;
        let before = app.same_browser(&ann.session);
        ann.session.insert("theme", "dark").await.unwrap();
        ann.session.save().await.unwrap();
        sign_in_again(&app, &ann.session).await;
        assert_ne!(ann.session.id(), before.id());
        assert!(!is_valid(&app, &before).await);
        assert!(is_valid(&app, &ann.session).await);
        assert_eq!(app.same_browser(&ann.session).get::<String>("theme").await.unwrap(), None);
    }

    async fn signing_out_ends_the_session_for_good(app: TestApp) {
        let ann = app.person("ann").await;
        let concurrent = app.same_browser(&ann.session);
        concurrent.insert("theme", "dark").await.unwrap();
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
