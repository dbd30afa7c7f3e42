//! Presentational components: what a page is made of, and nothing a page is about.
//!
//! Every component takes plain values, signals or values of `model`, and draws them with the classes of `style/`.
//! None fetches, none knows an address of the server, a route or a server function; links and form targets are handed in.
//! All of it renders on the server and hydrates; what can work without scripts does (links, forms, `<details>`, `<dialog open>`).
//! There is no `style` attribute anywhere, so a strict content security policy holds.
//!
//! | file | what |
//! |---|---|
//! | `shell` | `Shell`, `Rail`, `Dock`, `TopBar`, `Page`, `PageHead`: the frame of signed-in pages |
//! | `door` | `Door`, `Desk`, `Lost`: the pages without a rail |
//! | `button`, `field`, `check` | what is pressed and filled in |
//! | `copy`, `clipboard` | `CopyButton`, `CopyField`, `Terminal`, `CommandSteps`: what a person takes along |
//! | `state`, `badge`, `chip` | a run's state as silhouette and word; counters, initials, tags, the live dot |
//! | `card`, `banner`, `dialog`, `menu`, `sheet`, `toast` | surfaces |
//! | `list`, `run_row`, `tabs`, `filter`, `pagination` | lists and what stands around them |
//! | `facts`, `code`, `log` | what is known about one run |
//! | `strip`, `now_chart`, `art` | pictures |
//! | `empty`, `skeleton`, `awaited` | nothing to show: never, filtered, failed, not yet |
//! | `workspace_card` | a workspace in the list of workspaces |
//! | `time`, `clock`, `number` | times, spans and counts as text |
//! | `theme` | day, night, or what the system says |
//!
//! What only one page has is no component; the page writes it with these classes: `two-thirds`, `halves`, `stack` (`tight`, `snug`, `loose`),
//! `flex`, `grow`, `end`, `w-s`, `w-m` to lay out; `hide-s` and `only-s` under 720 px; `hero` and `steps` (first workspace);
//! `firstg`, `firstpic`, `fresh`, `mini1`, `nexts`, `prov` (first run); `helpg`, `hstep`, `faq` (help). `scripted` is on what does
//! nothing without scripts, and so isn't shown then.

#![expect(clippy::needless_pass_by_value, reason = "props are owned: a view outlives the call that made it")]

pub mod art;
pub mod awaited;
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
pub mod dialog;
pub mod door;
pub mod empty;
pub mod facts;
pub mod field;
pub mod filter;
pub mod icon;
pub mod list;
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
pub mod strip;
pub mod tabs;
pub mod theme;
pub mod time;
pub mod toast;
pub mod workspace_card;

/// Everything a page needs, by one `use`.
pub mod prelude {
    pub use crate::{
        art::*, awaited::*, badge::*, banner::*, button::*, card::*, check::*, chip::*, clock::*, code::*, copy::*,
        dialog::*, door::*, empty::*, facts::*, field::*, filter::*, icon::*, list::*, log::*, menu::*, now_chart::*,
        number::*, pagination::*, run_row::*, sheet::*, shell::*, skeleton::*, state::*, strip::*, tabs::*, theme::*,
        time::*, toast::*, workspace_card::*,
    };
}
