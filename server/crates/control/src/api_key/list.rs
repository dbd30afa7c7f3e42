//! The caller's keys. They are few, so they are searched and sorted here and not by the database.

use std::cmp::Reverse;

use model::api_key::{ApiKey, KeyList, KeySort};
use store::api_key::API_KEYS_OF_PERSON;

use super::MOST;
use crate::{Cx, Result, access::Caller};

/// The caller's keys whose name (or last four characters) holds `search`.
///
/// # Errors
/// Only those of the database.
pub async fn list(cx: &Cx, caller: Caller, search: &str, sort: KeySort) -> Result<KeyList> {
    let rows = cx.db.all(&API_KEYS_OF_PERSON, (caller.person(), MOST)).await?;
    let total = rows.len();
    let wanted = search.trim().to_lowercase();
    let mut keys: Vec<ApiKey> = rows.into_iter().map(ApiKey::from).filter(|key| matches(key, &wanted)).collect();
    order(&mut keys, sort);
    Ok(KeyList { keys, total })
}

fn matches(key: &ApiKey, wanted: &str) -> bool {
    key.name.to_lowercase().contains(wanted) || key.last_four.to_lowercase() == wanted
}

/// Keys come the newest first; equal ones stay so.
fn order(keys: &mut [ApiKey], sort: KeySort) {
    match sort {
        KeySort::Newest => {}
        KeySort::Name => keys.sort_by_cached_key(|key| key.name.to_lowercase()),
        KeySort::Expires => keys.sort_by_key(|key| (key.expires.is_none(), key.expires)),
        KeySort::LastUsed => keys.sort_by_key(|key| Reverse(key.last_used)),
    }
}
