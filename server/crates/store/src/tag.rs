//! The tags of objects. Each kind has a table of its own, by which its lists are filtered.

/// Declares the rows of such a table, and the statement that adds them.
macro_rules! tags {
    ($row:ident { $owner:ident: $id:ty } in $table:literal, $insert:ident) => {
        $crate::record! {
            /// A tag.
            pub struct $row {
                pub $owner: $id,
                pub tag: String,
            }
        }

        impl $row {
            /// The rows of an object.
            #[must_use]
            pub fn of($owner: $id, tags: &[String]) -> Vec<Self> {
                tags.iter().map(|tag| Self { $owner, tag: tag.clone() }).collect()
            }
        }

        $crate::statements! {
            /// Adds tags of objects.
            scoped bulk $insert: $row => $table "ON CONFLICT DO NOTHING";
        }
    };
}
pub(crate) use tags;
