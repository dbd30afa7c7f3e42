//! The screens of pages: each is read in one transaction. A screen that is updated while it is open has a topic.
//!
//! A screen carries the stream position that was taken before it was read. A page that subscribes from that position misses nothing.

mod artifact;
mod first_run;
mod run;
mod run_list;
mod topic;
mod variables;

use model::{id::UserId, live::TopicKind, permission::ReadRuns};

pub use self::{
    artifact::{artifact, artifact_key, artifact_list},
    first_run::first_run,
    run::{run, run_link},
    run_list::{run_list, run_list_update},
    topic::Topic,
    variables::{VariableForm, save_variable, variable, variables},
};
use crate::{Result, access::Workspace};

/// The topic of a page of this person.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) if the topic exceeds a limit; [`Error::NotFound`](crate::Error::NotFound) if the
/// person may not read what it is about.
pub fn topic(kind: TopicKind, workspace: Workspace<ReadRuns>, person: UserId) -> Result<Box<dyn Topic>> {
    Ok(match kind {
        TopicKind::Runs { filter } => Box::new(run_list::RunListTopic::new(workspace, filter)?),
        TopicKind::Run { flow_run, level, lines } => Box::new(run::RunTopic::new(workspace, flow_run, level, lines)),
        TopicKind::Artifacts { filter, skip } => Box::new(artifact::ArtifactListTopic::new(workspace, filter, skip)?),
        TopicKind::Artifact { artifact, key, skip } => {
            Box::new(artifact::ArtifactTopic::new(workspace, artifact, key.as_deref(), skip)?)
        }
        TopicKind::FirstRun => Box::new(first_run::FirstRunTopic::new(workspace, person)),
        TopicKind::Variables { query } => Box::new(variables::VariablesTopic::new(workspace.authorize()?, query)?),
    })
}
