//! Parses the table of an artifact: a list of rows, each with the names of its columns or without, or a list of values for each column.
//! What is beyond the limits is counted and skipped, never kept.

use std::{fmt, marker::PhantomData};

use model::screen::{ArtifactColumn, ArtifactTable};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::size::{Size, shorten};

/// The most bytes of all cells of a table.
const MAX_BYTES: usize = 200_000;

/// The most rows and columns of a table, and the most bytes of a cell.
#[derive(Clone, Copy, Debug)]
struct Limits {
    rows: usize,
    columns: usize,
    cell: usize,
}

impl Limits {
    const fn of(size: Size) -> Self {
        match size {
            Size::Preview => Self { rows: 4, columns: 4, cell: 60 },
            Size::Page => Self { rows: 200, columns: 40, cell: 400 },
        }
    }
}

/// The table; none if the JSON is no table.
pub fn parse(json: &str, size: Size) -> Option<ArtifactTable> {
    let limits = Limits::of(size);
    match json.trim_start().as_bytes().first()? {
        b'[' => from_rows(json, limits),
        b'{' => from_columns(json, limits),
        _ => None,
    }
}

type Cell = Box<RawValue>;

fn from_rows(json: &str, limits: Limits) -> Option<ArtifactTable> {
    let (rows, total_rows) = read_list(json, limits.rows)?;
    let mut builder = Builder::new(limits);
    for row in &rows {
        let row = row.get();
        match row.as_bytes().first()? {
            b'{' => builder.add_named(serde_json::from_str::<Entries<Cell>>(row).ok()?.0),
            b'[' => builder.add_unnamed(&serde_json::from_str::<Vec<Cell>>(row).ok()?),
            _ => return None,
        }
    }
    Some(builder.finish(total_rows))
}

fn from_columns(json: &str, limits: Limits) -> Option<ArtifactTable> {
    let columns = serde_json::from_str::<Entries<Cell>>(json).ok()?.0;
    let mut builder = Builder::new(limits);
    let (mut total_rows, mut lists) = (0, Vec::new());
    for (name, column) in columns {
        let (cells, length) = read_list(column.get(), limits.rows)?;
        total_rows = total_rows.max(length);
        // A name that occurs twice is one column, with the first values.
        if builder.column(&name) == Some(lists.len()) {
            lists.push(cells);
        }
    }
    let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
    for row in 0..longest {
        builder.add(lists.iter().enumerate().filter_map(|(column, cells)| Some((column, cells.get(row)?))));
    }
    Some(builder.finish(total_rows))
}

/// The first values of a list, and how many it has.
fn read_list(json: &str, most: usize) -> Option<(Vec<Cell>, u64)> {
    struct First(usize);

    impl<'de> Visitor<'de> for First {
        type Value = (Vec<Cell>, u64);

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let (mut first, mut total) = (Vec::new(), 0);
            while first.len() < self.0
                && let Some(value) = list.next_element()?
            {
                first.push(value);
                total += 1;
            }
            while list.next_element::<IgnoredAny>()?.is_some() {
                total += 1;
            }
            Ok((first, total))
        }
    }

    let mut json = serde_json::Deserializer::from_str(json);
    let list = json.deserialize_seq(First(most)).ok()?;
    json.end().ok().map(|()| list)
}

/// The entries of a JSON object in their order, which other types of maps do not keep.
struct Entries<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Vec<(String, T)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData)).map(Self)
    }
}

/// Collects rows, and the columns in the order in which they first occur.
struct Builder {
    limits: Limits,
    columns: Vec<ArtifactColumn>,
    /// How many columns there are, with those beyond the limit.
    total_columns: usize,
    rows: Vec<Vec<String>>,
    bytes: usize,
}

impl Builder {
    fn new(limits: Limits) -> Self {
        Self { limits, columns: Vec::new(), total_columns: 0, rows: Vec::new(), bytes: 0 }
    }

