//! Variables.

use model::{
    filter::{
        query::VariableQuery,
        variable::{VariableFilter, VariableSort},
    },
    variable::Variable,
};
use sea_query::{Cond, Order};

use super::{
    filter_columns,
    list::{List, sent},
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

    fn condition(&self) -> Option<Cond> {
        sent(self.variables.as_ref())
    }

    fn order(&self) -> (&'static str, Order) {
        match self.sort {
            VariableSort::CreatedDesc => ("created", Order::Desc),
            VariableSort::UpdatedDesc => ("updated", Order::Desc),
            VariableSort::NameDesc => ("name", Order::Desc),
            VariableSort::NameAsc => ("name", Order::Asc),
        }
    }
}
