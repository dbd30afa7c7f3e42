//! Registration, sign-in, passwords.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use control::{
    Cx, Error, access, account, audit,
    changes::Change,
    person::{self, ChangePassword, Password, Registration, SignIn},
    session::{self, Session, Verified},
};
use identity::{Cost, Hasher};
use model::audit::AuditEvent;
use store::identity::PASSWORD_BY_EMAIL;
use testkit::{
    TestApp,
    fixture::{PASSWORD, client_at, client_info},
    on_both,
};

store::statements! {
    /// How many audit records there are.
    unscoped AUDIT_RECORDS: () => (i64,) = "SELECT COUNT(*) FROM audit";
}

/// Waits for so many audit records, since some are inserted after the response. Returns how many there are.
async fn audit_records(app: &TestApp, expected: i64) -> i64 {
    let count = async || app.cx.db.optional(&AUDIT_RECORDS, ()).await.unwrap().unwrap().0;
    let enough = async { while count().await < expected {} };
    tokio::time::timeout(Duration::from_secs(20), enough).await.expect("the audit records are inserted in time");
    count().await
}

fn registration(name: &str, email: &str, handle: Option<&str>) -> Registration {
    Registration {
        name: name.to_owned(),
        email: email.to_owned(),
        handle: handle.map(str::to_owned),
        password: Password::typed(PASSWORD),
    }
}

async fn register(
    app: &TestApp,
    name: &str,
    email: &str,
    handle: Option<&str>,
) -> Result<String, Vec<(String, String)>> {
    let registered = person::register(&app.cx, None, registration(name, email, handle), client_info()).await;
    registered.map(|registered| registered.account.handle.to_string()).map_err(field_errors)
}

fn field_errors(error: Error) -> Vec<(String, String)> {
    match error {
        Error::Invalid(invalid) => invalid.into_iter().map(|one| (one.loc.join("."), one.message)).collect(),
        other => panic!("not a validation error: {other:?}"),
    }
}

fn fields(error: Error) -> Vec<String> {
    field_errors(error).into_iter().map(|(field, _)| field).collect()
}

fn form(email: &str, password: &str) -> SignIn {
    SignIn { email: email.to_owned(), password: Password::typed(password) }
}

/// Signs a new browser in.
async fn sign_in(cx: &Cx, email: &str, password: &str, address: &str) -> Result<access::Caller, Error> {
    let browser = Session::new(None, Arc::new(session::sessions(cx)), None);
    person::sign_in(cx, &browser, &form(email, password), client_at(address)).await?;
    access::authenticate_session(&browser).await
}

async fn verify(cx: &Cx, email: &str) -> Verified {
    person::verify_password(cx, &form(email, PASSWORD), client_at("192.0.2.9")).await.unwrap()
}

/// The same context with stronger hashes than those of the fixture.
fn with_stronger_hashes(cx: &Cx) -> Cx {
    let stronger = Hasher::new(Cost { memory_kib: 128, passes: 1, lanes: 1 }).unwrap();
    Cx { hasher: Arc::new(stronger), ..cx.clone() }
}

async fn change(app: &TestApp, caller: access::Caller, current: &str, new: &str) -> Result<(), Error> {
    let change = ChangePassword { current: Password::typed(current), new: Password::typed(new) };
    person::change_password(&app.cx, caller, change, client_info()).await
}

