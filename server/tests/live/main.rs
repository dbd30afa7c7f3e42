//! The live socket of the real program: its updates, catching up after a page was read, and access. The tests send the frames of
//! a page themselves, and change runs over the API as clients do.

mod access;
mod fixture;
mod http;
mod page;
mod stream;
mod updates;
mod variables;

/// One test for each database.
macro_rules! on_both {
    ($($name:ident: $run:path;)*) => {$(
        mod $name {
            use crate::fixture::{Database, LiveFixture};

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() -> anyhow::Result<()> {
                $run(LiveFixture::start(Database::Sqlite, &[]).await?).await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() -> anyhow::Result<()> {
                $run(LiveFixture::start(Database::Postgres, &[]).await?).await
            }
        }
    )*};
}

on_both! {
    run_list_gets_new_and_changed_runs: crate::updates::run_list;
    run_page_gets_states_task_runs_and_log_lines: crate::updates::run;
    log_lines_are_sent_on_arrival_whatever_their_timestamp: crate::updates::wrong_clocks;
    many_late_lines_leave_the_page_at_the_end_of_the_log: crate::updates::many_late_lines;
    page_of_an_active_run_shows_the_end_of_its_log: crate::updates::end_of_log;
    long_log_is_paged_without_a_gap: crate::updates::long_log;
    failed_task_runs_are_first_on_the_first_page: crate::updates::failed_task_runs;
    changes_before_the_socket_opened_are_sent: crate::updates::catch_up;
    artifact_pages_get_new_changed_and_deleted_artifacts: crate::updates::artifacts;
    first_run_topic_gets_the_first_call_and_run: crate::updates::first_run;
    variable_list_gets_changes_by_clients: crate::variables::changes_by_clients;
    admin_set_password_closes_sockets_within_a_second: crate::access::set_password;
}

/// One test each, on SQLite only, because these do not depend on the database.
macro_rules! on_sqlite {
    ($($name:ident: $run:path;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() -> anyhow::Result<()> {
            $run(fixture::LiveFixture::start(fixture::Database::Sqlite, &[]).await?).await
        }
    )*};
}

on_sqlite! {
    socket_needs_a_session_and_the_own_origin: access::upgrades;
    topic_of_another_user_is_refused: access::foreign_topics;
    sign_out_closes_the_socket: access::sign_out;
    deleting_the_workspace_closes_the_socket: access::deleted_workspace;
    invalid_messages_close_the_socket: access::invalid_messages;
    unknown_stream_position_means_reload: updates::unknown_position;
    changes_wake_only_topics_of_their_workspace: updates::two_workspaces;
}

/// Only on PostgreSQL can another session keep the server from reading a table.
mod page_begins_before_its_data_is_read {
    use crate::fixture::{Database, LiveFixture};

    #[tokio::test(flavor = "multi_thread")]
    async fn postgres() -> anyhow::Result<()> {
        crate::stream::locked_log(LiveFixture::start(Database::Postgres, &[]).await?).await
    }
}

/// Only servers on PostgreSQL share a database.
mod two_servers {
    use crate::fixture::{Database, LiveFixture};

    #[tokio::test(flavor = "multi_thread")]
    async fn postgres() -> anyhow::Result<()> {
        crate::updates::two_servers(LiveFixture::start(Database::Postgres, &[]).await?).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn local_person_may_subscribe_in_local_mode() -> anyhow::Result<()> {
    access::local(fixture::LiveFixture::local().await?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_session_opens_no_socket() -> anyhow::Result<()> {
    let folder = tempfile::TempDir::new()?;
    let settings = folder.path().join("short.toml");
    std::fs::write(&settings, access::SHORT_SESSIONS)?;
    let arguments = ["--config", &settings.display().to_string()];
    access::expired(fixture::LiveFixture::start(fixture::Database::Sqlite, &arguments).await?).await
}
