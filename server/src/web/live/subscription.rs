//! A page's subscription to a topic: when its next update is due.

use std::time::Duration;

use control::{
    Cx, Result,
    access::Workspace,
    changes::{Change, Channel},
    screen::Topic,
};
use model::{live::Update, permission::ReadRuns};
use tokio::time::Instant;

/// The pause after a failed read of a topic.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// A subscription of one caller, who may read the workspace.
pub struct Subscription {
    workspace: Workspace<ReadRuns>,
    topic: Box<dyn Topic>,
    due: Option<Instant>,
    last_update: Option<Instant>,
}

impl Subscription {
    pub fn new(workspace: Workspace<ReadRuns>, topic: Box<dyn Topic>) -> Self {
        Self { workspace, topic, due: None, last_update: None }
    }

    pub fn workspace(&self) -> Workspace<ReadRuns> {
        self.workspace
    }

    /// When to send the next update; `None` if nothing changed.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Records a change, if it belongs to this topic.
    pub fn record(&mut self, change: &Change) {
        // The socket's other subscriptions may be about other workspaces.
        let is_foreign = matches!(change.channel(), Channel::Workspace(id) if id != self.workspace.id());
        if !is_foreign && self.topic.record(change) && self.due.is_none() {
            let now = Instant::now();
            self.due = Some(self.last_update.map_or(now, |last| now.max(last + self.topic.interval())));
        }
    }

    /// Reads the update; `None` if so much has changed that the page has to reload. After an error the subscription is due again in
    /// `RETRY_DELAY`.
    pub async fn poll(&mut self, cx: &Cx) -> Result<Option<Update>> {
        let now = Instant::now();
        self.due = Some(now + RETRY_DELAY);
        let update = self.topic.read(cx).await?;
        (self.due, self.last_update) = (None, Some(now));
        Ok(update)
    }
}
