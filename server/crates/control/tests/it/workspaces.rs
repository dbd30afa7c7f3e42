//! Workspaces: creating, listing, editing, deleting.

use control::{
    Error, access, audit,
    changes::Change,
    workspace::{self, NewWorkspace, WorkspaceEdit},
};
use model::{
    audit::AuditEvent,
    id::FlowId,
    permission::{DeleteWorkspace, EditWorkspace, ReadRuns},
    state::StateType,
    time::Timestamp,
    workspace::{Workspace, WorkspaceCard},
};
use store::{
    Tenant, Tx, Write,
    counter::{self, CounterCell, CounterDelta, RunKind},
};
use testkit::{TestApp, TestUser, app::start, fixture::client_info, on_both};
use tokio::task::JoinSet;
use uuid::Uuid;

async fn create(app: &TestApp, owner: &TestUser, name: &str, handle: Option<&str>) -> Result<Workspace, Error> {
    let account = access::authorize_account(&app.cx, owner.caller, owner.account.id).await?;
    let new = NewWorkspace {
        name: name.to_owned(),
        description: "Everything that customers wait for".to_owned(),
        handle: handle.map(str::to_owned),
    };
    workspace::create(&app.cx, account, new, client_info()).await
}

async fn edit(
    app: &TestApp,
    ws: access::Workspace<EditWorkspace>,
    name: &str,
    description: &str,
) -> Result<Workspace, Error> {
    let edit = WorkspaceEdit { name: name.to_owned(), description: description.to_owned() };
    workspace::edit(&app.cx, ws, edit, client_info()).await
}

async fn cards(app: &TestApp, who: &TestUser) -> Vec<WorkspaceCard> {
    workspace::cards(&app.cx, who.caller).await.unwrap()
}

fn field_error(error: Error) -> (String, String) {
    let Error::Invalid(invalid) = error else { panic!("{error:?}") };
    (invalid[0].loc.join("."), invalid[0].message.clone())
}

/// Applies deltas to the counters, as a write that creates runs does.
struct ApplyDeltas(Tenant, Vec<CounterDelta>);

impl Write for ApplyDeltas {
    type Out = ();
    type Error = store::Error;
    async fn run(&self, tx: &mut Tx<'_>) -> store::Result<()> {
        counter::apply(&mut tx.of(&self.0), &self.1).await
    }
}

fn created(kind: RunKind, state_type: StateType, sort_time: Timestamp) -> CounterDelta {
    let to = CounterCell { state_type, state_name: state_type.default_name().to_owned(), sort_time };
    CounterDelta { kind, flow_id: FlowId(Uuid::from_u128(7)), deployment_id: None, from: None, to: Some(to) }
}

