//! The page: three figures, and a table of the services.

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    server::{DatabaseKind, Failing, ServerScreen, ServiceStatus, TickOutcome},
    state::StateType,
};
use ui::prelude::*;

use super::server::read_services;
use crate::{
    error::Error,
    layout::Frame,
    links,
    loaded::{LoadError, Loaded, resource},
};

/// The page.
#[component]
pub fn ServicesPage() -> impl IntoView {
    if !expect_context::<Frame>().person.is_some_and(|person| person.is_admin) {
        return view! { <LoadError error=Error::NotFound subject="this page" full_page=true /> }.into_any();
    }
    let screen = resource(|| (), |()| read_services());
    view! {
        <Title text="Services" />
        <TopBar crumbs=vec![Crumb::link("Server", links::services_path()), Crumb::current("Services")] help=links::help_path() />
        <Page>
            <Loaded data=screen subject="the services" let(screen)>
                <ServerView screen />
            </Loaded>
        </Page>
    }
    .into_any()
}

#[component]
fn ServerView(screen: ServerScreen) -> impl IntoView {
    let ServerScreen { version, started, database, services, now } = screen;
    // The figures do not change after they are read, so neither do the times relative to them.
    let clock = Clock { now, ..Clock::default() };
    let (database, place) = match database {
        DatabaseKind::Sqlite => ("SQLite", "Embedded in the server"),
        DatabaseKind::Postgres => ("PostgreSQL", "Separate server"),
    };
    let is_failing = |service: &&ServiceStatus| service.failing.is_some();
    let failing: Vec<_> = services.iter().filter(is_failing).map(|service| service.title.clone()).collect();
    let healthy = services.len() - failing.len();
    let failing =
        if failing.is_empty() { "None failing".to_owned() } else { format!("Failing: {}", failing.join(", ")) };
    let columns = ["Service", "Last run", "Took", "Last result", "Errors since start"];
    view! {
        <PageHead title="Server">
            // Loads the whole page again, so that it also works without scripts.
            <a class="btn" href=links::services_path() rel="external">
                <Glyph icon=Icon::Retry />
                "Refresh"
            </a>
        </PageHead>
        <div class="figures">
            {figure("Version", version, String::new(), format!("Up for {}", running_duration(now.since(started))))}
            {figure("Database", database.to_owned(), String::new(), place.to_owned())}
            {figure("Services", healthy.to_string(), format!("of {} healthy", services.len()), failing)}
        </div>
        <div class="list" role="table" aria-label="Services">
            <div class="row th svcrow" role="row">
                {columns.map(|column| view! { <span role="columnheader">{column}</span> })}
            </div>
            {services.into_iter().map(|service| service_row(service, clock)).collect_view()}
        </div>
    }
}

fn figure(label: &'static str, value: String, unit: String, note: String) -> AnyView {
    view! {
        <section class="card figure">
            <h2>{label}</h2>
            <p class="n">{value} " " <span class="small t3">{unit}</span></p>
            <p class="small t3">{note}</p>
        </section>
    }
    .into_any()
}

fn service_row(service: ServiceStatus, clock: Clock) -> AnyView {
    let (state_type, result) = result(&service);
    let ServiceStatus { title, description, period, running, last, errors, failing, .. } = service;
    let last_run = running.or(last.map(|tick| tick.started));
    let last_run = last_run.map_or_else(|| "Not yet".to_owned(), |at| relative_past(at, clock));
    let took = last.map_or_else(|| "–".to_owned(), |tick| duration(tick.duration));
    let every = duration(period);
    let every = format!("every {}", every.trim_end_matches(" 00s").trim_end_matches(" 00m"));
    let error_row = failing.map(|failing| error_row(failing, &title, clock));
    let cell = |class: &'static str, text: String| view! { <div role="cell" class=class>{text}</div> };
    view! {
        <div class="row svcrow" role="row">
            <div role="cell" class="flex cut">
                <StateGlyph state_type name="" />
                <div class="cut">
                    <b class="name">{title}</b>
                    <div class="small t3 cut">{description}</div>
                </div>
            </div>
            <div role="cell">
                {last_run} <div class="small t3">{every}</div>
            </div>
            {cell("mono", took)} {cell("t2", result)} {cell(if errors > 0 { "is-bad" } else { "t3" }, grouped(errors))}
        </div>
        {error_row}
    }
    .into_any()
}

/// The type of the state whose glyph stands for the service, and its last result in words.
fn result(service: &ServiceStatus) -> (StateType, String) {
    let ServiceStatus { running, last, counts: (one, several), .. } = service;
    match (running, last.map(|tick| tick.outcome)) {
        (Some(_), _) => (StateType::Running, "Running".to_owned()),
        (None, None) => (StateType::Pending, "Hasn’t run yet".to_owned()),
        (None, Some(TickOutcome::Failed)) => (StateType::Failed, "Failed".to_owned()),
        (None, Some(TickOutcome::Done(0))) => (StateType::Completed, "Nothing to do".to_owned()),
        (None, Some(TickOutcome::Done(done))) => (StateType::Completed, counted(done, one, several)),
    }
}

/// The row below a failing service: the error, and when it tries again.
fn error_row(failing: Failing, title: &str, clock: Clock) -> AnyView {
    let Failing { since, times, error, next_try } = failing;
    let next_try = if next_try <= clock.now { "now".to_owned() } else { relative(next_try, clock) };
    let history = format!(
        "{}, the first {}. The next attempt is {next_try}.",
        counted(times.into(), "failure", "failures"),
        relative_past(since, clock)
    );
    let what = format!("the error from {title}");
    view! {
        <div role="row" class="svcerr">
            <div role="cell" aria-colspan="5">
                <code>{error.clone()}</code>
                <span class="t2">{history}</span>
                <CopyButton text=Signal::stored(error) what look=CopyLook::Button />
            </div>
        </div>
    }
    .into_any()
}
