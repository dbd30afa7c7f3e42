//! The unmodified clients, from their own venvs, against the real program on both databases. The tests sign in on the command
//! line as users do, run unchanged scripts, and compare the stored rows with those of the reference server for the same script
//! (`recordings/`, made by `cargo xtask prove --record`). `resources` calls the functions and commands of the client that store no
//! runs. They must not use the server's internals.

mod keys;
mod recorded;
mod resources;
mod session;
mod setup;
mod without_cloud;

/// One test for each database and line. `xtask` selects the tests of a client by their names.
macro_rules! on_both {
    ($($name:ident: $run:path, $client:literal $(, $more:expr)*;)*) => {$(
        mod $name {
            use crate::setup::Database;

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() -> anyhow::Result<()> {
                $run(Database::Sqlite, $client $(, $more)*).await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() -> anyhow::Result<()> {
                $run(Database::Postgres, $client $(, $more)*).await
            }
        }
    )*};
}

on_both! {
    v2_0_4_basic: crate::recorded::signed_in, "2.0.4", "basic";
    v2_0_4_tasks: crate::recorded::signed_in, "2.0.4", "tasks";
    v2_20_26_basic: crate::recorded::signed_in, "2.20.26", "basic";
    v2_20_26_tasks: crate::recorded::signed_in, "2.20.26", "tasks";
    v2_20_26_resources: crate::resources::used_by_client, "2.20.26";
    v3_8_8_basic: crate::recorded::signed_in, "3.8.8", "basic";
    v3_8_8_tasks: crate::recorded::signed_in, "3.8.8", "tasks";
    v3_8_8_resources: crate::resources::used_by_client, "3.8.8";
}

/// One test for each client, on SQLite only, because these do not depend on the database.
macro_rules! for_each_client {
    ($($name:ident: $run:path;)*) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread")]
            async fn v2_0_4() -> anyhow::Result<()> {
                $run("2.0.4").await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn v2_20_26() -> anyhow::Result<()> {
                $run("2.20.26").await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn v3_8_8() -> anyhow::Result<()> {
                $run("3.8.8").await
            }
        }
    )*};
}

for_each_client! {
    picks_a_workspace_and_switches_profiles: crate::session::picker_workspaces_profiles;
    rejected_keys: crate::keys::rejected;
    api_url_and_key_without_cloud_url: crate::without_cloud::api_url_and_key;
    local_mode: crate::without_cloud::local;
}
