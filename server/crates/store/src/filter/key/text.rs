//! Texts: names, keys, values, and the words of log lines.

use model::filter::{
    KeyFilter, NameFilter, Operator, OptionalTextFilter, SearchTerms, TextFilter, TextSearch, ValueFilter,
};
use sea_query::{BinOper, Expr, ExprTrait};

use super::Key;
use crate::filter::{
    access::{Access, Ranges, joined},
    condition::{OptionalCond, all, any_of, contains, join, matches_pattern, none_of, null_or_not, pattern_of, single},
    key_column::KeyColumn,
    name_part,
};

impl Key for NameFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|names| any_of(about.expr(), names.iter().cloned()));
        all([any, like(self.like_.as_deref(), about)])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let any = self.any_.as_ref().map(|names| equal(names, about));
        let pattern = sent(self.like_.as_deref()).map(pattern_of);
        let like = pattern.map(|pattern| name_part::access(about, &pattern));
        Access::all([any, like].into_iter().flatten())
    }
}

impl Key for KeyFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|keys| any_of(about.expr(), keys.iter().cloned()));
        let exists = self.exists_.map(|exists| null_or_not(&about.expr(), !exists));
        let like = key_pattern(self).map(|pattern| single(matches_pattern(&about.expr(), &pattern)));
        all([any, like, exists])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let any = self.any_.as_ref().map(|keys| equal(keys, about));
        let exists = self.exists_.as_ref().map(|exists| null(!exists, about));
        let like = key_pattern(self).map(|pattern| name_part::access(about, &pattern));
        Access::all([any, like, exists].into_iter().flatten())
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

    /// Variables do not grow with runs, and PostgreSQL can't index values of their length.
    fn access(&self, about: KeyColumn) -> Access {
        self.condition(about).map_or_else(Access::default, |_| Access::scan())
    }
}

impl Key for TextFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|texts| any_of(about.expr(), texts.iter().cloned()));
        all([any, self.not_any_.as_ref().and_then(|texts| none_of(about.expr(), texts.iter().cloned()))])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let any = self.any_.as_ref().map(|texts| equal(texts, about));
        let not_any = self
            .not_any_
            .as_ref()
            .filter(|texts| !texts.is_empty())
            .map(|texts| Ranges::between(about, texts.iter().cloned()).into());
        Access::all([any, not_any].into_iter().flatten())
    }
}

impl Key for OptionalTextFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|texts| any_of(about.expr(), texts.iter().cloned()));
        join(self.operator, [any, self.is_null_.map(|null| null_or_not(&about.expr(), null))])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let any = self.any_.as_ref().map(|texts| equal(texts, about));
        joined(self.operator, [any, self.is_null_.as_ref().map(|is_null| null(*is_null, about))])
    }
}

impl Key for TextSearch {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let terms = self.terms();
        let text = about.expr().binary(BinOper::Custom("||"), Expr::value(" "));
        let text = text.binary(BinOper::Custom("||"), about.sibling("name").expr());
        let contains = |term: &String| single(contains(&text, term));
        let any = join(Operator::Or, terms.any.iter().map(|term| Some(contains(term))));
        let required = terms.required.iter().map(|term| Some(contains(term)));
        let excluded = terms.excluded.iter().map(|term| Some(contains(term).not()));
        all([any].into_iter().chain(required).chain(excluded))
    }

    /// As for the reference, a search for nothing is none.
    fn is_sent(&self) -> bool {
        self.terms() != SearchTerms::default()
    }

    /// No index has the words of log lines, because it would cost each line more than storing it.
    fn access(&self, about: KeyColumn) -> Access {
        self.condition(about).map_or_else(Access::default, |_| Access::scan())
    }
}

/// The part that was sent. An empty one is no constraint.
fn sent(part: Option<&str>) -> Option<&str> {
    part.filter(|part| !part.is_empty())
}

fn like(part: Option<&str>, about: KeyColumn) -> OptionalCond {
    sent(part).map(|part| single(contains(&about.expr(), part)))
}

/// Clients may use the wildcards of SQL in a part of a key.
fn key_pattern(filter: &KeyFilter) -> Option<String> {
    sent(filter.like_.as_deref()).map(|part| format!("%{part}%"))
}

fn equal(texts: &[String], about: KeyColumn) -> Access {
    Ranges::equal(about, texts.iter().cloned()).into()
}

fn null(null: bool, about: KeyColumn) -> Access {
    Ranges::null(about, null, String::new()).into()
}
