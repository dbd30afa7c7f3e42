//! Accounts at identity providers: signing in with one, registering with one, connecting and disconnecting them.
//!
//! A browser is sent to the provider (`attempt`), comes back once (`completion`), and then signs in, chooses a handle (`registration`),
//! connects the account or shows that it is still the same person. The person of an account is found by issuer and subject alone.

mod account;
mod attempt;
mod completion;
mod methods;
mod problem;
mod reap;
mod registration;

pub use account::{ONLY_METHOD, connect_provider, disconnect_provider, verify_provider};
pub use attempt::{AttemptRequest, begin_attempt, take_attempt};
pub use completion::{Completed, Returned, complete, finish};
pub use identity::provider::{Attempt, BrowserSecret, Callback, Confirmed, Provider, State};
pub use methods::{provider_choices, sign_in_methods};
pub use problem::{Problem, Refusal, Refused, problem_sentence};
pub use reap::ReapUnfinished;
pub use registration::{NewAccount, PendingAccount, pending_account, register_account};
pub use store::provider::{AttemptRow, Purpose};
