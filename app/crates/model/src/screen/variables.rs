//! The screen of the variables: a page of the list, and one variable in its dialog.

use serde::{Deserialize, Serialize};

use super::value_kind::ValueKind;
use crate::{filter::MAX_SUBSTRING_CHARACTERS, stream_position::StreamPosition, time::Timestamp, variable::VariableId};

/// Variables per page of the list.
pub const VARIABLES_PER_PAGE: u32 = 50;
/// The most pages that can be opened: the database reads the rows of all pages before.
pub const MAX_VARIABLE_PAGES: u32 = 200;

/// The order of the list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub enum VariableOrder {
    #[default]
    Name,
    /// The last changed first.
    Changed,
}

/// Selects a page of the list.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct VariableListQuery {
    /// Part of the name or of the value, ignoring case, or a whole tag; empty matches every variable.
    pub search: String,
    pub order: VariableOrder,
    /// From 0 on.
    pub page: u32,
}

impl VariableListQuery {
    /// Whether the search keeps the size limit and contains no NUL, which PostgreSQL can't store.
    #[must_use]
    pub fn has_valid_search(&self) -> bool {
        self.search.chars().nth(MAX_SUBSTRING_CHARACTERS).is_none() && !self.search.contains('\0')
    }

    /// Whether the page is among those that can be opened.
    #[must_use]
    pub fn has_valid_page(&self) -> bool {
        self.page < MAX_VARIABLE_PAGES
    }
}

/// A variable as a row of the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VariableRow {
    pub id: VariableId,
    pub name: String,
    /// The beginning of its JSON in one line.
    pub value: String,
    /// The first tags, each shortened.
    pub tags: Vec<String>,
    /// How many tags follow.
    pub more_tags: u64,
    pub updated: Timestamp,
}

/// A page of the list.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct VariableList {
    pub rows: Vec<VariableRow>,
    /// How many variables match; at most [`MAX_COUNT`](super::MAX_COUNT).
    pub total: u64,
    /// How many there are without the search; at most [`MAX_COUNT`](super::MAX_COUNT).
    pub unfiltered: u64,
}

/// The list with the position from which it is updated.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct VariableScreen {
    pub list: VariableList,
    pub position: StreamPosition,
}

/// A whole variable, for its dialog.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VariableDetail {
    pub id: VariableId,
    pub name: String,
    pub kind: ValueKind,
    /// The value as a person types it.
    pub text: String,
    pub tags: Vec<String>,
    pub updated: Timestamp,
}