    /// The place of a column; none if it is beyond the limit.
    fn column(&mut self, name: &str) -> Option<usize> {
        let name = cut(name, self.limits.cell);
        let known = self.columns.iter().position(|column| column.name == name);
        known.or_else(|| self.add_column(name))
    }

    fn add_column(&mut self, name: String) -> Option<usize> {
        self.total_columns += 1;
        let has_room = self.columns.len() < self.limits.columns;
        has_room.then(|| {
            self.columns.push(ArtifactColumn { name, numeric: true });
            self.columns.len() - 1
        })
    }

    fn add_named(&mut self, row: Vec<(String, Cell)>) {
        // Columns beyond the limit are not remembered: each row counts its own, and the longest row wins.
        let shown = self.columns.len();
        let before = std::mem::take(&mut self.total_columns);
        let cells: Vec<_> =
            row.into_iter().filter_map(|(name, cell)| self.column(&name).map(|column| (column, cell))).collect();
        let beyond = self.total_columns - (self.columns.len() - shown);
        self.total_columns = before.max(self.columns.len() + beyond);
        self.add(cells.iter().map(|(column, cell)| (*column, cell)));
    }

    fn add_unnamed(&mut self, row: &[Cell]) {
        self.total_columns = self.total_columns.max(row.len());
        while self.columns.len() < row.len().min(self.limits.columns) {
            self.columns.push(ArtifactColumn { name: String::new(), numeric: true });
        }
        self.add(row.iter().enumerate().take(self.limits.columns));
    }

    fn add<'c>(&mut self, cells: impl Iterator<Item = (usize, &'c Cell)>) {
        if self.bytes > MAX_BYTES {
            return;
        }
        let mut row = Vec::new();
        for (column, cell) in cells {
            let raw = cell.get();
            if raw == "null" {
                continue;
            }
            row.resize(row.len().max(column + 1), String::new());
            let text = text(raw);
            let is_json_number = raw.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            self.columns[column].numeric &= is_json_number || is_number(&text);
            row[column] = cut(&text, self.limits.cell);
            self.bytes += row[column].len();
        }
        self.rows.push(row);
    }

    fn finish(self, total_rows: u64) -> ArtifactTable {
        let Self { mut columns, total_columns, mut rows, .. } = self;
        for row in &mut rows {
            row.resize(columns.len(), String::new());
        }
        // A column without any value is no column of numbers.
        for (index, column) in columns.iter_mut().enumerate() {
            column.numeric &= rows.iter().any(|row| !row[index].is_empty());
        }
        ArtifactTable { columns, rows, total_rows, total_columns: total_columns as u64 }
    }
}

/// The text of a cell: a text without its quotes, everything else as JSON.
fn text(raw: &str) -> String {
    serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned())
}

/// Whether a text is a number as people write it: "18,204", "£412,880", "-1.5 %".
fn is_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['-', '+']);
    let is_part = |letter: char| letter.is_ascii_digit() || " .,%£€$¥".contains(letter);
    unsigned.contains(|letter: char| letter.is_ascii_digit()) && unsigned.chars().all(is_part)
}

