//! Secrets in the answers of server functions.

use serde::{Deserialize, Serialize};

/// A secret that only one answer shows. On the server it can only be made by [`Secret::reveal`], so that no answer that has one is
/// ever compressed: see `server/src/web/compression.rs`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(String);

impl Secret {
    /// Puts a secret into the answer to the current request, which must then not be compressed.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn reveal(secret: &str) -> Self {
        crate::context::forbid_compression();
        Self(secret.to_owned())
    }

    /// The text, to show it.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}
