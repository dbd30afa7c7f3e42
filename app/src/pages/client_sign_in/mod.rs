//! The page that `prefect cloud login` opens in the browser: it asks the person whether the terminal may sign in as them, creates a key,
//! and sends it to the client, which listens on a port of this computer.
//!
//! Only the policy of this page's own document allows a request to that port. So the page is always loaded as a document, and all links
//! that leave it load a document too.

mod answers;
mod card;
mod decision;
mod key;
mod page;
mod question;
mod server;
mod terminal;

pub use page::ClientSignInPage;
