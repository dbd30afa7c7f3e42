//! Which page a path shows, and the list of pages for the browser tests.

use std::{fs, path::Path};

use model::workspace::WorkspaceRef;

use super::{Access, ROUTES, Route, part_of, parts_of, router::find};
use crate::{
    links::{self, WorkspacePaths as _},
    parts::Part,
};

const ID: &str = "0196f5a0-0000-7000-8000-000000000001";

fn route_of(path: &str) -> Option<String> {
    find(path).map(|found| found.route().path())
}

#[test]
fn links_lead_to_their_pages() {
    let workspace = WorkspaceRef { account: ID.parse().unwrap(), workspace: ID.parse().unwrap() };
    for (path, part) in [
        (links::workspaces_path().to_owned(), Part::Workspaces),
        (links::new_workspace_path().to_owned(), Part::Workspaces),
        (links::sign_in(Some("/help")).split('?').next().unwrap().to_owned(), Part::Auth),
        (links::my_sign_in_path().to_owned(), Part::Settings),
        (links::api_keys_path().to_owned(), Part::Keys),
        (links::services_path().to_owned(), Part::Help),
        (workspace.runs_path(), Part::Runs),
        (workspace.flow_run_path(ID.parse().unwrap()), Part::Run),
        (workspace.artifacts_path(), Part::Artifacts),
        (workspace.newest_artifact_path("load-forecast"), Part::Artifacts),
        (workspace.artifact_path(ID.parse().unwrap()), Part::Artifacts),
        (workspace.variables_path(), Part::Variables),
        (workspace.settings_path(), Part::Settings),
        (workspace.first_run_path(), Part::Help),
    ] {
        assert_eq!(part_of(&path), Some(part), "{path}");
    }
}

#[test]
fn an_open_tab_of_a_run_is_a_part_of_its_own() {
    let workspace = WorkspaceRef { account: ID.parse().unwrap(), workspace: ID.parse().unwrap() };
    let parts = |path: &str, search| parts_of(path, search).collect::<Vec<_>>();
    let run = workspace.flow_run_path(ID.parse().unwrap());
    for search in ["", "?tab=logs", "?tab=states", "?tab=other", "?level=30"] {
        assert_eq!(parts(&run, search), [Part::Run], "{search}");
    }
    for (search, tab) in [
        ("?tab=task-runs", Part::RunTasks),
        ("?tab=task%2Druns&level=30", Part::RunTasks),
        ("?level=30&tab=parameters", Part::RunParameters),
    ] {
        assert_eq!(parts(&run, search), [Part::Run, tab], "{search}");
    }
    assert_eq!(parts(&workspace.runs_path(), "?tab=parameters"), [Part::Runs]);
    assert_eq!(parts("/nowhere", "?tab=parameters"), []);
}

#[test]
fn slash_at_the_end_makes_no_difference() {
    for path in ["/help", "/my/api-keys", "/account/a/workspace/w", "/account/a/workspace/w/runs/flow-run/r"] {
        assert_eq!(route_of(&format!("{path}/")), route_of(path), "{path}");
        assert!(route_of(path).is_some_and(|route| !route.contains('*')), "{path}");
    }
}

#[test]
fn other_paths_have_no_page() {
    for path in
        ["/nowhere", "//", "//help", "/help//", "/help/more", "/runs", "/account//workspace/w", "/account/a/workspace"]
    {
        assert_eq!(route_of(path), None, "{path}");
    }
}

#[test]
fn parameters_are_those_of_layout_and_page() {
    let found = find("/account/a/workspace/w/runs/flow-run/r").unwrap();
    assert_eq!(found.layout_params, [("account".into(), "a".to_owned()), ("workspace".into(), "w".to_owned())]);
    assert_eq!(found.page_params, [("flow_run".into(), "r".to_owned())]);
    let printed = find("/account/a/workspace/w/events/event/2026-11-25/e").unwrap();
    assert_eq!(printed.page_params, [("client_link".into(), "events/event/2026-11-25/e".to_owned())]);
}

#[test]
fn every_route_can_be_reached() {
    for route in ROUTES {
        let path = route.path().replace(['{', '*', '}'], "");
        assert_eq!(route_of(&path), Some(route.path()));
    }
}

/// The browser tests open every page of this list.
#[test]
fn list_for_the_browser_tests_is_up_to_date() {
    let access = |route: &Route| match route.access {
        Access::Public => "public",
        Access::Person => "person",
        Access::Administrator => "administrator",
        Access::Workspace => "workspace",
    };
    let pages = ROUTES.iter().filter_map(|route| {
        let part = route.part?;
        let (path, access, part) = (route.path(), access(route), part.name());
        Some(format!(r#"{{ "path": "{path}", "access": "{access}", "part": "{part}" }}"#))
    });
    let expected = format!("[\n  {}\n]\n", pages.collect::<Vec<_>>().join(",\n  "));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/support/pages.json");
    if fs::read_to_string(&file).is_ok_and(|text| text == expected) {
        return;
    }
    fs::write(&file, expected).unwrap();
    panic!("end2end/support/pages.json was out of date and is generated again now: commit it");
}
