//! The server functions of variables, which call `control::screen` and `control::variable`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    screen::{VariableDetail, VariableListQuery, VariableScreen},
    variable::VariableId,
};

#[cfg(feature = "ssr")]
use super::list_query::{DialogTarget, list_href};
#[cfg(feature = "ssr")]
use crate::links::WorkspacePaths as _;
use crate::{
    error::{Error, FormResult},
    links::WorkspaceRef,
};

/// A page of the variables that match.
#[server(prefix = "/ui", endpoint = "variables", input = Postcard, output = Postcard)]
pub async fn list_variables(workspace: WorkspaceRef, query: VariableListQuery) -> Result<VariableScreen, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadVariables>(workspace).await?;
    Ok(control::screen::variables(&cx, at, query).await?)
}

/// A whole variable; none if there is none with this id.
#[server(prefix = "/ui", endpoint = "variable", input = Postcard, output = Postcard)]
pub async fn read_variable(workspace: WorkspaceRef, id: VariableId) -> Result<Option<VariableDetail>, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadVariables>(workspace).await?;
    Ok(control::screen::variable(&cx, at, id).await?)
}

/// Separates tags in the cookie that carries a plain form's values. No tag contains it.
pub const TAG_SEPARATOR: char = '\0';

/// Creates a variable, or changes the one with this id. `value` has the value, but of a boolean `flag` has it. `tag` has tags in
/// addition to `tags`, separated by commas.
#[server(prefix = "/ui", endpoint = "save-variable", output = Postcard)]
pub async fn save_variable(
    #[server(rename = "place")] workspace: WorkspaceRef,
    #[server(default)] id: Option<VariableId>,
    name: String,
    kind: String,
    #[server(default)] value: String,
    #[server(default)] flag: String,
    #[server(default)] tags: Vec<String>,
    #[server(default)] tag: String,
) -> Result<FormResult<()>, Error> {
    use control::screen::{self, VariableForm};
    use leptos::server_fn::ServerFn as _;
    use model::screen::ValueKind;

    use crate::context::{RequestContext, Submission, authorize, is_plain_form};

    let (cx, at) = authorize::<model::permission::WriteVariables>(workspace).await?;
    let list = workspace.variables_path();
    let value = if kind == ValueKind::Boolean.as_str() { flag } else { value };
    let tags = [tags, ui::tag_field::split_tags(&tag)].concat();
    let typed = vec![
        ("id", id.map(|id| id.to_string()).unwrap_or_default()),
        ("name", name.clone()),
        ("kind", kind.clone()),
        ("value", value.clone()),
        ("tags", tags.join(&TAG_SEPARATOR.to_string())),
    ];
    let dialog = id.map_or(DialogTarget::New, DialogTarget::Variable);
    let page = list_href(&list, &VariableListQuery::default(), dialog);
    let submission = Submission { form: SaveVariable::PATH, page, typed };
    let result = screen::save_variable(&cx, at, id, VariableForm { name, kind, value, tags }).await;
    // A script closes the dialog itself and keeps the query of the list.
    RequestContext::current()?.form_response(result, submission, |()| is_plain_form().then_some(list))
}

/// Deletes a variable.
#[server(prefix = "/ui", endpoint = "delete-variable", output = Postcard)]
pub async fn delete_variable(
    #[server(rename = "place")] workspace: WorkspaceRef,
    id: VariableId,
) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;
    use model::id::IdOrName;

    use crate::context::{RequestContext, Submission, authorize};

    let (cx, at) = authorize::<model::permission::WriteVariables>(workspace).await?;
    let submission = Submission { form: DeleteVariable::PATH, page: workspace.variables_path(), typed: Vec::new() };
    let result = control::variable::delete(&cx, at, IdOrName::Id(id)).await;
    RequestContext::current()?.form_response(result, submission, |()| None)
}
