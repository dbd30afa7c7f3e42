//! The unmodified clients, from their own venvs, against the real program on both databases. Sign-in is by command line
//! as users type it, scripts run as they stand, and what is then stored is compared with what the reference server has
//! stored for the same script (`recordings/`, made by `cargo xtask prove --record`). Must not know the server's inside.

mod keys;
mod place;
mod recorded;
mod session;
mod without_cloud;

/// One test for each database and each line; the names say which client runs.
macro_rules! on_both {
    ($($name:ident: $run:path, $client:literal $(, $more:expr)*;)*) => {$(
        mod $name {
            use crate::place::Database;

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
    v3_8_8_basic: crate::recorded::signed_in, "3.8.8", "basic";
    v3_8_8_tasks: crate::recorded::signed_in, "3.8.8", "tasks";
}

/// One test a client, on the embedded database: what these show does not depend on where rows lie.
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
    picks_a_workspace_and_moves_between_profiles: crate::session::picker_workspaces_profiles;
    refused_keys: crate::keys::refused;
    address_and_key_alone: crate::without_cloud::address_and_key;
    local_mode: crate::without_cloud::local;
}
