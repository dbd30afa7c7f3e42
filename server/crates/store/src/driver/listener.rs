//! PostgreSQL's `LISTEN` and `NOTIFY`.

use super::postgres::{Postgres, map_error, options};
use crate::error::Result;

/// The channel of all replicas.
const CHANNEL: &str = "provost_changes";

/// A connection that receives notifications.
pub(crate) struct Listener(sqlx::postgres::PgListener);

impl Listener {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let pool = sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(options(url, None)?);
        let mut listener = sqlx::postgres::PgListener::connect_with(&pool).await.map_err(map_error)?;
        listener.listen(CHANNEL).await.map_err(map_error)?;
        Ok(Self(listener))
    }

    /// The next payload; none if the connection was lost and is open again: what was sent in between is lost.
    pub(crate) async fn recv(&mut self) -> Result<Option<String>> {
        let received = self.0.try_recv().await.map_err(map_error)?;
        Ok(received.map(|notification| notification.payload().to_owned()))
    }
}

impl Postgres {
    /// Sends a payload of less than 8,000 bytes to every listener.
    pub(crate) async fn notify(&mut self, payload: String) -> Result<()> {
        let notify = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload);
        notify.execute(&mut self.connection).await.map(drop).map_err(map_error)
    }
}
