//! Lists the caller's API keys. They are few, so this code searches and sorts them, not the database.

use std::cmp::Reverse;

use model::api_key::{ApiKey, KeyList, KeySort};
use store::api_key::API_KEYS_OF_PERSON;

use super::MAX_KEYS;
use crate::{Cx, Result, access::Caller};

/// The caller's keys whose name contains `search`, or whose last four characters are `search`.
///
/// # Errors
/// Only those of the database.
pub async fn list(cx: &Cx, caller: Caller, search: &str, sort: KeySort) -> Result<KeyList> {
    let rows = cx.db.all(&API_KEYS_OF_PERSON, (caller.person(), MAX_KEYS)).await?;
    let total = rows.len();
    let search = search.trim().to_lowercase();
    let mut keys: Vec<ApiKey> = rows.into_iter().filter(|key| matches(key, &search)).collect();
    order(&mut keys, sort);
    Ok(KeyList { keys, total })
}

fn matches(key: &ApiKey, search: &str) -> bool {
    key.name.to_lowercase().contains(search) || key.last_four.to_lowercase() == search
}

/// Sorts keys that are already sorted newest first; that order stays among equal ones.
fn order(keys: &mut [ApiKey], sort: KeySort) {
    match sort {
        KeySort::Newest => {}
        KeySort::Name => keys.sort_by_cached_key(|key| key.name.to_lowercase()),
        KeySort::Expires => keys.sort_by_key(|key| (key.expires.is_none(), key.expires)),
        KeySort::LastUsed => keys.sort_by_key(|key| Reverse(key.last_used)),
    }
}
