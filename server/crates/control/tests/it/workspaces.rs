//! Workspaces: making, listing, editing, deleting.

use control::{
    Error, access, audit,
    bus::Change,
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
    counter::{self, Move, Place, RunKind},
};
use testkit::{Kit, Somebody, fixture::origin, kit::start, on_both};
use tokio::task::JoinSet;
use uuid::Uuid;

async fn make(kit: &Kit, owner: &Somebody, name: &str, handle: Option<&str>) -> Result<Workspace, Error> {
    let new = NewWorkspace {
        account: owner.account.id,
        name: name.to_owned(),
        description: "Everything that customers wait for".to_owned(),
        handle: handle.map(str::to_owned),
    };
    workspace::create(&kit.cx, owner.caller, new, origin()).await
}

async fn edit(
    kit: &Kit,
    at: access::Workspace<EditWorkspace>,
    name: &str,
    description: &str,
) -> Result<Workspace, Error> {
    let edit = WorkspaceEdit { name: name.to_owned(), description: description.to_owned() };
    workspace::edit(&kit.cx, at, edit, origin()).await
}

async fn cards(kit: &Kit, who: &Somebody) -> Vec<WorkspaceCard> {
    workspace::cards(&kit.cx, who.caller).await.unwrap()
}

fn complaint(error: Error) -> (String, String) {
    let Error::Invalid(invalid) = error else { panic!("{error:?}") };
    (invalid[0].loc.join("."), invalid[0].message.clone())
}

/// Counts runs, as a write does that makes them.
struct Count(Tenant, Vec<Move>);

impl Write for Count {
    type Out = ();
    type Error = store::Error;
    async fn run(&self, tx: &mut Tx<'_>) -> store::Result<()> {
        counter::count(tx, &self.0, &self.1).await
    }
}

fn made(kind: RunKind, state_type: StateType, sort_time: Timestamp) -> Move {
    let to = Place { state_type, state_name: state_type.default_name().to_owned(), sort_time };
    Move { kind, flow_id: FlowId(Uuid::from_u128(7)), deployment_id: None, from: None, to: Some(to) }
}

