//! Times and levels.

use model::{
    filter::{OptionalTimeFilter, TimeFilter},
    log::LevelFilter,
    time::Timestamp,
};
use sea_query::{Cond, Expr, ExprTrait, Func};

use super::Key;
use crate::filter::{
    access::{Access, Ranges},
    condition::{OptionalCond, all, between, null_or_not, single},
    key_column::KeyColumn,
};

impl Key for TimeFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        between(&about.expr(), self.after_, self.before_)
    }

    fn access(&self, about: KeyColumn) -> Access {
        interval(about, self.after_, self.before_)
    }
}

impl Key for OptionalTimeFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let time = between(&interval_column(about).expr(), self.after_, self.before_);
        all([time, self.is_null_.map(|null| null_or_not(&about.expr(), null))])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let null = self.is_null_.map(|null| Ranges::null(about, null, i64::MIN).into());
        Access::all([interval(interval_column(about), self.after_, self.before_)].into_iter().chain(null))
    }
}

/// As in the order by start time, a flow run that has not started counts by its expected start time.
fn interval_column(about: KeyColumn) -> KeyColumn {
    match (about.table, about.name) {
        ("flow_run", "start_time") => about.sibling("sort_time"),
        _ => about,
    }
}

fn interval(about: KeyColumn, after: Option<Timestamp>, before: Option<Timestamp>) -> Access {
    let after = after.map(|time| likely(about, about.expr().gte(time.micros())));
    let before = before.map(|time| likely(about, about.expr().lte(time.micros())));
    range(about, all([after, before]))
}

/// Says that most rows match. SQLite would otherwise think that an interval of time has fewer rows than a state, and read the index of times.
fn likely(about: KeyColumn, comparison: Expr) -> Cond {
    if !about.embedded {
        return single(comparison);
    }
    single(Expr::expr(Func::cust("likelihood").args([comparison, Expr::Constant(0.9.into())])))
}

/// The rows of an interval are next to each other in the column's own order.
fn range(about: KeyColumn, interval: Option<Cond>) -> Access {
    interval.map(|interval| Ranges::bounds(about.name, interval)).map(Access::from).unwrap_or_default()
}

impl Key for LevelFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let from = self.ge_.map(|least| single(about.expr().gte(least)));
        all([from, self.le_.map(|most| single(about.expr().lte(most)))])
    }

    fn access(&self, about: KeyColumn) -> Access {
        range(about, self.condition(about))
    }
}
