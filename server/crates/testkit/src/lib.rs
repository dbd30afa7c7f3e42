//! What tests of the server stand on: the use cases in one process, on either database, with a clock that stands still and ids from a seed.
//!
//! - [`on_both!`]: one test body, two tests: `name::sqlite` and `name::postgres`;
//! - [`database`]: a database of a test's own, gone when the test is over;
//! - [`tables`]: how many rows lie in it;
//! - [`kit`]: what a test gets; [`fixture`]: people, workspaces and keys, made through the use cases that make them for everybody.
//!
//! It knows no test. Only tests depend on it.

pub mod database;
pub mod fixture;
pub mod kit;
pub mod tables;

pub use database::Backend;
pub use fixture::Somebody;
pub use kit::Kit;

/// Makes two tests of one body, `name::sqlite` and `name::postgres`:
///
/// ```ignore
/// testkit::on_both! {
///     async fn a_key_is_shown_once(kit: Kit) {
///         let ann = kit.person("ann").await;
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($kit:ident: Kit) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing from around it")]
            use super::*;

            $(#[$meta])*
            async fn test($kit: $crate::Kit) $body

            #[test]
            fn sqlite() {
                $crate::kit::run($crate::Backend::Sqlite, test);
            }

            #[test]
            fn postgres() {
                $crate::kit::run($crate::Backend::Postgres, test);
            }
        }
    )*};
}
