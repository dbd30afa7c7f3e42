//! The screen of the variables, and the topic of its list.

mod form;

use std::time::Duration;

use model::{
    filter::{NameFilter, Operator, TagsFilter, ValueFilter},
    json_text,
    live::Update,
    page::Page,
    permission::ReadVariables,
    screen::{
        MAX_COUNT, VARIABLES_PER_PAGE, ValueKind, VariableDetail, VariableList, VariableListQuery, VariableOrder,
        VariableRow, VariableScreen,
    },
    variable::{Variable, VariableFilter, VariableId, VariableQuery, VariableSort},
};
use store::{Read, Tenant, Tx, filter::Window, variable::VARIABLE};

pub use self::form::{VariableForm, save_variable};
use super::topic::{ReadUpdate, Topic};
use crate::{Cx, Error, Result, access::Workspace, changes::Change};

/// The most characters of a value in the list.
const VALUE_CHARACTERS: usize = 120;
/// The most tags of a row.
const ROW_TAGS: usize = 3;
/// The most characters of a tag in the list.
const TAG_CHARACTERS: usize = 32;
/// The shortest time between two updates, each of which reads the page and counts.
const INTERVAL: Duration = Duration::from_millis(500);

/// A page of the variables that match.
///
/// # Errors
/// [`Error::Invalid`] for a query that exceeds a limit, and those of the database.
pub async fn variables(cx: &Cx, ws: Workspace<ReadVariables>, query: VariableListQuery) -> Result<VariableScreen> {
    let position = cx.changes().position();
    Ok(VariableScreen { list: list(cx, ws, query).await?, position })
}

async fn list(cx: &Cx, ws: Workspace<ReadVariables>, query: VariableListQuery) -> Result<VariableList> {
    check(&query)?;
    cx.db.read(ReadList { tenant: *ws.tenant(), query }).await
}

/// A whole variable. None if there is none with this id.
///
/// # Errors
/// Only those of the database.
pub async fn variable(cx: &Cx, ws: Workspace<ReadVariables>, id: VariableId) -> Result<Option<VariableDetail>> {
    let stored = cx.db.of(ws.tenant()).optional(&VARIABLE, (id,)).await?;
    Ok(stored.map(|Variable { id, name, value, tags, updated, .. }| {
        let (kind, text) = ValueKind::of(&value);
        VariableDetail { id, name, kind, text, tags, updated }
    }))
}

fn check(query: &VariableListQuery) -> Result<()> {
    if !query.has_valid_search() {
        return Err(Error::invalid("search", "the text is too long or contains a character that can’t be stored"));
    }
    query.has_valid_page().then_some(()).ok_or_else(|| Error::invalid("page", "this is past the last page"))
}

struct ReadList {
    tenant: Tenant,
    query: VariableListQuery,
}

impl Read for ReadList {
    type Out = VariableList;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<VariableList> {
        let VariableListQuery { search, order, page } = &self.query;
        let sort = match order {
            VariableOrder::Name => VariableSort::NameAsc,
            VariableOrder::Changed => VariableSort::UpdatedDesc,
        };
        let per_page = i64::from(VARIABLES_PER_PAGE);
        let page = Page::new(Some(per_page), Some(per_page * i64::from(*page)));
        let page = page.map_err(|error| Error::invalid("page", error.to_string()))?;
        let listed = VariableQuery { variables: filter(search), sort, ..VariableQuery::default() };
        let rows = tx.of(&self.tenant).list(&listed, Window::Page(page)).await?;
        let total = self.count(tx, filter(search)).await?;
        let unfiltered = if search.is_empty() { total } else { self.count(tx, None).await? };
        Ok(VariableList { rows: rows.into_iter().map(row).collect(), total, unfiltered })
    }
}

impl ReadList {
    /// Counts up to [`MAX_COUNT`].
    async fn count(&self, tx: &mut Tx<'_>, variables: Option<VariableFilter>) -> Result<u64> {
        let all = VariableQuery { variables, ..VariableQuery::default() };
        Ok(tx.of(&self.tenant).count(&all, Some(MAX_COUNT.unsigned_abs())).await?)
    }
}

/// The filter of a search. None for an empty one, which matches every variable.
fn filter(search: &str) -> Option<VariableFilter> {
    let part = (!search.is_empty()).then(|| search.to_owned())?;
    Some(VariableFilter {
        operator: Operator::Or,
        name: Some(NameFilter { like_: Some(part.clone()), ..NameFilter::default() }),
        value: Some(ValueFilter { like_: Some(part.clone()), ..ValueFilter::default() }),
        tags: Some(TagsFilter { any_: Some(vec![part]), ..TagsFilter::default() }),
        id: None,
    })
}

fn row(variable: Variable) -> VariableRow {
    let Variable { id, name, value, tags, updated, .. } = variable;
    let more_tags = tags.len().saturating_sub(ROW_TAGS) as u64;
    let tags = tags.iter().take(ROW_TAGS).map(|tag| shortened(tag, TAG_CHARACTERS)).collect();
    VariableRow { id, name, value: shortened(&json_text::one_line(&value), VALUE_CHARACTERS), tags, more_tags, updated }
}

/// The text, or its first characters and an ellipsis.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A page of the list. Any change of a variable may move its rows, so an update is the whole page.
pub struct VariablesTopic {
    workspace: Workspace<ReadVariables>,
    query: VariableListQuery,
}

impl VariablesTopic {
    /// # Errors
    /// [`Error::Invalid`] for a query that exceeds a limit.
    pub fn new(workspace: Workspace<ReadVariables>, query: VariableListQuery) -> Result<Self> {
        check(&query)?;
        Ok(Self { workspace, query })
    }
}

impl Topic for VariablesTopic {
    fn record(&mut self, change: &Change) -> bool {
        matches!(change, Change::Variables { .. })
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn read<'a>(&'a mut self, cx: &'a Cx) -> ReadUpdate<'a> {
        Box::pin(async { Ok(Some(Update::Variables(list(cx, self.workspace, self.query.clone()).await?))) })
    }
}
