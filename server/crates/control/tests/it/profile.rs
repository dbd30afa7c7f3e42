//! What belongs to a person: names, handle, appearance, time zone, sessions, and deleting all of it.

use control::{
    Error,
    access::{self, ClientInfo},
    audit,
    changes::Change,
    person::{self, Password, Registration, SignIn},
    profile::{self, EditPreferences, EditProfile},
    session::{self, ReapSessions},
    workspace::{self, ReapBatch},
};
use model::{
    appearance::{Appearance, Density, Palette, Theme},
    audit::AuditEvent,
    id::WorkspaceId,
    permission::ReadRuns,
};
use store::{
    profile::PREFERENCES,
    testing::RawConnection,
    value::{Kind, Type, Value},
};
use testkit::{
    TestApp, TestUser,
    app::start,
    fixture::{BROWSER, PASSWORD, client_at, client_info},
    on_both,
};

const DAY: f64 = 86_400.0;

async fn edit(app: &TestApp, who: &TestUser, first: &str, last: &str, handle: &str) -> Result<(), Error> {
    let edited =
        EditProfile { first_name: first.to_owned(), last_name: last.to_owned(), handle: Some(handle.to_owned()) };
    profile::edit(&app.cx, who.caller, edited, client_info()).await
}

fn fields(result: Result<(), Error>) -> Vec<String> {
    let Err(Error::Invalid(errors)) = result else { panic!("{result:?}") };
    errors.iter().map(|error| format!("{}: {}", error.loc.join("."), error.message)).collect()
}

async fn register(app: &TestApp, handle: &str) -> Result<(), Error> {
    let registration = Registration {
        name: handle.to_owned(),
        email: format!("{handle}@example.com"),
        handle: Some(handle.to_owned()),
        password: Password::typed(PASSWORD),
    };
    person::register(&app.cx, None, registration, client_info()).await.map(drop)
}

/// Who the admin command line acts as.
async fn shell(app: &TestApp, handle: &str) -> Result<model::id::UserId, Error> {
    access::authenticate_shell(&app.cx, &handle.parse().unwrap()).await.map(|caller| caller.person())
}

async fn add_member(app: &TestApp, who: &TestUser, workspace: WorkspaceId, role: &str) {
    let mut connection = RawConnection::open(&app.location).await.unwrap();
    let text =
        format!("INSERT INTO workspace_member (workspace_id, person_id, role, created) VALUES ($1, $2, '{role}', 1)");
    let values = vec![Value::Uuid(workspace.0), Value::Uuid(who.person.id.0)];
    connection.touched(&text, &[Type::Uuid, Type::Uuid], values).await.unwrap();
}

/// How many rows of a table have this value in a column.
async fn count(app: &TestApp, table: &str, column: &str, id: uuid::Uuid) -> i64 {
    let mut connection = RawConnection::open(&app.location).await.unwrap();
    let text = format!("SELECT COUNT(*) FROM {table} WHERE {column} = $1");
    let rows = connection.rows(&text, &[Type::Uuid], &[Kind::of(Type::Big)], vec![Value::Uuid(id)]).await.unwrap();
    let [[Value::Big(count)]] = rows.iter().map(Vec::as_slice).collect::<Vec<_>>()[..] else { panic!("{rows:?}") };
    *count
}

async fn delete(app: &TestApp, who: &TestUser, typed: &str) -> Result<(), Error> {
    profile::delete_account(&app.cx, who.caller, &who.session, typed, client_info()).await
}

