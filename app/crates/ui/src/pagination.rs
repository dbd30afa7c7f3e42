//! Pages of a list: "1 to 50 of 1,318", and two links.

use leptos::prelude::*;

use crate::{button::IconLink, icon::Icon, number::grouped};

/// Which rows of how many are shown.
#[must_use]
pub fn page_range(offset: u64, shown: u64, total: u64) -> String {
    if shown == 0 {
        return format!("None of {}", grouped(total));
    }
    format!("{} to {} of {}", grouped(offset + 1), grouped(offset + shown), grouped(total.max(offset + shown)))
}

/// Where the list goes on. An address that is none is drawn but leads nowhere.
#[component]
pub fn Pagination(
    offset: u64,
    shown: u64,
    total: u64,
    previous: Option<String>,
    next: Option<String>,
) -> impl IntoView {
    view! {
        <nav class="pages" aria-label="Pages">
            <span class="grow">{page_range(offset, shown, total)}</span>
            <IconLink label="Previous page" icon=Icon::Left href=previous boxed=true />
            <IconLink label="Next page" icon=Icon::Right href=next boxed=true />
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::page_range;

    #[test]
    fn the_range_counts_from_one() {
        assert_eq!(page_range(0, 50, 1_318), "1 to 50 of 1,318");
        assert_eq!(page_range(1_300, 18, 1_318), "1,301 to 1,318 of 1,318");
        assert_eq!(page_range(2_000, 0, 1_318), "None of 1,318");
    }

    #[test]
    fn a_total_that_fell_behind_is_never_below_what_is_shown() {
        assert_eq!(page_range(0, 3, 2), "1 to 3 of 3");
    }
}
