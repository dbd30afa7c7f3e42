//! The page: three figures, and a table of the services.

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    server::{DatabaseKind, Failing, ServerScreen, ServiceStatus, Tick, TickOutcome},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::server::read_services;
use crate::{
    links::SERVICES_PATH,
    loaded::{Loaded, resource},
};

/// The page.
#[component]
pub fn ServicesPage() -> impl IntoView {
    let screen = resource(|| (), |()| read_services());
    view! {
        <Title text="Services" />
        <TopBar crumbs=vec![Crumb::link("Server", SERVICES_PATH), Crumb::current("Services")] help="/help" />
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
    let clock = expect_context::<Signal<Clock>>();
    let ServerScreen { version, started, database, services, now } = screen;
    // The figures do not change after they are read, so neither do the times relative to them.
    let clock = Signal::derive(move || Clock { now, zone: clock.get().zone });
    let (database, place) = match database {
        DatabaseKind::Sqlite => ("SQLite", "Embedded in the server"),
        DatabaseKind::Postgres => ("PostgreSQL", "A server of its own"),
    };
    let healthy = services.iter().filter(|service| service.failing.is_none()).count();
    let of_all = format!("of {} healthy", services.len());
    let failing = services.iter().filter(|service| service.failing.is_some()).map(|service| service.title.clone());
    let failing = failing.collect::<Vec<_>>().join(", ");
    let failing = if failing.is_empty() { "None is failing".to_owned() } else { format!("Failing: {failing}") };
    view! {
        <PageHead title="Server">
            <LinkButton href=SERVICES_PATH icon=Icon::Retry attr:rel="external">
                "Refresh"
            </LinkButton>
        </PageHead>
        <div class="figures">
            <Figure label="Version" value=version unit="" note=format!("Up for {}", duration(now.since(started))) />
            <Figure label="Database" value=database unit="" note=place />
            <Figure label="Services" value=healthy.to_string() unit=of_all note=failing />
        </div>
        <Table label="Services" columns=Columns::Services head>
            {services.into_iter().map(|service| view! { <ServiceRow service clock /> }).collect_view()}
        </Table>
    }
}

#[component]
fn Figure(
    label: &'static str,
    #[prop(into)] value: String,
    #[prop(into)] unit: String,
    #[prop(into)] note: String,
) -> impl IntoView {
    view! {
        <section class="card figure">
            <h2>{label}</h2>
            <p class="n">{value} " " <span class="small t3">{unit}</span></p>
            <p class="small t3">{note}</p>
        </section>
    }
}

fn head() -> impl IntoView {
    let right = |label| view! { <span role="columnheader" class="num">{label}</span> };
    let left = |label| view! { <span role="columnheader">{label}</span> };
    (left("Service"), left("Last run"), right("Took"), left("Last result"), right("Errors since start"))
}

#[component]
fn ServiceRow(service: ServiceStatus, clock: Signal<Clock>) -> impl IntoView {
    let (state_type, result) = result(&service);
    let ServiceStatus { title, description, period, running, last, errors, failing, .. } = service;
    let last_run = match (running, last) {
        (Some(at), _) | (None, Some(Tick { started: at, .. })) => view! { <Since at clock /> }.into_any(),
        (None, None) => "Not yet".into_any(),
    };
    let heading = title.clone();
    let took = last.map_or_else(|| "–".to_owned(), |tick| duration(tick.duration));
    view! {
        <TableRow columns=Columns::Services>
            <div role="cell" class="flex cut">
                <StateGlyph state_type name="" />
                <div class="cut">
                    <b class="name">{heading}</b>
                    <div class="meta">
                        <span class="cut">{description}</span>
                    </div>
                </div>
            </div>
            <div role="cell" class="when">
                {last_run} <div class="small t3">{format!("every {}", duration(period))}</div>
            </div>
            <div role="cell" class="num mono">{took}</div>
            <div role="cell" class="t2">{result}</div>
            <div role="cell" class="num" class:is-bad={errors > 0} class:t3={errors == 0}>{grouped(errors)}</div>
        </TableRow>
        {failing.map(|failing| view! { <ErrorRow failing title clock /> })}
    }
}

/// The type of the state whose glyph stands for the service, and its last result in words.
fn result(service: &ServiceStatus) -> (StateType, String) {
    let ServiceStatus { running, last, counts: (one, several), .. } = service;
    match (running, last.map(|tick| tick.outcome)) {
        (Some(_), _) => (StateType::Running, "Runs now".to_owned()),
        (None, None) => (StateType::Pending, "Not yet run".to_owned()),
        (None, Some(TickOutcome::Failed)) => (StateType::Failed, "Failed".to_owned()),
        (None, Some(TickOutcome::Done(0))) => (StateType::Completed, "Nothing to do".to_owned()),
        (None, Some(TickOutcome::Done(done))) => (StateType::Completed, counted(done, one, several)),
    }
}

/// The row below a failing service: the error, and when it tries again.
#[component]
fn ErrorRow(failing: Failing, title: String, clock: Signal<Clock>) -> impl IntoView {
    let Failing { since, times, error, next_try } = failing;
    view! {
        <div role="row" class="svcerr">
            <div role="cell" aria-colspan="5">
                <code>{error.clone()}</code>
                <span class="t2">
                    {format!("{} since ", counted(times.into(), "time", "times"))}
                    <TimeOfDay at=since clock /> {move || next_try_text(next_try, clock.get())}
                </span>
                <CopyButton text=Signal::stored(error.clone()) what=format!("error of {title}") look=CopyLook::Button />
            </div>
        </div>
    }
}

fn next_try_text(at: Timestamp, clock: Clock) -> String {
    if at <= clock.now { ", tries again now".to_owned() } else { format!(", next try {}", relative(at, clock)) }
}
