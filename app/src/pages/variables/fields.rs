//! The form of a variable.

use leptos::prelude::*;
use model::screen::{ValueKind, VariableDetail};

use super::server::TAG_SEPARATOR;
use crate::form::FormState;

/// What the form contains.
#[derive(Clone, Copy)]
pub struct Fields {
    pub name: RwSignal<String>,
    pub kind: RwSignal<ValueKind>,
    pub text: RwSignal<String>,
    pub tags: RwSignal<Vec<String>>,
}

impl Fields {
    /// What was typed when this variable's plain form was sent, otherwise the stored variable.
    pub fn new(variable: Option<&VariableDetail>, form: FormState) -> Self {
        let id = variable.map(|variable| variable.id.to_string()).unwrap_or_default();
        let typed = |name| form.typed(name).filter(|_| form.typed("id").as_ref() == Some(&id));
        let kind = typed("kind").and_then(|kind| ValueKind::parse(&kind));
        let tags = typed("tags")
            .map(|tags| tags.split(TAG_SEPARATOR).filter(|tag| !tag.is_empty()).map(str::to_owned).collect::<Vec<_>>());
        let stored = |read: fn(&VariableDetail) -> &str| variable.map_or("", read).to_owned();
        Self {
            name: RwSignal::new(typed("name").unwrap_or_else(|| stored(|variable| &variable.name))),
            kind: RwSignal::new(kind.unwrap_or_else(|| variable.map_or(ValueKind::Text, |variable| variable.kind))),
            text: RwSignal::new(typed("value").unwrap_or_else(|| stored(|variable| &variable.text))),
            tags: RwSignal::new(
                tags.unwrap_or_else(|| variable.map_or_else(Vec::new, |variable| variable.tags.clone())),
            ),
        }
    }
}
