//! Signing in by an account at a provider, from what the provider has confirmed on; connecting accounts; a first password.

use control::{
    Error, access, audit,
    changes::Change,
    person::{
        self, FirstPassword, Password, ProviderAccount, SignIn,
        provider::{
            AttemptRequest, AttemptRow, BrowserSecret, Completed, Confirmed, NewAccount, Problem, Purpose, Refusal,
            Refused, State, begin_attempt, disconnect_provider, finish, pending_account, register_account,
            sign_in_methods, take_attempt, verify_provider,
        },
    },
    session::{self, Session},
};
use model::audit::AuditEvent;
use store::{identity::IDENTITIES_OF_PERSON, session::SESSION};
use testkit::{
    TestApp, TestUser,
    fixture::{PASSWORD, client_at, client_info},
    on_both,
};

const GOOGLE: &str = "https://accounts.google.com";

/// An account at a provider that no settings know, with an address that the provider has verified or not.
fn confirmed(subject: &str, email: Option<&str>, email_verified: bool) -> Confirmed {
    Confirmed {
        account: ProviderAccount::new(GOOGLE, subject).unwrap(),
        label: email.map(str::to_owned),
        name: Some("Ann Lee".to_owned()),
        email: email.map(|email| email.parse().unwrap()),
        email_verified,
    }
}

fn secret(byte: u8) -> BrowserSecret {
    BrowserSecret::new([byte; 32])
}

async fn begin(
    app: &TestApp,
    who: Option<&TestUser>,
    purpose: Purpose,
    browser: &BrowserSecret,
) -> Result<State, Error> {
    let destination = Some("/my/api-keys".to_owned());
    let request = AttemptRequest { provider: "google".to_owned(), purpose, destination };
    begin_attempt(&app.cx, who.map(|who| who.caller), request, browser, client_info()).await
}

/// An attempt of a browser that has come back.
async fn attempt(app: &TestApp, who: Option<&TestUser>, purpose: Purpose) -> AttemptRow {
    let browser = secret(1);
    let state = begin(app, who, purpose, &browser).await.unwrap();
    take_attempt(&app.cx, "google", Some(&state), Some(&browser)).await.unwrap()
}

/// Sends a browser to the provider, which confirms this account.
async fn visit(
    app: &TestApp,
    browser: &Session,
    who: Option<&TestUser>,
    purpose: Purpose,
    account: Confirmed,
) -> Result<Completed, Refusal> {
    let attempt = attempt(app, who, purpose).await;
    finish(&app.cx, browser, &attempt, account, client_info()).await
}

async fn sign_in(app: &TestApp, browser: &Session, account: Confirmed) -> Result<Completed, Refusal> {
    visit(app, browser, None, Purpose::SignIn, account).await
}

/// The secret with which the holder of a new account chooses a handle.
async fn offered(app: &TestApp, account: Confirmed) -> BrowserSecret {
    match sign_in(app, &app.browser(), account).await.unwrap() {
        Completed::Registering { token } => token,
        other => panic!("{other:?}"),
    }
}

async fn register(app: &TestApp, browser: &Session, token: &BrowserSecret, handle: &str) -> Result<String, Error> {
    let form = NewAccount { name: "Ann Lee".to_owned(), handle: handle.to_owned() };
    let (registered, to) = register_account(&app.cx, browser, Some(token), form, client_info()).await?;
    assert_eq!(to.as_deref(), Some("/my/api-keys"));
    Ok(registered.account.handle.to_string())
}

/// Registers a person with an account at the provider.
async fn person_of(app: &TestApp, account: Confirmed, handle: &str) -> TestUser {
    let browser = app.browser();
    let token = offered(app, account).await;
    register(app, &browser, &token, handle).await.unwrap();
    let caller = access::authenticate_session(&browser).await.unwrap();
    let person = person::person(&app.cx, caller).await.unwrap();
    let account = control::account::list(&app.cx, caller).await.unwrap().remove(0);
    TestUser { person, account, session: browser, caller }
}

async fn is_signed_in(app: &TestApp, session: &Session) -> bool {
    access::authenticate_session(&app.same_browser(session)).await.is_ok()
}

