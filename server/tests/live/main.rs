//! The live socket of the real program: what is told and when, what is caught up with, who is let in and who is sent away.
//! Pages are stood in for by the frames that they send; what happens, happens over the API, as clients do it.

mod doors;
mod http;
mod page;
mod place;
mod telling;

/// One test for each database.
macro_rules! on_both {
    ($($name:ident: $run:path;)*) => {$(
        mod $name {
            use crate::place::{Database, Place};

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() -> anyhow::Result<()> {
                $run(Place::start(Database::Sqlite, &[]).await?).await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() -> anyhow::Result<()> {
                $run(Place::start(Database::Postgres, &[]).await?).await
            }
        }
    )*};
}

on_both! {
    runs_arrive_and_change_in_the_list: crate::telling::list;
    a_run_is_told_of_while_it_works: crate::telling::run;
    lines_are_told_when_they_arrive_whatever_their_clocks_say: crate::telling::wrong_clocks;
    a_crowd_of_late_lines_leaves_the_page_at_the_end_of_the_log: crate::telling::late_crowd;
    a_run_that_goes_on_shows_the_end_of_its_log: crate::telling::end_of_log;
    a_log_longer_than_is_counted_is_paged_without_a_gap: crate::telling::long_log;
    what_broke_comes_first_on_the_first_page: crate::telling::broken;
    what_happened_before_the_socket_opened_is_caught_up_with: crate::telling::caught_up;
    the_first_call_and_the_first_run_are_noticed: crate::telling::first_run;
}

/// One test each, on the embedded database: what these show does not depend on where rows lie.
macro_rules! on_sqlite {
    ($($name:ident: $run:path;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() -> anyhow::Result<()> {
            $run(place::Place::start(place::Database::Sqlite, &[]).await?).await
        }
    )*};
}

on_sqlite! {
    nobody_is_let_in_without_a_session_or_from_elsewhere: doors::upgrades;
    a_topic_of_somebody_else_is_refused: doors::foreign_topics;
    signing_out_closes_the_socket: doors::sign_out;
    deleting_the_workspace_closes_the_socket: doors::deleted_workspace;
    what_no_page_says_closes_the_socket: doors::nonsense;
    a_mark_of_another_start_means_reload: telling::foreign_mark;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_local_mode_the_local_person_may_follow() -> anyhow::Result<()> {
    doors::local(place::Place::local().await?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_opens_no_socket() -> anyhow::Result<()> {
    let folder = tempfile::TempDir::new()?;
    let settings = folder.path().join("short.toml");
    std::fs::write(&settings, doors::SHORT_LIFE)?;
    let arguments = ["--config", &settings.display().to_string()];
    doors::expired(place::Place::start(place::Database::Sqlite, &arguments).await?).await
}
