//! Mail that the server sends.

use crate::id::ids;

ids! {
    /// A mail that waits to be sent, or was sent a short time ago.
    MailId;
}
