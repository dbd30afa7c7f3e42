//! Pages of a list: "1 to 50 of 1,318", and two links.

use leptos::prelude::*;

use crate::{button::IconLink, icon::Icon, number::grouped};

/// Which rows of how many are shown: `offset` stand before them, if that is known. At `most` the total stopped counting.
#[must_use]
pub fn page_range(offset: Option<u64>, shown: u64, total: u64, most: Option<u64>) -> String {
    let end = if shown == 0 { 0 } else { offset.unwrap_or_default() + shown };
    let total = match most {
        Some(most) if total == most => format!("{}+", grouped(end.max(most - 1))),
        _ => grouped(total.max(end)),
    };
    match (shown, offset) {
        (0, _) => format!("None of {total}"),
        (_, Some(offset)) => format!("{} to {} of {total}", grouped(offset + 1), grouped(end)),
        (_, None) => format!("{} of {total}", grouped(shown)),
    }
}

/// Where the list goes on. An address that is none is drawn but leads nowhere.
#[component]
pub fn Pagination(
    offset: Option<u64>,
    shown: u64,
    total: u64,
    /// Where the total stops counting, if it does.
    #[prop(optional)]
    most: Option<u64>,
    previous: Option<String>,
    next: Option<String>,
    /// The list is a part of its page, which stays where it is scrolled to.
    #[prop(optional)]
    within: bool,
) -> impl IntoView {
    view! {
        <nav class="pages" aria-label="Pages">
            <span class="grow">{page_range(offset, shown, total, most)}</span>
            <IconLink label="Previous page" icon=Icon::Left href=previous boxed=true within />
            <IconLink label="Next page" icon=Icon::Right href=next boxed=true within />
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::page_range;

    #[test]
    fn the_range_counts_from_one() {
        assert_eq!(page_range(Some(0), 50, 1_318, None), "1 to 50 of 1,318");
        assert_eq!(page_range(Some(1_300), 18, 1_318, None), "1,301 to 1,318 of 1,318");
        assert_eq!(page_range(Some(2_000), 0, 1_318, None), "None of 1,318");
    }

    #[test]
    fn a_total_that_fell_behind_is_never_below_what_is_shown() {
        assert_eq!(page_range(Some(0), 3, 2, None), "1 to 3 of 3");
    }

    #[test]
    fn a_total_that_stopped_counting_claims_no_more_than_is_known() {
        let most = Some(10_001);
        assert_eq!(page_range(Some(0), 200, 9_000, most), "1 to 200 of 9,000");
        assert_eq!(page_range(Some(200), 200, 10_001, most), "201 to 400 of 10,000+");
        assert_eq!(page_range(Some(20_000), 200, 10_001, most), "20,001 to 20,200 of 20,200+");
        assert_eq!(page_range(None, 200, 10_001, most), "200 of 10,000+");
    }
}
