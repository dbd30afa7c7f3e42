//! Variables and their tags.

use model::{
    time::Timestamp,
    variable::{Variable, VariableFilter, VariableId, VariableQuery, VariableSort},
};
use serde_json::Value;

use crate::{
    column::id_columns,
    filter::{List, Selection, SortBy, filter_columns},
    record, statements,
    tag::tags,
};

id_columns!(VariableId);

record! {
    for Variable {
        id: VariableId,
        name: String,
        value: Value,
        tags: Vec<String>,
        created: Timestamp,
        updated: Timestamp,
    }
}

tags!(VariableTagRow { variable_id: VariableId } in "variable_tag", INSERT_VARIABLE_TAGS);

filter_columns! {
    VariableFilter on "variable" {
        id: "id",
        name: "name",
        tags: "tags",
        value: "value",
    }
}

impl List for VariableQuery {
    type Row = Variable;
    const TABLE: &'static str = "variable";
    const NARROWED_BY: &'static str = "variables.name";

    fn selection(&self) -> Selection<'_> {
        Selection::new("variable", self.variables.as_ref())
    }

    fn order(&self) -> SortBy {
        match self.sort {
            VariableSort::CreatedDesc => SortBy::desc("created"),
            VariableSort::UpdatedDesc => SortBy::desc("updated"),
            VariableSort::NameDesc => SortBy::desc("name"),
            VariableSort::NameAsc => SortBy::asc("name"),
        }
    }
}

statements! {
    /// Adds a variable, unless its name is taken.
    scoped bulk INSERT_VARIABLE: Variable => "variable" "ON CONFLICT (workspace_id, name) DO NOTHING";
    /// The variable of this id.
    scoped VARIABLE: (VariableId,) => Variable = select "FROM variable WHERE workspace_id = $1 AND id = $2";
    /// The variable of this name.
    scoped VARIABLE_BY_NAME: (String,) => Variable = select "FROM variable WHERE workspace_id = $1 AND name = $2";
    /// Locks the variable of this id.
    scoped LOCK_VARIABLE: (VariableId,) => Variable = select for update "FROM variable WHERE workspace_id = $1 AND id = $2";
    /// Locks the variable of this name.
    scoped LOCK_VARIABLE_BY_NAME: (String,) => Variable = select for update "FROM variable WHERE workspace_id = $1 AND name = $2";
    /// Updates a locked variable; a name that is taken is a constraint violation.
    scoped update EDIT_VARIABLE: Variable => "variable";
    /// Deletes the tags of a variable.
    scoped DELETE_VARIABLE_TAGS: (VariableId,) => () = "DELETE FROM variable_tag WHERE workspace_id = $1 AND variable_id = $2";
    /// Deletes the variable of this id.
    scoped DELETE_VARIABLE: (VariableId,) => () = "DELETE FROM variable WHERE workspace_id = $1 AND id = $2";
}
