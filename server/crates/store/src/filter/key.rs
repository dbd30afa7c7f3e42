//! The conditions that each type of filter states about a column.

use std::{collections::BTreeSet, fmt::Debug};

use model::{
    filter::{
        IdFilter, KeyFilter, NameFilter, Operator, OptionalIdFilter, OptionalTextFilter, OptionalTimeFilter,
        StateFilter, TagsFilter, TextFilter, TimeFilter, Unsupported, ValueFilter,
        flow_run::{CreatedByFilter, ParentFlowRunFilter},
        log::{LevelFilter, TextSearch},
        task_run::SubflowRunsFilter,
    },
    state::StateType,
};
use sea_query::{Asterisk, BinOper, Cond, Expr, ExprTrait, Func, Query, SelectStatement};
use uuid::Uuid;

use super::{
    condition::{
        OptionalCond, all, any_of, between, column, constant, contains, join, matches_pattern, none_of, null_or_not,
        single,
    },
    relation::{PARENT_TASK_RUN, SUBFLOW_RUN},
};

/// The column that a key of a filter is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyColumn {
    pub table: &'static str,
    pub name: &'static str,
}

impl KeyColumn {
    fn expr(self) -> Expr {
        column(self.table, self.name)
    }
}

/// A key of a filter: what a client says about one column.
pub(super) trait Key {
    fn condition(&self, about: KeyColumn) -> OptionalCond;
}

impl<T: Copy + Into<Uuid>> Key for IdFilter<T> {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|ids| any_of(about.expr(), ids.iter().map(|id| (*id).into())));
        let not_any = self.not_any_.as_ref().and_then(|ids| none_of(about.expr(), ids.iter().map(|id| (*id).into())));
        all([any, not_any])
    }
}

impl<T: Copy + Into<Uuid>> Key for OptionalIdFilter<T> {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|ids| any_of(about.expr(), ids.iter().map(|id| (*id).into())));
        join(self.operator, [any, self.is_null_.map(|null| null_or_not(&about.expr(), null))])
    }
}

impl Key for NameFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|names| any_of(about.expr(), names.iter().cloned()));
        all([any, like(self.like_.as_deref(), about)])
    }
}

impl Key for KeyFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|keys| any_of(about.expr(), keys.iter().cloned()));
        let exists = self.exists_.map(|exists| null_or_not(&about.expr(), !exists));
        // Clients may use the wildcards of SQL in a part of a key.
        let pattern = self.like_.as_deref().filter(|part| !part.is_empty());
        let like = pattern.map(|part| single(matches_pattern(&about.expr(), &format!("%{part}%"))));
        all([any, like, exists])
    }
}

impl Key for ValueFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let json = |text: &str| serde_json::Value::from(text).to_string();
        let any = self.any_.as_ref().map(|texts| any_of(about.expr(), texts.iter().map(|text| json(text))));
        // The part as it stands within the quotes of the stored JSON.
        let part = self.like_.as_deref().map(|part| json(part).trim_matches('"').to_owned());
        all([any, like(part.as_deref(), about)])
    }
}

fn like(part: Option<&str>, about: KeyColumn) -> OptionalCond {
    part.filter(|part| !part.is_empty()).map(|part| single(contains(&about.expr(), part)))
}

impl Key for TextFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|texts| any_of(about.expr(), texts.iter().cloned()));
        all([any, self.not_any_.as_ref().and_then(|texts| none_of(about.expr(), texts.iter().cloned()))])
    }
}

impl Key for OptionalTextFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|texts| any_of(about.expr(), texts.iter().cloned()));
        join(self.operator, [any, self.is_null_.map(|null| null_or_not(&about.expr(), null))])
    }
}

impl Key for TimeFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        between(&about.expr(), self.after_, self.before_)
    }
}

impl Key for OptionalTimeFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        // As in the order by start time, a flow run that has not started counts by its expected start time.
        let time = match (about.table, about.name) {
            ("flow_run", "start_time") => column(about.table, "sort_time"),
            _ => about.expr(),
        };
        all([between(&time, self.after_, self.before_), self.is_null_.map(|null| null_or_not(&about.expr(), null))])
    }
}

impl Key for LevelFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let from = self.ge_.map(|least| single(about.expr().gte(least)));
        all([from, self.le_.map(|most| single(about.expr().lte(most)))])
    }
}

impl Key for TextSearch {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let terms = self.terms();
        let text = about.expr().binary(BinOper::Custom("||"), Expr::value(" "));
        let text = text.binary(BinOper::Custom("||"), column(about.table, "name"));
        let contains = |term: &String| single(contains(&text, term));
        let any = join(Operator::Or, terms.any.iter().map(|term| Some(contains(term))));
        let required = terms.required.iter().map(|term| Some(contains(term)));
        let excluded = terms.excluded.iter().map(|term| Some(contains(term).not()));
        all([any].into_iter().chain(required).chain(excluded))
    }
}

