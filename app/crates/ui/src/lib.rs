//! Presentational components, which render plain values, signals and values of `model` with the classes of `style/`.
//!
//! This crate must not fetch data, and must not know routes, server functions or URLs of the server: pages pass links and form targets as
//! props. Every component renders on the server and hydrates in the browser. Links, forms, `<details>` and `<dialog open>` also work
//! without JavaScript. No element has a `style` attribute, so that a strict content security policy can forbid inline styles.
//!
//! | file | what |
//! |---|---|
//! | `shell` | `Shell`, `Rail`, `Dock`, `TopBar`, `Page`, `PageHead`: the frame of signed-in pages |
//! | `auth` | `AuthLayout`, `CenteredCard`, `ErrorPage`: the pages without a rail |
//! | `button`, `field`, `check` | buttons and form fields |
//! | `copy`, `clipboard` | `CopyButton`, `CopyField`, `Terminal`, `CommandSteps`: texts with a copy button |
//! | `state`, `badge`, `chip` | the glyph and the word of a run's state; counters, initials, tags, the live dot |
//! | `card`, `banner`, `dialog`, `menu`, `sheet`, `toast` | containers and overlays |
//! | `list`, `run_row`, `tabs`, `filter`, `pagination` | lists and their controls |
//! | `detail_list`, `code`, `log` | the parts of a run's page |
//! | `history_chart`, `now_chart`, `art` | charts and illustrations |
//! | `empty`, `skeleton`, `live_only` | placeholders: no data, no match, load error, loading, updates to come |
//! | `workspace_card` | a workspace in the list of workspaces |
//! | `time`, `clock`, `number` | times, spans and counts as text |
//! | `theme` | light, dark, or the system's theme |
//!
//! Markup that only one page needs is not a component. Pages write it with these classes: `two-thirds`, `halves`, `stack` (`tight`,
//! `snug`, `loose`), `flex`, `grow`, `end`, `w-s`, `w-m` for layout; `hide-s` and `only-s` under 720 px; `hero` and `steps` (first
//! workspace); `firstg`, `firstpic`, `fresh`, `mini1`, `nexts`, `prov` (first run); `helpg`, `hstep`, `faq` (help). Elements with the
//! class `scripted` need JavaScript and are hidden without it.

#![expect(
    clippy::needless_pass_by_value,
    reason = "props are owned, because a view outlives the function that creates it"
)]

pub mod art;
pub mod auth;
pub mod badge;
pub mod banner;
pub mod button;
pub mod card;
pub mod check;
pub mod chip;
mod clipboard;
pub mod clock;
pub mod code;
pub mod copy;
pub mod detail_list;
pub mod dialog;
pub mod empty;
pub mod field;
pub mod filter;
pub mod history_chart;
pub mod icon;
pub mod list;
pub mod live_only;
pub mod log;
pub mod menu;
pub mod now_chart;
pub mod number;
pub mod pagination;
pub mod run_row;
pub mod sheet;
pub mod shell;
pub mod skeleton;
pub mod state;
pub mod tabs;
pub mod theme;
pub mod time;
pub mod toast;
pub mod workspace_card;

/// All components and their types.
pub mod prelude {
    pub use crate::{
        art::*, auth::*, badge::*, banner::*, button::*, card::*, check::*, chip::*, clock::*, code::*, copy::*,
        detail_list::*, dialog::*, empty::*, field::*, filter::*, history_chart::*, icon::*, list::*, live_only::*,
        log::*, menu::*, now_chart::*, number::*, pagination::*, run_row::*, sheet::*, shell::*, skeleton::*, state::*,
        tabs::*, theme::*, time::*, toast::*, workspace_card::*,
    };
}
