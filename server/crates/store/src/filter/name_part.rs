//! Finds rows by a part of their name: by the trigrams of the part.
//!
//! PostgreSQL indexes the trigrams of each row. SQLite indexes those of each distinct name ([`name`](crate::name)), and only some time after
//! the row was written, so there the rows that follow the mark are read one by one.

use sea_query::{BinOper, Expr, ExprTrait, Query, SelectStatement};

use super::{
    access::{Access, Range, Ranges},
    condition::{column, matches_pattern, single},
    key_column::KeyColumn,
};
use crate::name::{NamedTable, ROWID};

/// The most texts of a pattern that are looked up, and the most characters of each. The rest of the pattern is compared with the names found.
const MAX_TEXTS: usize = 8;
const MAX_CHARACTERS: usize = 64;

/// How an index finds the rows whose column matches a pattern of LIKE, ignoring case.
pub(super) fn access(about: KeyColumn, pattern: &str) -> Access {
    let texts = texts_of(pattern);
    let Some(named) = NamedTable::of(about.table, about.name).filter(|_| !texts.is_empty()) else {
        return Access::scan();
    };
    if !about.embedded {
        return Ranges::rows(single(matches_pattern(&about.expr(), pattern))).into();
    }
    // Each select has the whole condition, so that a count needs no other. No row is both before and after the mark.
    let matching = |mut select: SelectStatement| select.and_where(matches_pattern(&about.expr(), pattern)).to_owned();
    Ranges::new([
        Range::Ids("name_space", Box::new(matching(before_mark(named, &texts)))),
        Range::Ids(about.table, Box::new(matching(after_mark(named)))),
    ])
    .into()
}

/// The texts of three or more characters that all names which match the pattern contain when both are converted to lower case.
fn texts_of(pattern: &str) -> Vec<String> {
    // As a whole, because the condition does the same, and a letter's lower case may depend on the next one.
    let lower = pattern.to_lowercase();
    let (mut texts, mut letters) = (vec![String::new()], lower.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '%' | '_' => texts.push(String::new()),
            '\\' => texts.last_mut().map_or((), |text| text.extend(letters.next())),
            letter => texts.last_mut().map_or((), |text| text.push(letter)),
        }
    }
    let long = texts.into_iter().filter(|text| text.chars().nth(2).is_some());
    long.take(MAX_TEXTS).map(|text| text.chars().take(MAX_CHARACTERS).collect()).collect()
}

/// The rows up to the mark. SQLite joins in this order: the index yields the names of the workspace, and each name its rows.
fn before_mark(named: &NamedTable, texts: &[String]) -> SelectStatement {
    let table = named.table;
    let phrases: Vec<String> = texts.iter().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).collect();
    let numbers = "name_part.rowid BETWEEN name_space.number << 32 AND (name_space.number << 32) + 4294967295";
    Query::select()
        .column((table, "id"))
        .from("name_space")
        .cross_join("name_part")
        .cross_join("indexed_name")
        .cross_join(table)
        .and_where(column("name_space", "noun").eq(table))
        .and_where(column("name_part", "name_part").binary(BinOper::Custom("MATCH"), phrases.join(" AND ")))
        .and_where(Expr::cust(numbers))
        .and_where(column("indexed_name", "number").equals(("name_part", ROWID)))
        .and_where(column(table, "workspace_id").equals(("name_space", "workspace_id")))
        .and_where(column(table, named.column).equals(("indexed_name", "name")))
        .and_where(column(table, ROWID).lte(Expr::cust(named.marked_row)))
        .to_owned()
}

/// The rows after the mark. They are joined with themselves, because SQLite would otherwise read all rows of the workspace by an index.
fn after_mark(named: &NamedTable) -> SelectStatement {
    let table = named.table;
    Query::select()
        .column((table, "id"))
        .from_as(table, "fresh")
        .cross_join(table)
        .and_where(column("fresh", ROWID).gt(Expr::cust(named.marked_row)))
        .and_where(column(table, ROWID).equals(("fresh", ROWID)))
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::texts_of;

    #[test]
    fn a_pattern_is_split_into_texts_of_three_characters_or_more() {
        for (pattern, texts) in [
            ("%%", &[][..]),
            ("%ab%", &[]),
            ("%aBc%", &["abc"]),
            ("%ab_cd%", &[]),
            ("%abc_def%ghij%", &["abc", "def", "ghij"]),
            (r"%a\_b%", &["a_b"]),
            (r"%50\%-\\%", &[r"50%-\"]),
            (r"%abc\%", &["abc%"]),
            ("%ÄÖ%", &[]),
            ("%ÄÖ🦊%", &["äö🦊"]),
            // One character whose lower case has two.
            ("%İİ%", &["i\u{307}i\u{307}"]),
            ("%ΟΔΟΣ%", &["οδος"]),
        ] {
            assert_eq!(texts_of(pattern), texts, "{pattern}");
        }
        let long = texts_of(&format!("%{}%", "abcd%".repeat(20)));
        assert_eq!(long, vec!["abcd"; 8]);
        assert_eq!(texts_of(&"x".repeat(500)), ["x".repeat(64)]);
    }
}