impl Key for StateFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let by_type = self.state_type.as_ref().and_then(|types| {
            let column = || column(about.table, "state_type");
            let any = types.any_.as_ref().map(|types| any_of(column(), types.iter().map(|ty| ty.as_str())));
            all([any, types.not_any_.as_ref().and_then(|types| none_of(column(), types.iter().map(|ty| ty.as_str())))])
        });
        let by_name = self.name.as_ref().and_then(|names| {
            let column = || column(about.table, "state_name");
            let any = names.any_.as_ref().map(|names| any_of_names(names, about.table));
            all([any, names.not_any_.as_ref().and_then(|names| none_of(column(), names.iter().cloned()))])
        });
        join(self.operator, [by_type, by_name])
    }
}

fn any_of_names(names: &[String], table: &'static str) -> Cond {
    let named = any_of(column(table, "state_name"), names.iter().cloned());
    let custom = names.iter().all(|name| StateType::parse(&name.to_uppercase()).is_none());
    // Redundant, but lets the database use the partial index of runs whose state has a custom name.
    named.add_option(custom.then(|| is_default_name(table, false)))
}

/// Whether a state has, or has not, the name of its type. The text must equal that of the partial index `flow_run_by_name`, because
/// databases compare the two literally.
pub(super) fn is_default_name(table: &'static str, expected: bool) -> Expr {
    let name = Expr::expr(Func::upper(column(table, "state_name")));
    if expected { name.eq(column(table, "state_type")) } else { name.ne(column(table, "state_type")) }
}

impl Key for SubflowRunsFilter {
    fn condition(&self, _: KeyColumn) -> OptionalCond {
        let subflow = SUBFLOW_RUN.exists([Some(constant(true))])?;
        self.exists_.map(|exist| if exist { subflow } else { subflow.not() })
    }
}

impl Key for ParentFlowRunFilter {
    fn condition(&self, _: KeyColumn) -> OptionalCond {
        let ids = self.any_.as_ref()?;
        PARENT_TASK_RUN.exists([Some(any_of(column("task_run", "flow_run_id"), ids.iter().map(|id| id.0)))])
    }
}

impl Key for CreatedByFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let ids = self.id_.as_ref().map(|ids| any_of(column(about.table, "created_by_id"), ids.iter().copied()));
        let types =
            self.type_.as_ref().map(|types| any_of(column(about.table, "created_by_type"), types.iter().cloned()));
        join(self.operator, [ids, types, self.is_null_.map(|null| null_or_not(&about.expr(), null))])
    }
}

impl Key for Unsupported {
    fn condition(&self, _: KeyColumn) -> OptionalCond {
        None
    }
}

impl Key for TagsFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let tags = TagTable::of(about.table);
        let has_all = self.all_.as_deref().filter(|all| !all.is_empty()).map(|all| tags.all(all));
        let any = self.any_.as_deref().map(|any| match any {
            [] => constant(false),
            any => single(Expr::exists(tags.matching(Expr::value(1), any))),
        });
        let is_null = self.is_null_.map(|null| {
            let exists = Expr::exists(tags.of_row(Expr::value(1)));
            single(if null { exists.not() } else { exists })
        });
        join(self.operator, [has_all, any, is_null])
    }
}

/// The table of the tags of one kind of object.
struct TagTable {
    /// The table of the tagged objects.
    owner: &'static str,
    tags: &'static str,
    /// The column of `tags` with the id of the tagged object.
    owner_column: &'static str,
}

impl TagTable {
    fn of(owner: &'static str) -> Self {
        let (tags, owner_column) = match owner {
            "flow" => ("flow_tag", "flow_id"),
            "flow_run" => ("flow_run_tag", "flow_run_id"),
            "task_run" => ("task_run_tag", "task_run_id"),
            "variable" => ("variable_tag", "variable_id"),
            _ => unreachable!("{owner} has no tags"),
        };
        Self { owner, tags, owner_column }
    }

    /// The first tag has its own condition, so that the database can start from the index of tags. The others are counted, because with a
    /// condition for each the expression could exceed SQLite's depth limit.
    fn all(&self, tags: &[String]) -> Cond {
        let others: BTreeSet<&String> = tags.iter().filter(|tag| **tag != tags[0]).collect();
        let has_first = single(Expr::exists(self.matching(Expr::value(1), &tags[..1])));
        if others.is_empty() {
            return has_first;
        }
        let count = others.len() as u64;
        has_first.add(Expr::from(self.matching(Func::count(Expr::col(Asterisk)).into(), others)).eq(count))
    }

    /// The tags of the outer query's row.
    fn of_row(&self, expr: Expr) -> SelectStatement {
        let mut select = Query::select();
        select
            .expr(expr)
            .from(self.tags)
            .and_where(column(self.tags, "workspace_id").equals((self.owner, "workspace_id")))
            .and_where(column(self.tags, self.owner_column).equals((self.owner, "id")));
        select
    }

    fn matching<'t>(&self, expr: Expr, tags: impl IntoIterator<Item = &'t String>) -> SelectStatement {
        let mut select = self.of_row(expr);
        select.and_where(column(self.tags, "tag").is_in(tags.into_iter().cloned()));
        select
    }
}