fn cut(text: &str, bytes: usize) -> String {
    let (mut start, is_cut) = shorten(text, bytes);
    if is_cut {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests {
    use model::screen::ArtifactTable;

    use super::{Limits, MAX_BYTES, Size, parse};

    fn names(table: &ArtifactTable) -> Vec<(&str, bool)> {
        table.columns.iter().map(|column| (&*column.name, column.numeric)).collect()
    }

    #[test]
    fn rows_with_names_keep_the_order_of_the_client() {
        let table = parse(
            r#"[{"Region": "UK", "Orders": 18204}, {"Orders": 2317.50, "Region": "Ireland", "Note": null}, {"Flag": true, "Region": "<b>"}]"#,
            Size::Page,
        );
        let table = table.unwrap();
        assert_eq!(names(&table), [("Region", false), ("Orders", true), ("Note", false), ("Flag", false)]);
        assert_eq!(table.rows[1], ["Ireland", "2317.50", "", ""]);
        assert_eq!(table.rows[2], ["<b>", "", "", "true"]);
        assert_eq!((table.total_rows, table.total_columns), (3, 4));
    }

    #[test]
    fn column_of_numbers_may_have_separators_and_currencies() {
        for (value, numeric) in [
            ("-1.5e3", true),
            (r#""£412,880""#, true),
            (r#""-2.1 %""#, true),
            (r#""2026-03-17""#, false),
            (r#""EUR""#, false),
            (r#""""#, false),
            ("true", false),
        ] {
            assert_eq!(names(&parse(&format!("[[{value}]]"), Size::Page).unwrap()), [("", numeric)], "{value}");
        }
    }

    #[test]
    fn rows_without_names_and_columns_are_tables_too() {
        let table = parse(r#"[[1, "a", {"x": [1]}], [2]]"#, Size::Page).unwrap();
        assert_eq!(names(&table), [("", true), ("", false), ("", false)]);
        assert_eq!(table.rows, [["1", "a", "{\"x\": [1]}"], ["2", "", ""]]);
        let table = parse(r#"{"b": [1, 2, 3], "a": ["x"]}"#, Size::Page).unwrap();
        assert_eq!(names(&table), [("b", true), ("a", false)]);
        assert_eq!(table.rows, [["1", "x"], ["2", ""], ["3", ""]]);
        assert_eq!(table.total_rows, 3);
        assert_eq!(parse("[]", Size::Page), Some(ArtifactTable::default()));
        let twice = parse(r#"{"a": [1], "a": [2], "b": [3]}"#, Size::Page).unwrap();
        assert_eq!(names(&twice), [("a", true), ("b", true)]);
        assert_eq!(twice.rows, [["1", "3"]]);
    }

    #[test]
    fn other_json_is_no_table() {
        for json in ["", "1", "\"[]\"", "[1, 2]", "[{}, 3]", r#"{"a": 1}"#, "[[1]", "[{\"a\": }]", "[] []", "null"] {
            assert_eq!(parse(json, Size::Page), None, "{json}");
        }
    }

    #[test]
    fn what_is_beyond_the_limits_is_counted() {
        let Limits { rows, columns, cell } = Limits::of(Size::Page);
        let row = format!("{{{}}}", (0..columns + 5).map(|n| format!("\"c{n}\": 1")).collect::<Vec<_>>().join(","));
        let table = parse(&format!("[{}]", vec![row; rows + 7].join(",")), Size::Page).unwrap();
        assert_eq!((table.rows.len(), table.columns.len()), (rows, columns));
        assert_eq!((table.total_rows, table.total_columns), (rows as u64 + 7, columns as u64 + 5));
        let long = parse(&format!("[[\"{}\"]]", "é".repeat(cell)), Size::Page).unwrap();
        assert_eq!(long.rows[0][0], format!("{}…", "é".repeat(cell / 2)));
        let preview = parse(
            &format!("{{{}}}", (0..6).map(|n| format!("\"{n}\": [1, 2, 3, 4, 5]")).collect::<Vec<_>>().join(",")),
            Size::Preview,
        );
        let preview = preview.unwrap();
        assert_eq!((preview.rows.len(), preview.columns.len()), (4, 4));
        assert_eq!((preview.total_rows, preview.total_columns), (5, 6));
    }

    #[test]
    fn long_cells_end_the_table_early() {
        let row = format!("[{}]", vec![format!("\"{}\"", "x".repeat(400)); 40].join(","));
        let table = parse(&format!("[{}]", vec![row; 100].join(",")), Size::Page).unwrap();
        assert!(table.rows.len() < 20 && table.rows.len() * 40 * 400 > MAX_BYTES, "{}", table.rows.len());
        assert_eq!(table.total_rows, 100);
    }
}
