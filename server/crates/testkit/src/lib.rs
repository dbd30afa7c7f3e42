#![doc = include_str!("../README.md")]

pub mod app;
pub mod database;
pub mod fixture;
pub mod tables;

pub use app::TestApp;
pub use database::Backend;
pub use fixture::TestUser;

/// Makes two tests of one body, `name::sqlite` and `name::postgres`:
///
/// ```ignore
/// testkit::on_both! {
///     async fn key_is_shown_once(app: TestApp) {
///         let ann = app.person("ann").await;
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a body may use nothing of its module")]
            use super::*;

            $(#[$meta])*
            async fn test($app: $crate::TestApp) $body

            #[test]
            fn sqlite() {
                $crate::app::run($crate::Backend::Sqlite, test);
            }

            #[test]
            fn postgres() {
                $crate::app::run($crate::Backend::Postgres, test);
            }
        }
    )*};
}
