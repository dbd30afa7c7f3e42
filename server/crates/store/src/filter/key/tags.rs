//! Tags, which have a table for each kind of object.

use std::collections::BTreeSet;

use model::filter::TagsFilter;
use sea_query::{Asterisk, Cond, Expr, ExprTrait, Func, Query, SelectStatement};

use super::Key;
use crate::filter::{
    access::{Access, Ranges, joined},
    condition::{OptionalCond, column, constant, join, single},
    key_column::KeyColumn,
};

/// The most tags of which each is looked up in the index.
const MAX_LOOKED_UP: usize = 4;

impl Key for TagsFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let tags = TagTable::of(about.table);
        let has_all = self.all_.as_deref().filter(|all| !all.is_empty()).map(|all| tags.all(all));
        let any = self.any_.as_deref().map(|any| match any {
            [] => constant(false),
            any => single(Expr::exists(tags.matching(Expr::value(1), any))),
        });
        join(self.operator, [has_all, any, self.is_null_.map(|null| single(untagged(about, null)))])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let tags = TagTable::of(about.table);
        let all = self.all_.as_deref().filter(|all| !all.is_empty()).map(|all| {
            let each = all.chunks(1).take(MAX_LOOKED_UP).map(|tag| Access::from(tags.tagged(tag)));
            let rest = all.chunks(1).skip(MAX_LOOKED_UP).map(|_| Access::scan());
            Access::all(each.chain(rest))
        });
        let any = self.any_.as_deref().map(|any| match any {
            [] => Ranges::new([]).into(),
            any => tags.tagged(any).into(),
        });
        joined(self.operator, [all, any, self.is_null_.map(|null| untagged_ranges(about, null).into())])
    }
}

/// Whether the row has no tags, in the text of the indexes' conditions, because databases compare the two literally.
fn untagged(about: KeyColumn, expected: bool) -> Expr {
    let none = Expr::Constant("[]".into());
    if expected { about.expr().eq(none) } else { about.expr().ne(none) }
}

fn untagged_ranges(about: KeyColumn, expected: bool) -> Ranges {
    Ranges::absent(about, expected).unwrap_or_else(|| Ranges::rows(single(untagged(about, expected))))
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

    /// The tags of the outer query's row that are among these.
    fn matching<'t>(&self, expr: Expr, tags: impl IntoIterator<Item = &'t String>) -> SelectStatement {
        let mut select = Query::select();
        select
            .expr(expr)
            .from(self.tags)
            .and_where(column(self.tags, "workspace_id").equals((self.owner, "workspace_id")))
            .and_where(column(self.tags, self.owner_column).equals((self.owner, "id")))
            .and_where(column(self.tags, "tag").is_in(tags.into_iter().cloned()));
        select
    }

    /// The objects with one of these tags.
    fn tagged(&self, tags: &[String]) -> Ranges {
        let mut select = Query::select();
        select.column((self.tags, self.owner_column)).from(self.tags);
        match tags {
            [tag] => select.and_where(column(self.tags, "tag").eq(tag.as_str())),
            tags => select.distinct().and_where(column(self.tags, "tag").is_in(tags.iter().cloned())),
        };
        Ranges::ids(self.tags, select)
    }
}