on_both! {
    async fn a_workspace_belongs_to_its_account_and_its_creator(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let workspace = create(&app, &ann, " Grid forecasting ", None).await.unwrap();
        assert_eq!((workspace.name.as_str(), workspace.handle.as_str()), ("Grid forecasting", "grid-forecasting"));

        let workspace_ref = access::WorkspaceRef { account: ann.account.id, workspace: workspace.id };
        assert_eq!(access::workspace_refs(&app.cx, ann.caller, 9).await, Ok(vec![workspace_ref]));
        assert!(access::authorize::<EditWorkspace>(&app.cx, ann.caller, workspace_ref).await.is_ok());
        let entered = access::authorize::<ReadRuns>(&app.cx, bob.caller, workspace_ref).await;
        assert_eq!(entered.err(), Some(Error::not_found("Workspace", workspace.id)));

        let me = workspace::me_workspaces(&app.cx, ann.caller).await.unwrap();
        assert_eq!(me.len(), 1);
        assert_eq!((me[0].account_handle.as_str(), me[0].workspace_handle.as_str()), ("ann", "grid-forecasting"));
        assert_eq!(me[0].workspace_description, "Everything that customers wait for");
        assert!(workspace::me_workspaces(&app.cx, bob.caller).await.unwrap().is_empty());

        let detail = workspace::detail(&app.cx, app.authorize(&ann, workspace_ref).await).await.unwrap();
        assert_eq!((detail.account, detail.workspace), (ann.account.clone(), workspace));
        assert_eq!((detail.flows, detail.flow_runs, detail.task_runs, detail.last_call), (0, 0, 0, None));
    }

    async fn a_workspace_needs_a_membership_in_its_account(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let outsider = TestUser { account: bob.account.clone(), ..ann };
        assert_eq!(create(&app, &outsider, "prod", None).await, Err(Error::not_found("Account", bob.account.id)));
        assert!(cards(&app, &bob).await.is_empty());
    }

    async fn handles_are_unique_within_an_account_only(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let handle = |workspace: Workspace| workspace.handle.to_string();
        assert_eq!(create(&app, &ann, "Prod", None).await.map(handle).unwrap(), "prod");
        assert_eq!(create(&app, &ann, "PROD!", None).await.map(handle).unwrap(), "prod-2");
        assert_eq!(create(&app, &bob, "Prod", None).await.map(handle).unwrap(), "prod");
        let refused = field_error(create(&app, &ann, "Another", Some("prod")).await.unwrap_err());
        assert_eq!(refused, ("handle".to_owned(), "prod is taken. prod-3 is available.".to_owned()));
        assert_eq!(create(&app, &ann, "本番", Some("honban")).await.map(handle).unwrap(), "honban");
        assert_eq!(field_error(create(&app, &ann, "本番", None).await.unwrap_err()).0, "handle");
        assert_eq!(field_error(create(&app, &ann, "", None).await.unwrap_err()).0, "name");
        assert_eq!(field_error(create(&app, &ann, &"x".repeat(101), None).await.unwrap_err()).0, "name");
    }

    async fn an_account_has_at_most_two_hundred_workspaces(app: TestApp) {
        let ann = app.person("ann").await;
        let many = |count: usize| {
            let (app, ann) = (app.clone(), ann.clone());
            (0..count).map(move |n| {
                let (app, ann) = (app.clone(), ann.clone());
                async move { create(&app, &ann, &format!("{count} {n}"), None).await }
            })
        };
        assert!(many(199).collect::<JoinSet<_>>().join_all().await.iter().all(Result::is_ok));
        app.delay_commit("workspace", 0.2).await;
        let last = many(32).collect::<JoinSet<_>>().join_all().await;
        assert_eq!(last.iter().filter(|created| created.is_ok()).count(), 1);
        assert!(last.into_iter().filter_map(Result::err).all(|refused| matches!(refused, Error::Conflict(_))));
        assert_eq!(cards(&app, &ann).await.len(), 200);
    }

    async fn renaming_a_workspace_keeps_its_handle(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "Prod").await;
        let ws = app.authorize::<EditWorkspace>(&ann, workspace_ref).await;
        app.advance(10.0);
        let edited = edit(&app, ws, "Live", "Two\r\nlines").await.unwrap();
        assert_eq!((edited.name.as_str(), edited.handle.as_str()), ("Live", "prod"));
        assert_eq!((edited.description.as_str(), edited.updated), ("Two\nlines", start().plus_seconds(10.0)));
        assert_eq!(cards(&app, &ann).await[0].workspace, edited);
        assert_eq!(field_error(edit(&app, ws, " ", "").await.unwrap_err()).0, "name");
        assert_eq!(field_error(edit(&app, ws, "Live", &"x".repeat(2_001)).await.unwrap_err()).0, "description");
    }

    async fn deleting_needs_the_handle_and_hides_the_workspace_at_once(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "Prod 🦊").await;
        let key = app.key(&ann, "laptop").await.secret;
        let reading = app.authorize::<ReadRuns>(&ann, workspace_ref).await;
        let ws = app.authorize::<DeleteWorkspace>(&ann, workspace_ref).await;
        for typo in ["", "Prod", "prod2", "Prod 🦊"] {
            let refused = field_error(workspace::delete(&app.cx, ws, typo, client_info()).await.unwrap_err());
            assert_eq!(refused, ("confirmation".to_owned(), "Type prod to delete this workspace.".to_owned()));
        }
        let mut changes = app.changes_of(ann.person.id);
        workspace::delete(&app.cx, ws, " prod ", client_info()).await.unwrap();
        assert_eq!(changes.try_recv(), Ok(vec![Change::WorkspaceDeleted { workspace: workspace_ref.workspace }]));

        assert!(cards(&app, &ann).await.is_empty());
        assert!(access::workspace_refs(&app.cx, ann.caller, 9).await.unwrap().is_empty());
        assert!(access::authorize::<ReadRuns>(&app.cx, ann.caller, workspace_ref).await.is_err());
        assert!(access::authorize_key::<ReadRuns>(&app.cx, &key, workspace_ref).await.is_err());
        let missing = Error::not_found("Workspace", workspace_ref.workspace);
        assert_eq!(workspace::detail(&app.cx, reading).await, Err(missing.clone()));
        assert_eq!(workspace::delete(&app.cx, ws, "prod", client_info()).await, Err(missing));
        assert_eq!(create(&app, &ann, "Prod", None).await.unwrap().handle.as_str(), "prod");

        let log = audit::recent(&app.cx, ann.caller).await.unwrap();
        let events = log.iter().filter(|entry| entry.workspace_id == Some(workspace_ref.workspace)).map(|entry| entry.event);
        let events: Vec<_> = events.collect();
        assert!(events.contains(&AuditEvent::WorkspaceCreated) && events.contains(&AuditEvent::WorkspaceDeleted), "{events:?}");
    }

    async fn favourites_come_first(app: TestApp) {
        let ann = app.person("ann").await;
        let (_, second) = (app.workspace(&ann, "aa").await, app.workspace(&ann, "bb").await);
        let ws = app.authorize::<ReadRuns>(&ann, second).await;
        let order = async || {
            cards(&app, &ann).await.into_iter().map(|card| (card.workspace.name, card.favourite)).collect::<Vec<_>>()
        };
        workspace::set_favourite(&app.cx, ws, true).await.unwrap();
        workspace::set_favourite(&app.cx, ws, true).await.unwrap();
        assert_eq!(order().await, [("bb".to_owned(), true), ("aa".to_owned(), false)]);
        workspace::set_favourite(&app.cx, ws, false).await.unwrap();
        assert_eq!(order().await, [("aa".to_owned(), false), ("bb".to_owned(), false)]);
    }

    async fn a_card_counts_the_runs_of_thirty_days(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "prod").await;
        let ws = app.authorize::<ReadRuns>(&ann, workspace_ref).await;
        let days_ago = |days: i64| start().plus_micros(-days * 86_400_000_000);
        let deltas = vec![
            created(RunKind::FlowRun, StateType::Completed, days_ago(0)),
            created(RunKind::FlowRun, StateType::Completed, days_ago(29)),
            created(RunKind::FlowRun, StateType::Crashed, days_ago(29)),
            created(RunKind::FlowRun, StateType::Completed, days_ago(30)),
            created(RunKind::FlowRun, StateType::Scheduled, days_ago(-1)),
            created(RunKind::TaskRun, StateType::Running, days_ago(1)),
            created(RunKind::TaskRun, StateType::Failed, days_ago(31)),
        ];
        app.cx.db.write(ApplyDeltas(*ws.tenant(), deltas)).await.unwrap();
        let quiet = app.workspace(&ann, "quiet").await;
        let other = app.authorize::<ReadRuns>(&ann, quiet).await;
        let deltas = vec![created(RunKind::FlowRun, StateType::Failed, days_ago(3)), created(RunKind::TaskRun, StateType::Failed, days_ago(3))];
        app.cx.db.write(ApplyDeltas(*other.tenant(), deltas)).await.unwrap();

        let [card, quiet] = cards(&app, &ann).await.try_into().unwrap();
        assert_eq!((quiet.flow_runs, quiet.task_runs, quiet.days[26].broken), (1, 1, 1), "each workspace has its own counters");
        assert_eq!((card.days.len(), card.flow_runs, card.task_runs), (30, 3, 1));
        let (first, last) = (card.days[0], card.days[29]);
        assert_eq!((first.completed, first.broken, first.open), (1, 1, 0));
        assert_eq!((last.completed, last.broken, last.open), (1, 0, 0));
        assert_eq!(last.start.to_string(), "2026-11-25T00:00:00.000000Z");
        let detail = workspace::detail(&app.cx, ws).await.unwrap();
        assert_eq!((detail.flow_runs, detail.task_runs), (5, 2));
    }
}
