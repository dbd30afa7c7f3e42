//! What one replica sends to the others.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};

use super::Change;

/// One `NOTIFY`: which process sent it, how many it had sent with this one, and the changes.
#[derive(PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Message {
    pub process: u64,
    pub number: u64,
    pub changes: Vec<Change>,
}

impl Message {
    pub(super) fn decode(payload: &str) -> Option<Self> {
        let packed = STANDARD_NO_PAD.decode(payload).ok()?;
        postcard::from_bytes(&packed).ok()
    }

    pub(super) fn encode(&self) -> String {
        STANDARD_NO_PAD.encode(postcard::to_allocvec(self).expect("ids and numbers can always be packed"))
    }
}
