//! The data of an artifact, on its page and as a preview in the list.

use leptos::prelude::*;
use model::screen::{ArtifactContent, ArtifactImage, ArtifactTable};
use ui::prelude::*;

/// The preview in a card, and whether it fills the card to its edges.
pub fn preview(content: ArtifactContent, key: &str) -> (AnyView, bool) {
    let fills = match &content {
        ArtifactContent::Table(table) => !table.rows.is_empty(),
        ArtifactContent::Image(ArtifactImage::Embedded(_)) => true,
        _ => false,
    };
    let view = match content {
        ArtifactContent::None => muted("No data"),
        ArtifactContent::TooLarge => muted("Too large for a preview"),
        ArtifactContent::Table(table) if table.rows.is_empty() => muted("No rows"),
        ArtifactContent::Table(table) => table_view(table),
        ArtifactContent::Markdown { html, .. } => view! { <div class="md" inner_html=html></div> }.into_any(),
        ArtifactContent::Link { text, href } => link(text, href),
        ArtifactContent::Progress(number) => progress(number, key),
        ArtifactContent::Image(ArtifactImage::Embedded(url)) => picture(url, key),
        ArtifactContent::Image(ArtifactImage::Remote { url, .. }) => view! {
            <p class="t2">"Open it to see the image."</p>
            <p class="t3 cut">{url}</p>
        }
        .into_any(),
        ArtifactContent::Json { text, .. } => view! { <pre class="t2">{text}</pre> }.into_any(),
    };
    (view, fills)
}

/// The data on the artifact's page. `show_image` is the link that loads an image of another server; None if the page may load it.
pub fn full(content: ArtifactContent, name: &str, show_image: impl Fn(&str) -> Option<String>) -> AnyView {
    match content {
        ArtifactContent::None => note("No data", "The client sent an artifact without data."),
        ArtifactContent::TooLarge => {
            note("Too large to show", "To read the whole artifact, run prefect artifact inspect followed by its key.")
        }
        ArtifactContent::Table(table) if table.rows.is_empty() => note("No rows", "The table is empty."),
        ArtifactContent::Table(table) => full_table(table),
        ArtifactContent::Markdown { html, cut } => view! {
            // Focusable, so that a wide table in it can be scrolled with the keyboard.
            <div class="md bd" role="group" aria-label="Text" tabindex="0" inner_html=html></div>
            {cut.then(|| left_out("The text is too long to show in full."))}
        }
        .into_any(),
        ArtifactContent::Link { text, href } => view! { <div class="bd">{link(text, href)}</div> }.into_any(),
        ArtifactContent::Progress(number) => view! { <div class="bd">{progress(number, name)}</div> }.into_any(),
        ArtifactContent::Image(ArtifactImage::Embedded(url)) => {
            view! { <div class="bd">{picture(url, name)}</div> }.into_any()
        }
        ArtifactContent::Image(ArtifactImage::Remote { url, origin }) => {
            remote_image(url.clone(), name, show_image(&origin), &origin)
        }
        ArtifactContent::Json { text, cut } => view! {
            <JsonCode label="JSON" text />
            {cut.then(|| left_out("The data is too long to show in full."))}
        }
        .into_any(),
    }
}

fn muted(text: &'static str) -> AnyView {
    view! { <p class="t3">{text}</p> }.into_any()
}

fn note(title: &'static str, text: &'static str) -> AnyView {
    view! {
        <div class="bd">
            <h2>{title}</h2>
            <p class="t2">{text}</p>
        </div>
    }
    .into_any()
}

fn left_out(text: impl Into<String>) -> AnyView {
    view! { <p class="ft small t3">{text.into()}</p> }.into_any()
}

fn link(text: String, href: Option<String>) -> AnyView {
    let link = match href {
        Some(href) => view! {
            <a class="link" href=href target="_blank" rel="noopener noreferrer nofollow">
                {text}
            </a>
        }
        .into_any(),
        // A link that browsers must not open is shown as a text.
        None => view! { <span>{text}</span> }.into_any(),
    };
    view! {
        <p class="artlink">
            <Glyph icon=Icon::Link />
            {link}
        </p>
    }
    .into_any()
}

fn progress(number: f64, name: &str) -> AnyView {
    let shown = ((number * 10.0).round() / 10.0).to_string();
    view! {
        <p class="flex">
            <span class="big">{shown}</span>
            <span class="t2">"%"</span>
        </p>
        <progress max="100" value=number.to_string() aria-label=format!("Progress of {name}")></progress>
    }
    .into_any()
}

fn picture(url: String, name: &str) -> AnyView {
    view! { <img src=url alt=format!("Image {name}") referrerpolicy="no-referrer" /> }.into_any()
}

/// An image of another server. It is loaded only after a click, because loading it tells that server who looks at the page and when.
fn remote_image(url: String, name: &str, show: Option<String>, origin: &str) -> AnyView {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host).to_owned();
    let open = view! {
        <a class="link" href=url.clone() target="_blank" rel="noopener noreferrer nofollow">
            "Open it in a new tab"
        </a>
    };
    match show {
        None => view! {
            <div class="bd stack snug">
                {picture(url, name)} <p class="small t3">"From " {host} ". " {open}</p>
            </div>
        }
        .into_any(),
        Some(show) => view! {
            <div class="bd stack snug">
                <h2>{format!("An image on {host}")}</h2>
                <p class="t2">
                    {format!("Showing the image loads it from {host}, which then sees your IP address and the time. ")} {open} "."
                </p>
                // External, because only a new document gets the permission to load from another server.
                <p>
                    <a class="btn" href=show rel="external">
                        <Glyph icon=Icon::Image />
                        "Show image"
                    </a>
                </p>
            </div>
        }
        .into_any(),
    }
}

fn full_table(table: ArtifactTable) -> AnyView {
    let (rows, columns) = (table.rows.len() as u64, table.columns.len() as u64);
    let mut limits = Vec::new();
    if table.total_rows > rows {
        limits.push(format!("Showing the first {} of {} rows.", grouped(rows), grouped(table.total_rows)));
    }
    if table.total_columns > columns {
        limits.push(format!("Showing the first {} of {} columns.", grouped(columns), grouped(table.total_columns)));
    }
    view! {
        // Focusable, so that it can be scrolled with the keyboard.
        <div class="scroll" role="region" aria-label="Table" tabindex="0">
            {table_view(table)}
        </div>
        {(!limits.is_empty()).then(|| left_out(limits.join(" ")))}
    }
    .into_any()
}

fn table_view(table: ArtifactTable) -> AnyView {
    let ArtifactTable { columns, rows, .. } = table;
    let numeric: Vec<bool> = columns.iter().map(|column| column.numeric).collect();
    let has_names = columns.iter().any(|column| !column.name.is_empty());
    let head = has_names.then(|| {
        let names =
            columns.into_iter().map(|column| view! { <th scope="col" class:num=column.numeric>{column.name}</th> });
        view! {
            <thead>
                <tr>{names.collect_view()}</tr>
            </thead>
        }
    });
    let row = |cells: Vec<String>| {
        let cells = cells.into_iter().zip(&numeric).map(|(cell, numeric)| view! { <td class:num=*numeric>{cell}</td> });
        view! { <tr>{cells.collect_view()}</tr> }
    };
    view! {
        <table>
            {head} <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