on_both! {
    async fn registering_creates_a_person_with_their_own_account(app: TestApp) {
        let ann = app.person("ann").await;
        let person = person::person(&app.cx, ann.caller).await.unwrap();
        assert_eq!(person, ann.person);
        assert_eq!((person.name.as_str(), person.email.as_deref()), ("ann", Some("ann@example.org")));
        assert_eq!(account::list(&app.cx, ann.caller).await.unwrap(), std::slice::from_ref(&ann.account));

        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        let [entry] = log.as_slice() else { panic!("{log:?}") };
        assert_eq!((entry.event, entry.person_id), (AuditEvent::Registered, Some(person.id)));
        assert_eq!((entry.account_id, entry.address), (Some(ann.account.id), client_info().address));
    }

    async fn a_form_returns_all_errors_at_once(app: TestApp) {
        let registration = Registration { password: Password::typed("short"), ..registration(" ", "ann", Some("Ann!")) };
        let refused = person::register(&app.cx, None, registration, client_info()).await.unwrap_err();
        assert_eq!(fields(refused), ["name", "email", "handle", "password"]);

        let refused = register(&app, "a\0b", "ann@example.org", None).await.unwrap_err();
        assert_eq!(refused, [("name".to_owned(), "Control characters are not allowed here.".to_owned())]);
        let refused = register(&app, "日本", "ann@example.org", None).await.unwrap_err();
        assert_eq!(refused, [("handle".to_owned(), "Enter a handle, because one can’t be made from this name.".to_owned())]);
        assert_eq!(register(&app, "日本", "ann@example.org", Some("nihon")).await.unwrap(), "nihon");
    }

    async fn a_taken_email_address_is_reported(app: TestApp) {
        app.person("ann").await;
        let refused = register(&app, "Another", " ANN@example.org", None).await.unwrap_err();
        assert_eq!(refused[0].0, "email");
        assert!(refused[0].1.contains("already has an account"), "{refused:?}");
    }

    async fn a_taken_handle_is_rejected_if_typed_else_numbered(app: TestApp) {
        app.person("ann").await;
        let refused = register(&app, "Ann", "ann@example.com", Some("ann")).await.unwrap_err();
        assert_eq!(refused, [("handle".to_owned(), "ann is taken. ann-2 is available.".to_owned())]);
        assert_eq!(register(&app, "Ann", "ann@example.com", None).await.unwrap(), "ann-2");
        assert_eq!(register(&app, "Ann", "ann@example.net", None).await.unwrap(), "ann-3");
        let refused = register(&app, "Ann", "a@example.net", Some("settings")).await.unwrap_err();
        assert_eq!(refused, [("handle".to_owned(), "settings is reserved. settings-2 is available.".to_owned())]);
        assert_eq!(register(&app, "API", "api@example.net", None).await.unwrap(), "api-2");
    }

    async fn concurrent_registrations_never_share_email_or_handle(app: TestApp) {
        let same_address = |n: usize| {
            let app = app.clone();
            async move { register(&app, &format!("Ann {n}"), "ann@example.org", None).await }
        };
        let outcomes = all((0..8).map(same_address)).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.iter().flat_map(|outcome| outcome.as_ref().err()).all(|refused| refused[0].0 == "email"));

        let same_name = |n: usize| {
            let app = app.clone();
            async move { register(&app, "Bob", &format!("bob{n}@example.org"), None).await }
        };
        let mut handles: Vec<String> = all((0..5).map(same_name)).await.into_iter().map(Result::unwrap).collect();
        handles.sort_unstable();
        assert_eq!(handles, ["bob", "bob-2", "bob-3", "bob-4", "bob-5"]);
    }

    async fn a_failed_sign_in_is_the_same_for_unknown_people(app: TestApp) {
        let ann = app.person("ann").await;
        let known = sign_in(&app.cx, "ann@example.org", "violet otter lamb", "192.0.2.1").await;
        let unknown = sign_in(&app.cx, "bob@example.org", "violet otter lamb", "192.0.2.2").await;
        assert_eq!(known, unknown);
        assert_eq!(fields(known.unwrap_err()), ["password"]);
        assert_eq!(fields(sign_in(&app.cx, "ann", PASSWORD, "192.0.2.1").await.unwrap_err()), ["email"]);

        let signed_in = sign_in(&app.cx, "Ann@Example.org ", PASSWORD, "192.0.2.1").await.unwrap();
        assert_eq!(signed_in.person(), ann.person.id);
        assert_eq!(audit_records(&app, 3).await, 3, "unknown people have no audit record");
        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        let mut events: Vec<_> = log.iter().map(|entry| entry.event.as_str()).collect();
        events.sort_unstable();
        assert_eq!(events, ["person.registered", "person.sign-in-refused", "person.signed-in"]);
    }

    async fn a_failed_sign_in_does_not_wait_for_its_audit_record(app: TestApp) {
        app.person("ann").await;
        let stuck = app.with_write_limit(Duration::ZERO).await;
        for email in ["ann@example.org", "bob@example.org"] {
            assert_eq!(fields(sign_in(&stuck.cx, email, "wrong password", "192.0.2.1").await.unwrap_err()), ["password"]);
        }
    }

    async fn a_failed_sign_in_with_a_weak_hash_is_not_faster(app: TestApp) {
        app.person("ann").await;
        let cx = Cx { hasher: Arc::new(Hasher::new(Cost::default()).unwrap()), ..app.cx.clone() };
        let time = async |email: &str, address: String| {
            let started = Instant::now();
            sign_in(&cx, email, "wrong password", &address).await.unwrap_err();
            started.elapsed()
        };
        // The minimum of several alternating runs, since a busy machine only adds time.
        let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
        for n in 0..5 {
            known = known.min(time("ann@example.org", format!("198.51.100.{n}")).await);
            unknown = unknown.min(time("bob@example.org", format!("203.0.113.{n}")).await);
        }
        // Comparing with the weak hash alone takes less than a hundredth of the time.
        assert!(known > unknown / 3 && unknown > known / 3, "{known:?} for a known address, {unknown:?} for an unknown one");
    }

    async fn all_registrations_count_per_ip_address(app: TestApp) {
        app.person("ann").await;
        for _ in 0..19 {
            assert_eq!(register(&app, "Eve", "ann@example.org", None).await.unwrap_err()[0].0, "email");
        }
        let refused = person::register(&app.cx, None, registration("Eve", "eve@example.org", None), client_info()).await;
        assert_eq!(refused.unwrap_err(), Error::TooManyRequests { retry_after: Duration::from_secs(10) });
        person::register(&app.cx, None, registration("Bob", "bob@example.org", None), client_at("192.0.2.2")).await.unwrap();
        app.advance(10.0);
        register(&app, "Eve", "eve@example.org", None).await.unwrap();
    }

    async fn only_failed_sign_ins_count_per_ip_address(app: TestApp) {
        app.person("ann").await;
        for _ in 0..10 {
            sign_in(&app.cx, "ann@example.org", PASSWORD, "192.0.2.1").await.unwrap();
        }
        for _ in 0..3 {
            assert_eq!(fields(sign_in(&app.cx, "ann@example.org", "wrong password", "192.0.2.1").await.unwrap_err()), ["password"]);
        }
        let wait = Error::TooManyRequests { retry_after: Duration::from_secs(20) };
        assert_eq!(sign_in(&app.cx, "ann@example.org", PASSWORD, "192.0.2.1").await, Err(wait.clone()));
        assert_eq!(sign_in(&app.cx, "bob@example.org", PASSWORD, "192.0.2.1").await, Err(wait));
        sign_in(&app.cx, "ann@example.org", PASSWORD, "192.0.2.2").await.unwrap();
        app.advance(20.0);
        sign_in(&app.cx, "ann@example.org", PASSWORD, "192.0.2.1").await.unwrap();
    }

    async fn failed_sign_ins_count_per_account_from_any_address(app: TestApp) {
        app.person("ann").await;
        for n in 0..30 {
            let refused = sign_in(&app.cx, "ann@example.org", "wrong password", &format!("198.51.100.{n}")).await;
            assert_eq!(fields(refused.unwrap_err()), ["password"]);
        }
        let refused = sign_in(&app.cx, "ann@example.org", PASSWORD, "203.0.113.1").await;
        assert_eq!(refused, Err(Error::TooManyRequests { retry_after: Duration::from_secs(600) }));
        app.advance(600.0);
        sign_in(&app.cx, "ann@example.org", PASSWORD, "203.0.113.1").await.unwrap();
    }

    async fn changing_the_password_ends_all_other_sessions(app: TestApp) {
        let ann = app.person("ann").await;
        let other_browser = app.browser();
        person::sign_in(&app.cx, &other_browser, &form("ann@example.org", PASSWORD), client_at("192.0.2.9")).await.unwrap();
        let other = access::authenticate_session(&app.same_browser(&other_browser)).await.unwrap();
        let mut changes = app.changes_of(ann.person.id);

        assert_eq!(fields(change(&app, ann.caller, "wrong password", "ochre heron kite").await.unwrap_err()), ["current"]);
        assert_eq!(fields(change(&app, ann.caller, PASSWORD, "password123").await.unwrap_err()), ["new"]);
        assert_eq!(fields(change(&app, ann.caller, PASSWORD, "ann@example.org").await.unwrap_err()), ["new"]);
        assert!(access::is_still_valid(&app.cx, other).await.unwrap());
        assert_eq!(changes.try_recv(), Ok(Vec::new()));

        change(&app, ann.caller, PASSWORD, "ochre heron kite").await.unwrap();
        assert_eq!(changes.try_recv(), Ok(vec![Change::SessionsEnded { person: ann.person.id }]));
        assert!(access::is_still_valid(&app.cx, ann.caller).await.unwrap());
        assert!(!access::is_still_valid(&app.cx, other).await.unwrap());
        assert_eq!(access::authenticate_session(&app.same_browser(&other_browser)).await, Err(Error::Unauthenticated));
        assert_eq!(access::authenticate_session(&app.same_browser(&ann.session)).await, Ok(ann.caller));
        assert!(sign_in(&app.cx, "ann@example.org", PASSWORD, "192.0.2.3").await.is_err());
        sign_in(&app.cx, "ann@example.org", "ochre heron kite", "192.0.2.3").await.unwrap();
        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        assert!(log.iter().any(|entry| entry.event == AuditEvent::PasswordChanged));
    }

    async fn a_password_verified_before_its_change_begins_no_session(app: TestApp) {
        let ann = app.person("ann").await;
        let late_browser = app.browser();
        let with_rehash = verify(&with_stronger_hashes(&app.cx), "ann@example.org").await;
        let verified = [verify(&app.cx, "ann@example.org").await, with_rehash];
        change(&app, ann.caller, PASSWORD, "ochre heron kite").await.unwrap();
        for verified in verified {
            let begun = session::begin(&app.cx, &late_browser, verified, client_at("192.0.2.9")).await;
            assert_eq!(begun, Err(Error::Unauthenticated));
        }
        assert_eq!((access::authenticate_session(&late_browser).await, late_browser.id()), (Err(Error::Unauthenticated), None));
        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        assert!(log.iter().all(|entry| entry.event != AuditEvent::SignedIn));
    }

    async fn sessions_started_during_a_password_change_end(app: TestApp) {
        let ann = app.person("ann").await;
        let mut verified = Vec::new();
        for _ in 0..32 {
            verified.push(verify(&app.cx, "ann@example.org").await);
        }
        let begin = |verified| {
            let app = app.clone();
            async move {
                let browser = app.browser();
                session::begin(&app.cx, &browser, verified, client_info()).await.map(|()| browser)
            }
        };
        let begun = all(verified.into_iter().map(begin));
        let (begun, changed) = tokio::join!(begun, change(&app, ann.caller, PASSWORD, "ochre heron kite"));
        changed.unwrap();
        assert!(begun.iter().any(Result::is_ok), "no session was started before the password changed");
        for browser in begun.into_iter().flatten() {
            assert_eq!(access::authenticate_session(&app.same_browser(&browser)).await, Err(Error::Unauthenticated));
        }
    }

    async fn wrong_current_passwords_count_as_failed_attempts(app: TestApp) {
        let ann = app.person("ann").await;
        for _ in 0..3 {
            assert_eq!(fields(change(&app, ann.caller, "wrong password", "ochre heron kite").await.unwrap_err()), ["current"]);
        }
        let refused = change(&app, ann.caller, PASSWORD, "ochre heron kite").await;
        assert!(matches!(refused, Err(Error::TooManyRequests { .. })), "{refused:?}");
    }

    async fn only_an_administrator_sets_a_password(app: TestApp) {
        let ann = app.person("ann").await;
        let new = || Password::typed("ochre heron kite");
        assert!(matches!(person::set_password(&app.cx, ann.caller, new()).await, Err(Error::Forbidden(_))));

        let shell = access::authenticate_shell(&app.cx, &"ann".parse().unwrap()).await.unwrap();
        person::set_password(&app.cx, shell, new()).await.unwrap();
        assert!(!access::is_still_valid(&app.cx, ann.caller).await.unwrap());
        sign_in(&app.cx, "ann@example.org", "ochre heron kite", "192.0.2.3").await.unwrap();
        assert_eq!(access::authenticate_shell(&app.cx, &"bob".parse().unwrap()).await, Err(Error::missing("User")));
    }

    async fn a_weak_hash_is_renewed_at_the_next_sign_in(app: TestApp) {
        app.person("ann").await;
        let cx = with_stronger_hashes(&app.cx);
        let both = tokio::join!(
            sign_in(&cx, "ann@example.org", PASSWORD, "192.0.2.1"),
            sign_in(&cx, "ann@example.org", PASSWORD, "192.0.2.2"),
        );
        both.0.unwrap();
        both.1.unwrap();
        let stored = cx.db.optional(&PASSWORD_BY_EMAIL, ("ann@example.org",)).await.unwrap().unwrap();
        assert!(stored.secret.unwrap().contains("m=128"));
        sign_in(&cx, "ann@example.org", PASSWORD, "192.0.2.1").await.unwrap();
    }
}

/// Runs all futures concurrently.
async fn all<T: Send + 'static>(futures: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let tasks: Vec<_> = futures.map(tokio::spawn).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}
