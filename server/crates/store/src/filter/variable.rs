//! Variables.

use model::variable::{Variable, VariableFilter, VariableQuery, VariableSort};

use super::{
    filter_columns,
    list::{List, SortBy},
    selection::Selection,
};

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
