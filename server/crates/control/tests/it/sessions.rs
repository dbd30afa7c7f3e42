//! Sessions of browsers: what is stored of them and when they are over.

use control::{
    Error, access, audit,
    bus::Change,
    person::{self, Password, SignIn},
    session::{self, ReapSessions, Session},
};
use model::audit::AuditEvent;
use store::session::{MOST_OF_PERSON, SESSION, SessionRow};
use testkit::{
    Kit, Somebody,
    fixture::{PASSWORD, origin},
    kit::start,
    on_both,
};

const DAY: f64 = 86_400.0;

async fn stored(kit: &Kit, who: &Somebody) -> Option<SessionRow> {
    kit.cx.db.optional(&SESSION, (who.caller.session().unwrap(),)).await.unwrap()
}

async fn is_good(kit: &Kit, session: &Session) -> bool {
    match access::by_session(&kit.same_browser(session)).await {
        Ok(_) => true,
        Err(Error::Unauthenticated) => false,
        Err(other) => panic!("{other:?}"),
    }
}

async fn sign_in_again(kit: &Kit, session: &Session) {
    let given = SignIn { email: "ann@example.org".to_owned(), password: Password::typed(PASSWORD) };
    let signed_in = person::sign_in(&kit.cx, given, origin()).await.unwrap();
    session::begin(session, signed_in, origin()).await.unwrap();
}

on_both! {
    async fn of_a_session_its_person_times_and_address_are_stored_and_of_its_id_only_the_hash(kit: Kit) {
        let ann = kit.person("ann").await;
        let row = stored(&kit, &ann).await.unwrap();
        assert_eq!((row.person_id, row.address), (ann.person.id, origin().address));
        assert_eq!((row.created, row.last_seen), (start(), start()));
        let id = ann.session.id().unwrap().to_string();
        assert!(!format!("{row:?}").contains(&id));
    }

    async fn an_unused_session_is_over_after_fourteen_days(kit: Kit) {
        let ann = kit.person("ann").await;
        kit.advance(14.0 * DAY - 1.0);
        assert!(is_good(&kit, &ann.session).await);
        kit.advance(14.0 * DAY - 1.0);
        assert!(is_good(&kit, &ann.session).await, "being used keeps it");
        kit.advance(14.0 * DAY);
        assert!(!is_good(&kit, &ann.session).await);
        assert!(!access::still_holds(&kit.cx, ann.caller).await.unwrap());
    }

    async fn a_session_is_over_after_ninety_days_however_much_it_is_used(kit: Kit) {
        let ann = kit.person("ann").await;
        for _ in 0..8 {
            kit.advance(10.0 * DAY);
            assert!(is_good(&kit, &ann.session).await);
        }
        kit.advance(10.0 * DAY - 1.0);
        assert!(is_good(&kit, &ann.session).await);
        kit.advance(1.0);
        assert!(!is_good(&kit, &ann.session).await);
    }

    async fn the_last_use_is_written_at_most_once_a_minute(kit: Kit) {
        let ann = kit.person("ann").await;
        kit.advance(59.0);
        assert!(is_good(&kit, &ann.session).await);
        assert_eq!(stored(&kit, &ann).await.unwrap().last_seen, start());
        kit.advance(1.0);
        assert!(is_good(&kit, &ann.session).await);
        assert_eq!(stored(&kit, &ann).await.unwrap().last_seen, start().plus_seconds(60.0));
    }

    async fn a_session_of_nobody_is_not_stored(kit: Kit) {
        let session = kit.browser();
        session.insert("theme", "dark").await.unwrap();
        session.save().await.unwrap();
        assert_eq!(kit.same_browser(&session).get::<String>("theme").await.unwrap(), None);
    }

    async fn what_a_session_carries_is_kept(kit: Kit) {
        let ann = kit.person("ann").await;
        ann.session.insert("theme", "dark").await.unwrap();
        ann.session.save().await.unwrap();
        assert_eq!(kit.same_browser(&ann.session).get::<String>("theme").await.unwrap().as_deref(), Some("dark"));
        assert!(is_good(&kit, &ann.session).await);
    }

    async fn signing_in_gives_a_session_a_new_id_and_empties_it(kit: Kit) {
        let ann = kit.person("ann").await;
        let before = kit.same_browser(&ann.session);
        ann.session.insert("theme", "dark").await.unwrap();
        ann.session.save().await.unwrap();
        sign_in_again(&kit, &ann.session).await;
        assert_ne!(ann.session.id(), before.id());
        assert!(!is_good(&kit, &before).await);
        assert!(is_good(&kit, &ann.session).await);
        assert_eq!(kit.same_browser(&ann.session).get::<String>("theme").await.unwrap(), None);
    }

    async fn signing_out_ends_the_session_for_good(kit: Kit) {
        let ann = kit.person("ann").await;
        let under_way = kit.same_browser(&ann.session);
        under_way.insert("theme", "dark").await.unwrap();
        let mut bus = kit.cx.bus.listen();

        session::sign_out(&kit.cx, &kit.same_browser(&ann.session), origin()).await.unwrap();
        assert_eq!(bus.try_recv(), Ok(Change::SessionsEnded { person: ann.person.id }));
        under_way.save().await.unwrap();
        assert!(!is_good(&kit, &ann.session).await, "a request that was under way does not bring it back");
        assert!(!access::still_holds(&kit.cx, ann.caller).await.unwrap());
        assert_eq!(session::sign_out(&kit.cx, &kit.browser(), origin()).await, Err(Error::Unauthenticated));
        let log = audit::recent(&kit.cx, ann.caller).await.unwrap();
        assert!(log.iter().any(|entry| entry.event == AuditEvent::SignedOut));
    }

    async fn with_one_session_too_many_the_oldest_ends(kit: Kit) {
        let ann = kit.person("ann").await;
        let mut newest = None;
        for _ in 0..MOST_OF_PERSON {
            assert!(is_good(&kit, &ann.session).await);
            kit.advance(0.001);
            let session = kit.browser();
            sign_in_again(&kit, &session).await;
            newest = Some(session);
        }
        assert!(!is_good(&kit, &ann.session).await);
        assert!(is_good(&kit, &newest.unwrap()).await);
    }

    async fn sessions_that_are_over_are_reaped_a_few_at_a_time(kit: Kit) {
        let ann = kit.person("ann").await;
        for _ in 0..4 {
            sign_in_again(&kit, &kit.browser()).await;
        }
        kit.advance(10.0 * DAY);
        let fresh = kit.browser();
        sign_in_again(&kit, &fresh).await;
        kit.advance(4.0 * DAY);
        let reap = || kit.cx.db.write(ReapSessions { now: kit.cx.clock.now(), most: 3 });
        assert_eq!((reap().await, reap().await, reap().await), (Ok(3), Ok(2), Ok(0)));
        assert!(stored(&kit, &ann).await.is_none());
        assert!(is_good(&kit, &fresh).await);
    }
}