on_both! {
    async fn a_workspace_belongs_to_its_account_and_its_maker(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        let workspace = make(&kit, &ann, " Grid forecasting ", None).await.unwrap();
        assert_eq!((workspace.name.as_str(), workspace.handle.as_str()), ("Grid forecasting", "grid-forecasting"));

        let address = access::Address { account: ann.account.id, workspace: workspace.id };
        assert_eq!(access::addresses(&kit.cx, ann.caller, 9).await, Ok(vec![address]));
        assert!(access::enter::<EditWorkspace>(&kit.cx, ann.caller, address).await.is_ok());
        let entered = access::enter::<ReadRuns>(&kit.cx, bob.caller, address).await;
        assert_eq!(entered.err(), Some(Error::NotFound("Workspace")));

        let me = workspace::me_workspaces(&kit.cx, ann.caller).await.unwrap();
        assert_eq!(me.len(), 1);
        assert_eq!((me[0].account_handle.as_str(), me[0].workspace_handle.as_str()), ("ann", "grid-forecasting"));
        assert_eq!(me[0].workspace_description, "Everything that customers wait for");
        assert!(workspace::me_workspaces(&kit.cx, bob.caller).await.unwrap().is_empty());

        let detail = workspace::detail(&kit.cx, kit.enter(&ann, address).await).await.unwrap();
        assert_eq!((detail.account, detail.workspace), (ann.account.clone(), workspace));
        assert_eq!((detail.flows, detail.flow_runs, detail.task_runs, detail.last_call), (0, 0, 0, None));
    }

    async fn nobody_makes_a_workspace_in_a_strange_account(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        let strange = Somebody { account: bob.account.clone(), ..ann };
        assert_eq!(make(&kit, &strange, "prod", None).await, Err(Error::NotFound("Account")));
        assert!(cards(&kit, &bob).await.is_empty());
    }

    async fn handles_are_unique_in_an_account_and_only_there(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        let handle = |workspace: Workspace| workspace.handle.to_string();
        assert_eq!(make(&kit, &ann, "Prod", None).await.map(handle).unwrap(), "prod");
        assert_eq!(make(&kit, &ann, "PROD!", None).await.map(handle).unwrap(), "prod-2");
        assert_eq!(make(&kit, &bob, "Prod", None).await.map(handle).unwrap(), "prod");
        let refused = complaint(make(&kit, &ann, "Another", Some("prod")).await.unwrap_err());
        assert_eq!(refused, ("handle".to_owned(), "prod is taken. prod-3 is free.".to_owned()));
        assert_eq!(make(&kit, &ann, "本番", Some("honban")).await.map(handle).unwrap(), "honban");
        assert_eq!(complaint(make(&kit, &ann, "本番", None).await.unwrap_err()).0, "handle");
        assert_eq!(complaint(make(&kit, &ann, "", None).await.unwrap_err()).0, "name");
        assert_eq!(complaint(make(&kit, &ann, &"x".repeat(101), None).await.unwrap_err()).0, "name");
    }

    async fn an_account_has_no_more_workspaces_than_are_listed(kit: Kit) {
        let ann = kit.person("ann").await;
        let many = |count: usize| {
            let (kit, ann) = (kit.clone(), ann.clone());
            (0..count).map(move |n| {
                let (kit, ann) = (kit.clone(), ann.clone());
                async move { make(&kit, &ann, &format!("{count} {n}"), None).await }
            })
        };
        assert!(many(199).collect::<JoinSet<_>>().join_all().await.iter().all(Result::is_ok));
        kit.linger("workspace", 0.2).await;
        let last = many(32).collect::<JoinSet<_>>().join_all().await;
        assert_eq!(last.iter().filter(|made| made.is_ok()).count(), 1);
        assert!(last.into_iter().filter_map(Result::err).all(|refused| matches!(refused, Error::Conflict(_))));
        assert_eq!(cards(&kit, &ann).await.len(), 200);
    }

    async fn a_new_name_keeps_the_handle(kit: Kit) {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "Prod").await;
        let at = kit.enter::<EditWorkspace>(&ann, address).await;
        kit.advance(10.0);
        let edited = edit(&kit, at, "Live", "Two\r\nlines").await.unwrap();
        assert_eq!((edited.name.as_str(), edited.handle.as_str()), ("Live", "prod"));
        assert_eq!((edited.description.as_str(), edited.updated), ("Two\nlines", start().plus_seconds(10.0)));
        assert_eq!(cards(&kit, &ann).await[0].workspace, edited);
        assert_eq!(complaint(edit(&kit, at, " ", "").await.unwrap_err()).0, "name");
        assert_eq!(complaint(edit(&kit, at, "Live", &"x".repeat(2_001)).await.unwrap_err()).0, "description");
    }

    async fn a_name_is_confirmed_as_pages_draw_it(kit: Kit) {
        let ann = kit.person("ann").await;
        for name in ["Harbour  office", "Harbour\u{a0}office"] {
            let address = kit.workspace(&ann, name).await;
            let at = kit.enter::<DeleteWorkspace>(&ann, address).await;
            workspace::delete(&kit.cx, at, "Harbour office", origin()).await.unwrap();
        }
        assert!(cards(&kit, &ann).await.is_empty());
    }

    async fn deleting_needs_the_name_and_hides_the_workspace_at_once(kit: Kit) {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "Prod").await;
        let key = kit.key(&ann, "laptop").await.secret;
        let reading = kit.enter::<ReadRuns>(&ann, address).await;
        let at = kit.enter::<DeleteWorkspace>(&ann, address).await;
        for slip in ["", "prod", "Prod2"] {
            let refused = complaint(workspace::delete(&kit.cx, at, slip, origin()).await.unwrap_err());
            assert_eq!(refused, ("confirmation".to_owned(), "Type Prod to delete this workspace.".to_owned()));
        }
        let mut bus = kit.cx.bus.listen();
        workspace::delete(&kit.cx, at, " Prod ", origin()).await.unwrap();
        assert_eq!(bus.try_recv(), Ok(Change::WorkspaceDeleted { workspace: address.workspace }));

        assert!(cards(&kit, &ann).await.is_empty());
        assert!(access::addresses(&kit.cx, ann.caller, 9).await.unwrap().is_empty());
        assert!(access::enter::<ReadRuns>(&kit.cx, ann.caller, address).await.is_err());
        assert!(access::enter_by_key::<ReadRuns>(&kit.cx, &key, address).await.is_err());
        assert_eq!(workspace::detail(&kit.cx, reading).await, Err(Error::NotFound("Workspace")));
        assert_eq!(workspace::delete(&kit.cx, at, "Prod", origin()).await, Err(Error::NotFound("Workspace")));
        assert_eq!(make(&kit, &ann, "Prod", None).await.unwrap().handle.as_str(), "prod");

        let log = audit::recent(&kit.cx, ann.caller).await.unwrap();
        let of_it = log.iter().filter(|entry| entry.workspace_id == Some(address.workspace)).map(|entry| entry.event);
        let of_it: Vec<_> = of_it.collect();
        assert!(of_it.contains(&AuditEvent::WorkspaceCreated) && of_it.contains(&AuditEvent::WorkspaceDeleted), "{of_it:?}");
    }

    async fn favourites_come_first(kit: Kit) {
        let ann = kit.person("ann").await;
        let (_, second) = (kit.workspace(&ann, "aa").await, kit.workspace(&ann, "bb").await);
        let at = kit.enter::<ReadRuns>(&ann, second).await;
        let order = async || {
            cards(&kit, &ann).await.into_iter().map(|card| (card.workspace.name, card.favourite)).collect::<Vec<_>>()
        };
        workspace::set_favourite(&kit.cx, at, true).await.unwrap();
        workspace::set_favourite(&kit.cx, at, true).await.unwrap();
        assert_eq!(order().await, [("bb".to_owned(), true), ("aa".to_owned(), false)]);
        workspace::set_favourite(&kit.cx, at, false).await.unwrap();
        assert_eq!(order().await, [("aa".to_owned(), false), ("bb".to_owned(), false)]);
    }

    async fn a_card_counts_the_runs_of_thirty_days(kit: Kit) {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "prod").await;
        let at = kit.enter::<ReadRuns>(&ann, address).await;
        let days_ago = |days: i64| start().plus_micros(-days * 86_400_000_000);
        let moves = vec![
            made(RunKind::FlowRun, StateType::Completed, days_ago(0)),
            made(RunKind::FlowRun, StateType::Completed, days_ago(29)),
            made(RunKind::FlowRun, StateType::Crashed, days_ago(29)),
            made(RunKind::FlowRun, StateType::Completed, days_ago(30)),
            made(RunKind::FlowRun, StateType::Scheduled, days_ago(-1)),
            made(RunKind::TaskRun, StateType::Running, days_ago(1)),
            made(RunKind::TaskRun, StateType::Failed, days_ago(31)),
        ];
        kit.cx.db.write(Count(*at.tenant(), moves)).await.unwrap();
        let quiet = kit.workspace(&ann, "quiet").await;
        let other = kit.enter::<ReadRuns>(&ann, quiet).await;
        let moves = vec![made(RunKind::FlowRun, StateType::Failed, days_ago(3)), made(RunKind::TaskRun, StateType::Failed, days_ago(3))];
        kit.cx.db.write(Count(*other.tenant(), moves)).await.unwrap();

        let [card, quiet] = cards(&kit, &ann).await.try_into().unwrap();
        assert_eq!((quiet.flow_runs, quiet.task_runs, quiet.days[26].broken), (1, 1, 1), "each has its own");
        assert_eq!((card.days.len(), card.flow_runs, card.task_runs), (30, 3, 1));
        let (first, last) = (card.days[0], card.days[29]);
        assert_eq!((first.completed, first.broken, first.open), (1, 1, 0));
        assert_eq!((last.completed, last.broken, last.open), (1, 0, 0));
        assert_eq!(last.start.to_string(), "2026-11-25T00:00:00.000000Z");
        let detail = workspace::detail(&kit.cx, at).await.unwrap();
        assert_eq!((detail.flow_runs, detail.task_runs), (5, 2));
    }
}
