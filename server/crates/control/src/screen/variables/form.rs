//! The form of a variable: validates what a person typed, then stores it as a client's request would.

use model::{
    id::IdOrName,
    label::valid_tags,
    permission::WriteVariables,
    screen::ValueKind,
    variable::{VariableCreate, VariableId, VariableName, VariableUpdate},
};

use crate::{
    Cx, Error, Result,
    access::Workspace,
    form::Form,
    variable::{create, update},
};

/// What a person typed.
#[derive(Clone, Debug, Default)]
pub struct VariableForm {
    pub name: String,
    /// One of [`ValueKind`]'s texts.
    pub kind: String,
    /// The value, as the kind is typed.
    pub value: String,
    pub tags: Vec<String>,
}

/// Creates a variable, or updates the one with this id.
///
/// # Errors
/// [`Error::Invalid`] with the errors of all fields; [`Error::NotFound`] if there is no such variable.
pub async fn save_variable(
    cx: &Cx,
    ws: Workspace<WriteVariables>,
    id: Option<VariableId>,
    form: VariableForm,
) -> Result<()> {
    let VariableCreate { name, value, tags } = read(form)?;
    let saved = match id {
        None => create(cx, ws, VariableCreate { name, value, tags }).await.map(drop),
        Some(id) => {
            let changes = VariableUpdate { name: Some(name), value: Some(value), tags: Some(tags) };
            update(cx, ws, IdOrName::Id(id), changes).await
        }
    };
    saved.map_err(|error| match error {
        // Only the name is unique.
        Error::Conflict(_) => Error::invalid("name", "A variable with this name already exists."),
        other => other,
    })
}

fn read(typed: VariableForm) -> Result<VariableCreate> {
    let mut form = Form::default();
    let name = form.read("name", VariableName::try_from(typed.name.trim().to_owned()));
    let kind = form.read("kind", ValueKind::parse(&typed.kind).ok_or("choose a type from the list"));
    let value = kind.and_then(|kind| form.read("value", kind.read(&typed.value)));
    let tags = form.read("tags", valid_tags(typed.tags));
    match (name, value, tags) {
        (Some(name), Some(value), Some(tags)) => Ok(VariableCreate { name, value, tags }),
        _ => Err(form.into_error()),
    }
}