async fn connect(app: &TestApp, who: &TestUser, subject: &str) -> Result<Completed, Refusal> {
    visit(app, &who.session, Some(who), Purpose::Connect, confirmed(subject, None, false)).await
}

async fn events(app: &TestApp, who: &TestUser) -> Vec<AuditEvent> {
    audit::recent(&app.cx, who.caller).await.unwrap().into_iter().map(|entry| entry.event).collect()
}

fn problem(refused: Result<Completed, Refusal>) -> Problem {
    match refused {
        Err(Refusal::Problem(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

fn taken_problem(taken: Result<AttemptRow, Refused>) -> Problem {
    match taken {
        Err(Refused { refusal: Refusal::Problem(problem), purpose: _, to: _ }) => problem,
        other => panic!("{other:?}"),
    }
}

on_both! {
    async fn an_attempt_is_used_once_by_its_browser_in_time(app: TestApp) {
        let (browser, other) = (secret(1), secret(2));
        let begin = async || begin(&app, None, Purpose::SignIn, &browser).await.unwrap();
        let take = async |provider: &str, state: &State, browser: Option<&BrowserSecret>| {
            take_attempt(&app.cx, provider, Some(state), browser).await
        };
        let state = begin().await;
        app.advance(600.0);
        let taken = take("google", &state, Some(&browser)).await.unwrap();
        assert_eq!((taken.purpose, taken.destination.as_deref()), (Purpose::SignIn, Some("/my/api-keys")));
        assert_eq!(taken_problem(take("google", &state, Some(&browser)).await), Problem::Used);

        for (provider, secret, expected) in [
            ("google", None, Problem::OtherBrowser),
            ("google", Some(&other), Problem::OtherBrowser),
            ("github", Some(&browser), Problem::BadAnswer),
        ] {
            let state = begin().await;
            assert_eq!(taken_problem(take(provider, &state, secret).await), expected, "{provider}");
            assert_eq!(taken_problem(take("google", &state, Some(&browser)).await), Problem::Used);
        }
        let state = begin().await;
        app.advance(600.1);
        let late = take("google", &state, Some(&browser)).await.unwrap_err();
        assert_eq!(late.to.as_deref(), Some("/my/api-keys"), "the person can start again");
        assert_eq!(taken_problem(Err(late)), Problem::Expired);
        assert_eq!(taken_problem(take_attempt(&app.cx, "google", None, Some(&browser)).await), Problem::Used);
    }

    async fn attempts_are_limited_per_client(app: TestApp) {
        let browser = secret(1);
        for _ in 0..60 {
            begin(&app, None, Purpose::SignIn, &browser).await.unwrap();
        }
        let refused = begin(&app, None, Purpose::SignIn, &browser).await;
        assert!(matches!(refused, Err(Error::TooManyRequests { .. })));
        let request = AttemptRequest { provider: "google".to_owned(), purpose: Purpose::SignIn, destination: None };
        begin_attempt(&app.cx, None, request, &browser, client_at("192.0.2.2")).await.unwrap();
        app.advance(1.0);
        begin(&app, None, Purpose::SignIn, &browser).await.unwrap();
    }

    async fn a_new_account_registers_once_and_then_signs_in(app: TestApp) {
        let account = || confirmed("1", Some("ann@example.org"), true);
        let token = offered(&app, account()).await;
        let pending = pending_account(&app.cx, &token).await.unwrap().unwrap();
        assert_eq!((pending.name.as_str(), pending.handle.as_str()), ("Ann Lee", "ann-lee"));
        assert_eq!((pending.provider.as_str(), pending.label.as_deref()), ("google", Some("ann@example.org")));
        assert!(pending_account(&app.cx, &secret(9)).await.unwrap().is_none(), "another browser's");

        let browser = app.browser();
        assert_eq!(register(&app, &browser, &token, "ann").await.unwrap(), "ann");
        let caller = access::authenticate_session(&browser).await.unwrap();
        let ann = person::person(&app.cx, caller).await.unwrap();
        assert_eq!((ann.name.as_str(), ann.email.as_deref()), ("Ann Lee", Some("ann@example.org")));
        assert!(matches!(register(&app, &app.browser(), &token, "ann-2").await, Err(Error::Conflict(_))), "used once");
        assert!(pending_account(&app.cx, &token).await.unwrap().is_none());

        let again = app.browser();
        assert!(matches!(sign_in(&app, &again, account()).await, Ok(Completed::SignedIn { .. })));
        let caller = access::authenticate_session(&again).await.unwrap();
        assert_eq!(caller.person(), ann.id);
        let stored = app.cx.db.optional(&SESSION, (caller.session().unwrap(),)).await.unwrap().unwrap();
        assert_eq!((stored.method.as_str(), stored.proved), ("google", app.cx.clock.now()));
        let found = verify_provider(&app.cx, "google", &confirmed("2", Some("ann@example.org"), true)).await.unwrap();
        assert!(found.is_none(), "the address finds no person");
    }

    async fn a_registration_by_provider_expires(app: TestApp) {
        let token = offered(&app, confirmed("1", None, false)).await;
        app.advance(1_800.0);
        assert!(pending_account(&app.cx, &token).await.unwrap().is_some());
        app.advance(0.1);
        assert!(pending_account(&app.cx, &token).await.unwrap().is_none());
        let browser = app.browser();
        assert!(matches!(register(&app, &browser, &token, "ann").await, Err(Error::Conflict(_))));
        assert_eq!(access::authenticate_session(&browser).await, Err(Error::Unauthenticated));
    }

    async fn a_taken_handle_is_reported_and_can_be_corrected(app: TestApp) {
        app.person("ann").await;
        let token = offered(&app, confirmed("1", None, false)).await;
        let refused = register(&app, &app.browser(), &token, "ann").await;
        assert!(matches!(refused, Err(Error::Invalid(errors)) if errors[0].loc == ["handle"]));
        assert_eq!(register(&app, &app.browser(), &token, "ann-lee").await.unwrap(), "ann-lee");
        let refused = offered(&app, confirmed("2", None, false)).await;
        assert_eq!(pending_account(&app.cx, &refused).await.unwrap().unwrap().handle, "ann-lee-2");
    }

    async fn a_verified_address_belongs_to_one_person(app: TestApp) {
        person_of(&app, confirmed("1", Some("ann@example.org"), true), "ann").await;
        let browser = app.browser();
        let refused = sign_in(&app, &browser, confirmed("2", Some("ann@example.org"), true)).await;
        assert_eq!(problem(refused), Problem::AddressTaken);
        assert_eq!(
            Problem::AddressTaken.sentence(None),
            "Sign in the way you did before, then connect this account in your profile."
        );
        // An address that the provider has not verified says nothing.
        let eve = person_of(&app, confirmed("3", Some("ann@example.org"), false), "eve").await;
        assert_eq!(eve.person.email.as_deref(), Some("ann@example.org"));
        let waiting = offered(&app, confirmed("4", Some("bob@example.org"), true)).await;
        person_of(&app, confirmed("5", Some("bob@example.org"), true), "bob").await;
        assert!(matches!(register(&app, &app.browser(), &waiting, "rob").await, Err(Error::Conflict(_))));
    }

    async fn a_password_account_captures_no_address(app: TestApp) {
        let eve = app.person("ann").await;
        let ann = person_of(&app, confirmed("1", Some("ann@example.org"), true), "ann-lee").await;
        assert_ne!(ann.person.id, eve.person.id);
        let form = SignIn { email: "ann@example.org".to_owned(), password: Password::typed(PASSWORD) };
        assert!(person::sign_in(&app.cx, &app.browser(), &form, client_info()).await.is_err(), "the password is released");
        assert!(is_signed_in(&app, &eve.session).await);
        let methods = sign_in_methods(&app.cx, eve.caller).await.unwrap();
        assert_eq!((methods.password, methods.providers.len()), (None, 0));

        let new = FirstPassword { email: String::new(), new: Password::typed("ochre heron kite") };
        person::set_first_password(&app.cx, ann.caller, new, client_info()).await.unwrap();
        let form = SignIn { email: "ann@example.org".to_owned(), password: Password::typed("ochre heron kite") };
        let browser = app.browser();
        person::sign_in(&app.cx, &browser, &form, client_info()).await.unwrap();
        assert_eq!(access::authenticate_session(&browser).await.unwrap().person(), ann.person.id);
    }

    async fn a_first_password_voids_a_requested_change_of_address(app: TestApp) {
        let ann = person_of(&app, confirmed("1", Some("ann@example.org"), true), "ann").await;
        person::change_email(&app.cx, ann.caller, "mallory@example.net", client_info()).await.unwrap();
        app.send_mail().await;
        let token = app.mailed_token("confirm-address", "mallory@example.net");
        let new = FirstPassword { email: String::new(), new: Password::typed("ochre heron kite") };
        person::set_first_password(&app.cx, ann.caller, new, client_info()).await.unwrap();
        let late = person::verify_email(&app.cx, &token, client_info()).await;
        assert!(matches!(late, Err(Error::Gone(_))), "{late:?}");
    }

    async fn who_resets_an_address_that_nobody_had_verified_shares_it_with_nobody(app: TestApp) {
        let mallory = app.person("ann").await;
        connect(&app, &mallory, "1").await.unwrap();
        let key = app.key(&mallory, "laptop").await.secret;
        person::request_password_reset(&app.cx, "ann@example.org", client_info()).await.unwrap();
        app.send_mail().await;
        let token = app.mailed_token("reset-password", "ann@example.org");
        person::reset_password(&app.cx, &token, Password::typed("ochre heron kite"), client_info()).await.unwrap();
        assert!(verify_provider(&app.cx, "google", &confirmed("1", None, false)).await.unwrap().is_none());
        assert_eq!(access::authenticate_key(&app.cx, &key).await, Err(Error::Unauthenticated));
        assert!(!is_signed_in(&app, &mallory.session).await);
    }

    async fn an_account_is_connected_to_one_person(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        assert!(matches!(connect(&app, &ann, "1").await, Ok(Completed::Connected { .. })));
        assert!(matches!(connect(&app, &ann, "1").await, Ok(Completed::Connected { .. })), "again changes nothing");
        assert_eq!(problem(connect(&app, &bob, "1").await), Problem::ConnectedElsewhere);
        let connected = events(&app, &ann).await.into_iter().filter(|event| *event == AuditEvent::ProviderConnected);
        assert_eq!(connected.count(), 1);

        // Another person has signed in in the same browser meanwhile.
        let attempt = attempt(&app, Some(&ann), Purpose::Connect).await;
        let refused = finish(&app.cx, &bob.session, &attempt, confirmed("2", None, false), client_info()).await;
        assert_eq!(problem(refused), Problem::SignedOut);
        let browser = app.browser();
        assert!(matches!(sign_in(&app, &browser, confirmed("1", None, false)).await, Ok(Completed::SignedIn { .. })));
        assert_eq!(access::authenticate_session(&browser).await.unwrap().person(), ann.person.id);
    }

    async fn changes_of_sign_in_methods_need_a_recent_proof(app: TestApp) {
        let ann = app.person("ann").await;
        connect(&app, &ann, "1").await.unwrap();
        app.advance(600.0);
        session::require_recent_proof(&app.cx, ann.caller).await.unwrap();
        app.advance(0.1);
        assert_eq!(session::require_recent_proof(&app.cx, ann.caller).await, Err(Error::ProofRequired));
        assert_eq!(begin(&app, Some(&ann), Purpose::Connect, &secret(1)).await.err(), Some(Error::ProofRequired));
        let account = app.cx.db.all(&IDENTITIES_OF_PERSON, (ann.person.id, 9)).await.unwrap()[1].id;
        let refused = disconnect_provider(&app.cx, ann.caller, account, client_info()).await;
        assert_eq!(refused, Err(Error::ProofRequired));

        let typed = |text| Password::typed(text);
        let wrong = person::prove_password(&app.cx, ann.caller, &typed("wrong password"), client_info()).await;
        assert!(matches!(wrong, Err(Error::Invalid(errors)) if errors[0].loc == ["password"]));
        assert_eq!(session::require_recent_proof(&app.cx, ann.caller).await, Err(Error::ProofRequired));
        person::prove_password(&app.cx, ann.caller, &typed(PASSWORD), client_info()).await.unwrap();
        session::require_recent_proof(&app.cx, ann.caller).await.unwrap();

        let key = app.key(&ann, "laptop").await;
        let by_key = access::authenticate_key(&app.cx, &key.secret).await.unwrap();
        assert!(matches!(session::require_recent_proof(&app.cx, by_key).await, Err(Error::Forbidden(_))));
    }

    async fn a_visit_to_the_provider_proves_its_person(app: TestApp) {
        let ann = app.person("ann").await;
        connect(&app, &ann, "1").await.unwrap();
        app.advance(601.0);
        let prove = async |subject| {
            visit(&app, &ann.session, Some(&ann), Purpose::Prove, confirmed(subject, None, false)).await
        };
        assert_eq!(problem(prove("2").await), Problem::OtherAccount);
        assert!(!session::has_recent_proof(&app.cx, ann.caller).await.unwrap());
        assert!(matches!(prove("1").await, Ok(Completed::Proved { to: Some(_) })));
        assert!(session::has_recent_proof(&app.cx, ann.caller).await.unwrap());
        assert_eq!(begin(&app, None, Purpose::Prove, &secret(1)).await.err(), Some(Error::Unauthenticated));
    }

    async fn the_last_sign_in_method_stays(app: TestApp) {
        let ann = person_of(&app, confirmed("1", Some("ann@example.org"), true), "ann").await;
        let account = app.cx.db.all(&IDENTITIES_OF_PERSON, (ann.person.id, 9)).await.unwrap().remove(0).id;
        let disconnect = async || disconnect_provider(&app.cx, ann.caller, account, client_info()).await;
        let only = "Your only sign-in method. Add another before you disconnect it.";
        assert_eq!(disconnect().await, Err(Error::Conflict(only.to_owned())));

        let other = app.browser();
        sign_in(&app, &other, confirmed("1", None, false)).await.unwrap();
        let mut changes = app.changes_of(ann.person.id);
        let form = || FirstPassword { email: "eve@example.org".to_owned(), new: Password::typed("ochre heron kite") };
        person::set_first_password(&app.cx, ann.caller, form(), client_info()).await.unwrap();
        assert_eq!(changes.try_recv(), Ok(vec![Change::SessionsEnded { person: ann.person.id }]));
        assert!(!is_signed_in(&app, &other).await && is_signed_in(&app, &ann.session).await);
        let again = person::set_first_password(&app.cx, ann.caller, form(), client_info()).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let password = sign_in_methods(&app.cx, ann.caller).await.unwrap().password.unwrap();
        assert_eq!(password.address, "ann@example.org", "not the typed one");

        let bob = app.person("bob").await;
        let foreign = disconnect_provider(&app.cx, bob.caller, account, client_info()).await;
        assert!(matches!(foreign, Err(Error::NotFound { .. })), "{foreign:?}");
        disconnect().await.unwrap();
        let late = sign_in(&app, &app.browser(), confirmed("1", None, false)).await;
        assert!(matches!(late, Ok(Completed::Registering { .. })), "the account belongs to nobody: {late:?}");
        let events = events(&app, &ann).await;
        assert!(events.contains(&AuditEvent::PasswordSet) && events.contains(&AuditEvent::ProviderDisconnected));
    }

    async fn an_account_disconnected_meanwhile_begins_no_session(app: TestApp) {
        let ann = app.person("ann").await;
        connect(&app, &ann, "1").await.unwrap();
        let verified = verify_provider(&app.cx, "google", &confirmed("1", None, false)).await.unwrap().unwrap();
        let account = app.cx.db.all(&IDENTITIES_OF_PERSON, (ann.person.id, 9)).await.unwrap()[1].id;
        disconnect_provider(&app.cx, ann.caller, account, client_info()).await.unwrap();
        let late = app.browser();
        assert_eq!(session::begin(&app.cx, &late, verified, client_info()).await, Err(Error::Unauthenticated));
        assert_eq!(late.id(), None);
    }
}
