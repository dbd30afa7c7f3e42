//! Lists and counts that clients ask for, in the same way for all kinds of objects.

use std::future::Future;

use model::{
    page::{Page, Paged},
    permission::Permit,
    time::Timestamp,
};
use store::{db::ScopedDb, filter::List};

use crate::{Cx, Result, access::Workspace};

/// A client's query for a list.
pub trait ListQuery: List + Paged {
    /// What a member must be allowed to do.
    type Permission: Permit;
    /// What clients get for each row.
    type Object: Send;

    /// The object of a row, as it is now.
    fn object(row: Self::Row, now: Timestamp) -> Self::Object;

    /// How many rows match.
    fn count(&self, db: ScopedDb<'_>) -> impl Future<Output = store::Result<i64>> + Send {
        async move { db.count(self).await }
    }
}

/// Declares who may send a query, and what is returned for each row.
macro_rules! list_query {
    ($query:ident by $permission:ident => $object:ident) => {
        impl $crate::list::ListQuery for $query {
            type Permission = $permission;
            type Object = $object;

            fn object(row: Self::Row, _: model::time::Timestamp) -> $object {
                row.into()
            }
        }
    };
}
pub(crate) use list_query;

/// The objects that match, in the order and page that the client asks for.
///
/// # Errors
/// Only those of the database.
pub async fn objects<Q: ListQuery>(
    cx: &Cx,
    ws: Workspace<Q::Permission>,
    query: &Q,
    page: Page,
) -> Result<Vec<Q::Object>> {
    let rows = cx.db.of(ws.tenant()).list(query, page).await?;
    let now = cx.clock.now();
    Ok(rows.into_iter().map(|row| Q::object(row, now)).collect())
}

/// How many objects match.
///
/// # Errors
/// Only those of the database.
pub async fn count<Q: ListQuery>(cx: &Cx, ws: Workspace<Q::Permission>, query: &Q) -> Result<i64> {
    Ok(query.count(cx.db.of(ws.tenant())).await?)
}
