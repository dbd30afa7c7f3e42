//! The list of the page of artifacts.

use model::screen::ArtifactListFilter;
use sea_query::{Cond, Expr, ExprTrait, Func, Query, SelectStatement};

use super::{
    access::{Access, Ranges},
    condition::{OptionalCond, all, column, contains, single},
    key_column::KeyColumn,
    list::{List, SortBy},
    selection::{Conditions, Selection},
};
use crate::screen::artifact::LatestIdRow;

/// The newest of each key, the last updated first.
#[derive(Clone, Debug)]
pub struct LatestArtifacts(pub ArtifactListFilter);

/// The table of the newest artifacts.
const LATEST: &str = "artifact_collection";
const KEY: KeyColumn = KeyColumn::new(LATEST, "key");
const KIND: KeyColumn = KeyColumn::new(LATEST, "kind");

impl LatestArtifacts {
    fn has_kind(&self, about: KeyColumn) -> OptionalCond {
        self.0.kind.map(|kind| single(about.expr().eq(kind.as_str())))
    }

    /// Whether the text is a part of the key, of the description, or of the name of the flow that made the artifact.
    fn is_found(&self, key: KeyColumn) -> OptionalCond {
        let text = Some(self.0.search.as_str()).filter(|text| !text.is_empty())?;
        let is_found = Cond::any()
            .add(contains(&key.expr(), text))
            .add(is_one(described().and_where(contains(&column("artifact", "description"), text))))
            .add(is_one(made_by_flow().and_where(contains(&column("flow", "name"), text))));
        Some(is_found)
    }
}

/// Whether the select, which yields one row or none, yields one. With the offset PostgreSQL runs it for each artifact, by primary keys;
/// otherwise it may read all runs of all workspaces once, to hash them.
fn is_one(select: &SelectStatement) -> Expr {
    Expr::exists(select.clone().limit(1).offset(0).to_owned())
}

/// Selects the newest artifact itself.
fn described() -> SelectStatement {
    let mut select = Query::select();
    select.expr(Expr::value(1)).from("artifact").and_where(of_workspace("artifact"));
    select.and_where(column("artifact", "id").equals((LATEST, "latest_id"))).to_owned()
}

/// Selects the flow of the artifact's flow run. If it names none, that of the flow run of its task run, as on the page.
fn made_by_flow() -> SelectStatement {
    let mut of_task_run = Query::select();
    of_task_run
        .column(("task_run", "flow_run_id"))
        .from("task_run")
        .and_where(of_workspace("task_run"))
        .and_where(column("task_run", "id").equals((LATEST, "task_run_id")));
    let flow_run = Func::coalesce([column(LATEST, "flow_run_id"), of_task_run.into()]);
    let of_run = column("flow", "workspace_id")
        .equals(("flow_run", "workspace_id"))
        .and(column("flow", "id").equals(("flow_run", "flow_id")));
    let mut select = Query::select();
    select.expr(Expr::value(1)).from("flow_run").inner_join("flow", of_run).and_where(of_workspace("flow_run"));
    select.and_where(column("flow_run", "id").eq(flow_run)).to_owned()
}

fn of_workspace(table: &'static str) -> Expr {
    column(table, "workspace_id").equals((LATEST, "workspace_id"))
}

impl Conditions for LatestArtifacts {
    fn condition(&self, unindexed: bool) -> OptionalCond {
        all([self.has_kind(KIND.with_unindexed(unindexed)), self.is_found(KEY.with_unindexed(unindexed))])
    }

    /// No index finds the parts of texts. Keys do not grow with the runs.
    fn access(&self, _: bool) -> Access {
        let kind = self.has_kind(KIND).map(|kind| Ranges::rows(kind).in_order_of("updated").into());
        let found = self.is_found(KEY).map(|_| Access::scan());
        Access::all(kind.into_iter().chain(found))
    }
}

impl List for LatestArtifacts {
    type Row = LatestIdRow;
    const TABLE: &'static str = LATEST;
    const NARROWED_BY: &'static str = "artifacts.key";

    fn selection(&self) -> Selection<'_> {
        Selection::new(LATEST, Some(self))
    }

    fn order(&self) -> SortBy {
        SortBy::desc("updated")
    }
}
