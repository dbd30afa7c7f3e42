#![doc = include_str!("../README.md")]
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
pub mod code_area;
mod content_hash;
pub mod copy;
pub mod detail_list;
pub mod dialog;
pub mod empty;
pub mod field;
pub mod filter;
pub mod history_chart;
pub mod icon;
pub mod leave_question;
pub mod list;
pub mod live_only;
pub mod log;
pub mod menu;
pub mod now_chart;
pub mod number;
pub mod pagination;
pub mod password_field;
pub mod run_row;
pub mod sheet;
pub mod shell;
pub mod skeleton;
pub mod state;
pub mod tabs;
pub mod tag_field;
pub mod theme;
pub mod time;
pub mod toast;
pub mod workspace_card;

/// All components and their types.
pub mod prelude {
    pub use crate::{
        art::*, auth::*, badge::*, banner::*, button::*, card::*, check::*, chip::*, clock::*, code::*, code_area::*,
        copy::*, detail_list::*, dialog::*, empty::*, field::*, filter::*, history_chart::*, icon::*,
        leave_question::*, list::*, live_only::*, log::*, menu::*, now_chart::*, number::*, pagination::*,
        password_field::*, run_row::*, sheet::*, shell::*, skeleton::*, state::*, tabs::*, tag_field::*, theme::*,
        time::*, toast::*, workspace_card::*,
    };
}