on_both! {
    async fn names_are_guessed_until_they_are_edited(app: TestApp) {
        let ann = app.person("ann").await;
        let before = profile::profile(&app.cx, ann.caller).await.unwrap();
        assert_eq!((before.first_name.as_str(), before.last_name.as_str()), ("ann", ""));

        edit(&app, &ann, " Ann Maria ", " Lee ", "ann").await.unwrap();
        let after = profile::profile(&app.cx, ann.caller).await.unwrap();
        assert_eq!((after.first_name.as_str(), after.last_name.as_str()), ("Ann Maria", "Lee"));
        assert_eq!((after.handle.as_str(), after.old_handles.len()), ("ann", 0));
        assert_eq!(person::person(&app.cx, ann.caller).await.unwrap().name, "Ann Maria Lee");
        let accounts = control::account::list(&app.cx, ann.caller).await.unwrap();
        assert_eq!(accounts[0].name, "Ann Maria Lee", "the account has the person's name");
        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        assert!(log.iter().any(|entry| entry.event == AuditEvent::ProfileEdited));
    }

    async fn invalid_names_and_handles_change_nothing(app: TestApp) {
        let ann = app.person("ann").await;
        app.person("bob").await;
        let long = "x".repeat(99);
        for (first, last, handle, field) in [
            ("", "Lee", "ann", "first_name"),
            ("Ann\n", "a\0b", "ann", "last_name"),
            ("Ann", &*long, "ann", "last_name"),
            ("Ann", "Lee", "A!", "handle"),
            ("Ann", "Lee", "", "handle"),
            ("Ann", "Lee", "bob", "handle"),
            ("Ann", "Lee", "settings", "handle"),
        ] {
            let errors = fields(edit(&app, &ann, first, last, handle).await);
            assert!(errors.len() == 1 && errors[0].starts_with(field), "{first} {last} {handle}: {errors:?}");
        }
        assert_eq!(fields(edit(&app, &ann, "", "a\0b", "A!").await).len(), 3, "all errors at once");
        assert_eq!(person::person(&app.cx, ann.caller).await, Ok(ann.person));
    }

    async fn an_old_handle_is_kept_for_thirty_days(app: TestApp) {
        let ann = app.person("ann").await;
        edit(&app, &ann, "Ann", "", "anna").await.unwrap();
        let old = profile::profile(&app.cx, ann.caller).await.unwrap().old_handles;
        assert_eq!((old[0].handle.as_str(), old[0].expires), ("ann", start().plus_seconds(30.0 * DAY)));
        for handle in ["ann", "anna"] {
            assert_eq!(shell(&app, handle).await, Ok(ann.person.id), "{handle}");
        }
        assert!(fields(register(&app, "ann").await)[0].contains("taken"));
        let eve = app.person("eve").await;
        assert!(fields(edit(&app, &eve, "Eve", "", "ann").await)[0].contains("taken"));

        app.advance(30.0 * DAY);
        assert!(matches!(shell(&app, "ann").await, Err(Error::NotFound { .. })));
        register(&app, "ann").await.unwrap();
        assert_ne!(shell(&app, "ann").await, Ok(ann.person.id));
        assert_eq!(shell(&app, "anna").await, Ok(ann.person.id));
    }

    async fn a_person_returns_to_their_old_handle(app: TestApp) {
        let ann = app.person("ann").await;
        for handle in ["anna", "ann", "anna", "ann"] {
            edit(&app, &ann, "Ann", "", handle).await.unwrap();
        }
        let profile = profile::profile(&app.cx, ann.caller).await.unwrap();
        assert_eq!((profile.handle.as_str(), profile.old_handles.len()), ("ann", 1));
        edit(&app, &ann, "Ann", "", "ann-2").await.unwrap();
        edit(&app, &ann, "Ann", "", "ann-3").await.unwrap();
        assert!(fields(edit(&app, &ann, "Ann", "", "ann-4").await)[0].contains("3 times"), "names are not hoarded");
        edit(&app, &ann, "Ann", "", "anna").await.unwrap();
        app.advance(31.0 * DAY);
        edit(&app, &ann, "Ann", "", "ann-4").await.unwrap();
    }

    async fn preferences_are_kept_with_the_person(app: TestApp) {
        let ann = app.person("ann").await;
        let preferences = async || profile::preferences(&app.cx, ann.caller).await.unwrap();
        let before = preferences().await;
        assert_eq!((before.theme, before.chosen_zone.clone()), (None, None));
        assert_eq!(before.appearance(Theme::Dark).theme, Theme::Dark, "until one is chosen, that of the browser");
        let chosen = |theme: &str, palette: &str, density: &str, zone: &str| {
            let [theme, palette, density, zone] = [theme, palette, density, zone].map(str::to_owned);
            profile::edit_preferences(&app.cx, ann.caller, EditPreferences { theme, palette, density, zone })
        };
        chosen("light", "clear", "compact", "Asia/Kolkata").await.unwrap();
        let after = preferences().await;
        let appearance = Appearance { theme: Theme::Light, palette: Palette::Clear, density: Density::Compact };
        assert_eq!(after.appearance(Theme::Dark), appearance);
        let zone = after.chosen_zone.unwrap();
        assert_eq!((zone.name.as_str(), zone.rules.offset_minutes(start())), ("Asia/Kolkata", 330));
        for (theme, palette, density, zone, field) in [
            ("plaid", "clear", "compact", "", "theme"),
            ("dark", "", "compact", "", "palette"),
            ("dark", "clear", "dense", "", "density"),
            ("dark", "clear", "compact", "Mars/Olympus", "zone"),
        ] {
            assert!(fields(chosen(theme, palette, density, zone).await)[0].starts_with(field));
        }
        profile::set_theme(&app.cx, ann.caller, "system").await.unwrap();
        let stored = app.cx.db.optional(&PREFERENCES, (ann.person.id,)).await.unwrap().unwrap();
        assert_eq!((stored.theme, stored.palette, stored.chosen_zone.as_deref()), (Some(Theme::System), Palette::Clear, Some("Asia/Kolkata")));
        chosen("dark", "standard", "comfortable", "").await.unwrap();
        assert_eq!(preferences().await.chosen_zone, None);
    }

    async fn sessions_are_listed_and_ended(app: TestApp) {
        let ann = app.person("ann").await;
        let bob = app.person("bob").await;
        let phone = app.browser();
        let form = SignIn { email: "ann@example.org".to_owned(), password: Password::typed(PASSWORD) };
        let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
        let client = ClientInfo { user_agent: access::UserAgent::new(agent), ..client_at("2001:db8::7") };
        app.advance(60.0);
        person::sign_in(&app.cx, &phone, &form, client).await.unwrap();
        let list = session::active(&app.cx, ann.caller).await.unwrap().sessions;
        let shown: Vec<_> = list.iter().map(|row| (row.device.as_str(), row.is_phone, row.is_current)).collect();
        assert!(BROWSER.contains("Firefox"));
        assert_eq!(shown, [("Firefox on Linux", false, true), ("Safari on iPhone", true, false)]);
        assert_eq!((list[1].address, list[1].provider.as_deref()), (client.address, None));
        assert_eq!((list[1].created, list[1].last_seen), (start().plus_seconds(60.0), start().plus_seconds(60.0)));

        session::end(&app.cx, bob.caller, &list[1].id, client_info()).await.unwrap();
        assert_eq!(session::active(&app.cx, ann.caller).await.unwrap().sessions.len(), 2, "nobody ends another's");
        let mut changes = app.changes_of(ann.person.id);
        session::end(&app.cx, ann.caller, &list[1].id, client_info()).await.unwrap();
        assert_eq!(changes.try_recv(), Ok(vec![Change::SessionsEnded { person: ann.person.id }]));
        assert_eq!(access::authenticate_session(&app.same_browser(&phone)).await, Err(Error::Unauthenticated));
        session::end(&app.cx, ann.caller, &list[1].id, client_info()).await.unwrap();
        for nonsense in ["", "x", &"z".repeat(64)] {
            let ended = session::end(&app.cx, ann.caller, nonsense, client_info()).await;
            assert!(matches!(ended, Err(Error::NotFound { .. })), "{nonsense}");
        }
        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        assert_eq!(log.iter().filter(|entry| entry.event == AuditEvent::SessionsEnded).count(), 1);
    }

    async fn all_other_sessions_end_at_once(app: TestApp) {
        let ann = app.person("ann").await;
        let others = [app.browser(), app.browser()];
        let form = SignIn { email: "ann@example.org".to_owned(), password: Password::typed(PASSWORD) };
        for browser in &others {
            person::sign_in(&app.cx, browser, &form, client_info()).await.unwrap();
        }
        session::end_others(&app.cx, ann.caller, client_info()).await.unwrap();
        assert!(access::is_still_valid(&app.cx, ann.caller).await.unwrap());
        for browser in &others {
            assert_eq!(access::authenticate_session(&app.same_browser(browser)).await, Err(Error::Unauthenticated));
        }
        let key = access::authenticate_key(&app.cx, &app.key(&ann, "laptop").await.secret).await.unwrap();
        assert!(matches!(session::end_others(&app.cx, key, client_info()).await, Err(Error::Forbidden(_))));
    }

    async fn an_expired_session_is_not_listed(app: TestApp) {
        let ann = app.person("ann").await;
        app.advance(14.0 * DAY);
        assert_eq!(session::active(&app.cx, ann.caller).await.unwrap().sessions, []);
        app.cx.db.write(ReapSessions { now: app.cx.clock.now(), max_rows: 10 }).await.unwrap();
    }

    async fn deleting_an_account_deletes_everything_of_the_person(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let workspace = app.workspace(&ann, "Data").await;
        let kept = app.workspace(&bob, "Reports").await;
        add_member(&app, &ann, kept.workspace, "viewer").await;
        let key = app.key(&ann, "laptop").await;
        edit(&app, &ann, "Ann", "", "anna").await.unwrap();
        assert!(fields(delete(&app, &ann, "ann").await)[0].contains("Type anna"));
        let mut changes = app.changes_of(ann.person.id);

        delete(&app, &ann, "anna").await.unwrap();
        assert!(changes.try_recv().unwrap().contains(&Change::SessionsEnded { person: ann.person.id }));
        assert_eq!(access::authenticate_session(&app.same_browser(&ann.session)).await, Err(Error::Unauthenticated));
        assert!(!access::is_still_valid(&app.cx, ann.caller).await.unwrap());
        assert_eq!(access::authenticate_key(&app.cx, &key.secret).await, Err(Error::Unauthenticated));
        assert!(access::authorize::<ReadRuns>(&app.cx, ann.caller, workspace).await.is_err());
        let form = SignIn { email: "ann@example.org".to_owned(), password: Password::typed(PASSWORD) };
        assert!(person::sign_in(&app.cx, &app.browser(), &form, client_info()).await.is_err());
        for table in ["identity", "session", "api_key", "account_member", "workspace_member", "favourite"] {
            assert_eq!(count(&app, table, "person_id", ann.person.id.0).await, 0, "{table}");
        }
        assert_eq!(count(&app, "person", "id", ann.person.id.0).await, 0);
        assert!(count(&app, "audit", "person_id", ann.person.id.0).await > 0, "the log keeps it");
        app.authorize::<ReadRuns>(&bob, kept).await;

        assert!(fields(register(&app, "anna").await)[0].contains("taken"), "until the workspaces are gone");
        app.advance(61.0);
        assert_eq!(workspace::reapable(&app.cx, 10).await.unwrap(), [workspace.workspace]);
        while !app.cx.db.write(ReapBatch { workspace: workspace.workspace, max_rows: 20 }).await.unwrap().done {}
        assert_eq!(count(&app, "account", "id", ann.account.id.0).await, 0);
        assert_eq!(count(&app, "old_handle", "account_id", ann.account.id.0).await, 0);
        register(&app, "anna").await.unwrap();
    }

    async fn an_account_without_workspaces_is_gone_at_once(app: TestApp) {
        let ann = app.person("ann").await;
        delete(&app, &ann, "ann").await.unwrap();
        assert_eq!(count(&app, "account", "id", ann.account.id.0).await, 0);
        app.person("ann").await;
    }

    async fn a_shared_workspace_prevents_the_deletion(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let own = app.workspace(&ann, "Data").await;
        let lone = app.workspace(&bob, "Reports").await;
        add_member(&app, &bob, own.workspace, "viewer").await;
        let refused = delete(&app, &ann, "ann").await;
        assert!(matches!(&refused, Err(Error::Conflict(why)) if why.contains("Data")), "{refused:?}");
        assert!(access::is_still_valid(&app.cx, ann.caller).await.unwrap());
        app.authorize::<ReadRuns>(&ann, own).await;
        // Another owner could not keep a workspace of an account that is gone. That Bob is a viewer of Data does not matter.
        add_member(&app, &ann, lone.workspace, "owner").await;
        let refused = delete(&app, &bob, "bob").await;
        assert!(matches!(&refused, Err(Error::Conflict(why)) if why.contains("Reports") && !why.contains("Data")), "{refused:?}");
    }

    async fn an_account_is_deleted_only_by_somebody_who_proves_it(app: TestApp) {
        let ann = app.person("ann").await;
        app.advance(601.0);
        assert_eq!(delete(&app, &ann, "ann").await, Err(Error::ProofRequired));
        let key = access::authenticate_key(&app.cx, &app.key(&ann, "laptop").await.secret).await.unwrap();
        let by_key = profile::delete_account(&app.cx, key, &ann.session, "ann", client_info()).await;
        assert!(matches!(by_key, Err(Error::Forbidden(_))));
        let local = app.with(|settings| settings.local = true);
        assert!(matches!(delete(&local, &ann, "ann").await, Err(Error::Forbidden(_))));
    }
}
