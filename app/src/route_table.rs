//! The table of all pages. From it come the routes ([`crate::routes`]), the parts of the wasm ([`crate::parts`]) and the functions
//! that make the paths of links ([`crate::links`]). To add a page, add a row.
//!
//! Rows stand in the part of the wasm that has the page's code; the last group only redirects and is part of the base. Columns:
//!
//! - component: named nowhere else, since any other use moves its code into the wasm that every page loads
//! - layout and access: see `routes::Layout` and `routes::Access`
//! - path: below a workspace if the layout is the workspace's
//! - link: the function that makes the path, with the parameters of the path; in a workspace a method of `links::WorkspacePaths`
//!
//! Tabs of a page that are loaded when they are opened follow it: their part, and the value of `tab` in the page's query. The name of
//! such a part begins with that of the page's part and `_`, by which the build knows what is loaded already.

/// Passes the table to the macro that derives something from it.
macro_rules! route_table {
    ($derive:ident) => {
        $derive! {
            part Auth = auth, load_auth {
                SignInPage              Bare       Public         "/sign-in"                     sign_in_path();
                RegisterPage            Bare       Public         "/register"                    register_path();
                ClientSignInPage        Bare       Person         "/auth/client"                 client_sign_in_path();
            }
            part Workspaces = workspaces, load_workspaces {
                WorkspacesPage          Personal   Person         "/"                            workspaces_path();
                NewWorkspacePage        Personal   Person         "/workspaces/new"              new_workspace_path();
            }
            part Settings = settings, load_settings {
                WorkspaceSettingsPage   Workspace  Workspace      "/settings"                    settings_path();
                MySignInPage            Personal   Person         "/my/sign-in"                  my_sign_in_path();
            }
            part Keys = keys, load_keys {
                ApiKeysPage             Personal   Person         "/my/api-keys"                 api_keys_path();
            }
            part Help = help, load_help {
                HelpPage                Public     Public         "/help"                        help_path();
                FirstRunPage            Workspace  Workspace      "/first-run"                   first_run_path();
                ServicesPage            Personal   Administrator  "/server/services"             services_path();
            }
            part Runs = runs, load_runs {
                RunsPage                Workspace  Workspace      "/runs"                        runs_path();
            }
            part Run = run, load_run {
                RunPage                 Workspace  Workspace      "/runs/flow-run/{flow_run}"    flow_run_path(flow_run: FlowRunId);
            }
            tabs {
                RunTasks = run_tasks, load_run_tasks, "task-runs";
                RunParameters = run_parameters, load_run_parameters, "parameters";
            }
            part Artifacts = artifacts, load_artifacts {
                ArtifactsPage           Workspace  Workspace      "/artifacts"                   artifacts_path();
                NewestArtifactPage      Workspace  Workspace      "/artifacts/key/{key}"         newest_artifact_path(key: &str);
                ArtifactPage            Workspace  Workspace      "/artifacts/artifact/{artifact}"  artifact_path(artifact: ArtifactId);
            }
            part Variables = variables, load_variables {
                VariablesPage           Workspace  Workspace      "/variables"                   variables_path();
            }
            redirects {
                RedirectToRuns          Workspace  Workspace      "";
                ClientLink              Workspace  Workspace      "/{*client_link}";
                BareClientLink          Bare       Person         "/runs/{*client_link}";
                BareClientLink          Bare       Person         "/flow-runs/{*client_link}";
                BareClientLink          Bare       Person         "/flows/{*client_link}";
                BareClientLink          Bare       Person         "/deployments/{*client_link}";
                BareClientLink          Bare       Person         "/work-pools/{*client_link}";
                BareClientLink          Bare       Person         "/work-queues/{*client_link}";
                BareClientLink          Bare       Person         "/blocks/{*client_link}";
                BareClientLink          Bare       Person         "/concurrency-limits/{*client_link}";
                BareClientLink          Bare       Person         "/automations/{*client_link}";
                BareClientLink          Bare       Person         "/events/{*client_link}";
            }
        }
    };
}
