//! The dialog in which a key is made.

use leptos::prelude::*;
use model::{
    api_key::{DEFAULT_LIFE, LONGEST_NAME},
    time::Span,
};
use ui::prelude::*;

use super::server::CreateKey;
use crate::form::{LastTry, WholeComplaint, fits};

/// How long keys can be made to live: as it is sent, and as it is read.
pub const LIVES: [(&str, &str); 6] = [
    ("7", "In 7 days"),
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("180", "In 180 days"),
    ("365", "In a year"),
    (NEVER, "Never"),
];

const NEVER: &str = "never";
const DAY: i64 = 86_400_000_000;

/// The length that was chosen: `Some(None)` is for ever, none is no choice of these.
pub fn life(chosen: &str) -> Option<Option<Span>> {
    let (value, _) = LIVES.iter().find(|(value, _)| *value == chosen)?;
    Some(value.parse::<i64>().ok().map(|days| Span::from_micros(days * DAY)))
}

/// The dialog.
#[component]
pub fn CreateKeyDialog(open: RwSignal<bool>, action: ServerAction<CreateKey>, last: LastTry) -> impl IntoView {
    view! {
        <Dialog
            id="create-key"
            open
            title="Create an API key"
            sub="It acts as you, in every workspace you belong to."
            icon=Icon::Key
            held=last.pending()
        >
            <NewKeyForm open action last />
        </Dialog>
    }
}

#[component]
fn NewKeyForm(open: RwSignal<bool>, action: ServerAction<CreateKey>, last: LastTry) -> impl IntoView {
    // What came of another try is over.
    action.clear();
    let choices = LIVES.map(|(value, label)| Choice::new(value, label)).into();
    let usual = (DEFAULT_LIFE.micros() / DAY).to_string();
    view! {
        <ActionForm action>
            <div class="stack">
                <WholeComplaint of=last />
                <TextField
                    label="Name"
                    name="name"
                    value=last.typed("name").unwrap_or_default()
                    hint=Signal::stored(Some("Where it will be used, such as laptop or ci-deploy.".to_owned()))
                    error=last.field("name")
                    autocomplete="off"
                    max=fits(LONGEST_NAME)
                />
                <SelectField label="Expires" name="expires" choices value=usual error=last.field("expires") />
                <DialogButtons open kind=ButtonKind::Primary send="Create key" busy=last.pending() />
            </div>
        </ActionForm>
    }
}

#[cfg(test)]
mod tests {
    use model::api_key::{DEFAULT_LIFE, LONGEST_LIFE};

    use super::{LIVES, life};

    #[test]
    fn every_choice_is_a_length_or_for_ever() {
        for (value, _) in LIVES {
            let life = life(value).unwrap();
            assert_eq!(life.is_none(), value == "never", "{value}");
            assert!(life.is_none_or(|life| life <= LONGEST_LIFE), "{value}");
        }
        assert_eq!(life("30"), Some(Some(DEFAULT_LIFE)));
        for bad in ["", "31", "-1", "Never"] {
            assert_eq!(life(bad), None, "{bad}");
        }
    }
}
