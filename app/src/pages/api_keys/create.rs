//! The dialog that creates a key.

use leptos::prelude::*;
use model::{
    api_key::{DEFAULT_LIFETIME, MAX_NAME_CHARACTERS},
    time::Span,
};
use ui::prelude::*;

use super::server::CreateKey;
use crate::form::{FormErrorBanner, FormState, max_length};

/// The lifetimes of new keys: the form's value and its label.
pub const LIFETIMES: [(&str, &str); 6] = [
    ("7", "In 7 days"),
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("180", "In 180 days"),
    ("365", "In a year"),
    (NEVER, "Never"),
];

const NEVER: &str = "never";
const DAY: i64 = 86_400_000_000;

/// The lifetime of a form's value: `Some(None)` never expires, `None` is an invalid value.
pub fn parse_lifetime(text: &str) -> Option<Option<Span>> {
    let (value, _) = LIFETIMES.iter().find(|(value, _)| *value == text)?;
    Some(value.parse::<i64>().ok().map(|days| Span::from_micros(days * DAY)))
}

/// The dialog.
#[component]
pub fn CreateKeyDialog(open: RwSignal<bool>, action: ServerAction<CreateKey>, form: FormState) -> impl IntoView {
    view! {
        <Dialog
            id="create-key"
            open
            title="Create an API key"
            sub="It acts as you, in every workspace you belong to."
            icon=Icon::Key
            locked=form.is_pending()
        >
            <NewKeyForm open action form />
        </Dialog>
    }
}

#[component]
fn NewKeyForm(open: RwSignal<bool>, action: ServerAction<CreateKey>, form: FormState) -> impl IntoView {
    // Removes the result of an earlier attempt.
    action.clear();
    let choices = LIFETIMES.map(|(value, label)| Choice::new(value, label)).into();
    let default = (DEFAULT_LIFETIME.micros() / DAY).to_string();
    view! {
        <ActionForm action>
            <div class="stack">
                <FormErrorBanner form />
                <TextField
                    label="Name"
                    name="name"
                    value=form.typed("name").unwrap_or_default()
                    hint=Signal::stored(Some("Where it will be used, such as laptop or ci-deploy.".to_owned()))
                    error=form.field_error("name")
                    autocomplete="off"
                    max=max_length(MAX_NAME_CHARACTERS)
                />
                <SelectField label="Expires" name="expires" choices value=default error=form.field_error("expires") />
                <DialogButtons open kind=ButtonKind::Primary send="Create key" busy=form.is_pending() />
            </div>
        </ActionForm>
    }
}

#[cfg(test)]
mod tests {
    use model::api_key::{DEFAULT_LIFETIME, MAX_LIFETIME};

    use super::{LIFETIMES, parse_lifetime};

    #[test]
    fn every_choice_is_a_lifetime_or_never() {
        for (value, _) in LIFETIMES {
            let lifetime = parse_lifetime(value).unwrap();
            assert_eq!(lifetime.is_none(), value == "never", "{value}");
            assert!(lifetime.is_none_or(|lifetime| lifetime <= MAX_LIFETIME), "{value}");
        }
        assert_eq!(parse_lifetime("30"), Some(Some(DEFAULT_LIFETIME)));
        for bad in ["", "31", "-1", "Never"] {
            assert_eq!(parse_lifetime(bad), None, "{bad}");
        }
    }
}
