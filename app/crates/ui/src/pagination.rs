//! Pagination: "1 to 50 of 1,318", and links to the previous and the next page.

use leptos::prelude::*;

use crate::{button::IconLink, icon::Icon, number::grouped};

/// The range of the visible rows and the total. `offset` is `None` if it is unknown. A total of `most` means that counting stopped there.
#[must_use]
pub fn page_range(offset: Option<u64>, rows: u64, total: u64, most: Option<u64>) -> String {
    let end = if rows == 0 { 0 } else { offset.unwrap_or_default() + rows };
    let total = match most {
        Some(most) if total == most => format!("{}+", grouped(end.max(most - 1))),
        _ => grouped(total.max(end)),
    };
    match (rows, offset) {
        (0, _) => format!("None of {total}"),
        (_, Some(offset)) => format!("{} to {} of {total}", grouped(offset + 1), grouped(end)),
        (_, None) => format!("{} of {total}", grouped(rows)),
    }
}

/// The range and the links to the neighbouring pages. A link without a URL is disabled.
#[component]
pub fn Pagination(
    offset: Option<u64>,
    rows: u64,
    total: u64,
    /// The total at which counting stops, if there is one.
    #[prop(optional)]
    most: Option<u64>,
    previous: Option<String>,
    next: Option<String>,
    /// Whether the list is a part of its page, which then keeps its scroll position.
    #[prop(optional)]
    within: bool,
) -> impl IntoView {
    view! {
        <nav class="pages" aria-label="Pages">
            <span class="grow">{page_range(offset, rows, total, most)}</span>
            <IconLink label="Previous page" icon=Icon::Left href=previous boxed=true within />
            <IconLink label="Next page" icon=Icon::Right href=next boxed=true within />
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::page_range;

    #[test]
    fn the_range_starts_at_one() {
        assert_eq!(page_range(Some(0), 50, 1_318, None), "1 to 50 of 1,318");
        assert_eq!(page_range(Some(1_300), 18, 1_318, None), "1,301 to 1,318 of 1,318");
        assert_eq!(page_range(Some(2_000), 0, 1_318, None), "None of 1,318");
    }

    #[test]
    fn the_total_is_never_less_than_the_end_of_the_range() {
        assert_eq!(page_range(Some(0), 3, 2, None), "1 to 3 of 3");
    }

    #[test]
    fn a_capped_total_is_marked_with_a_plus() {
        let most = Some(10_001);
        assert_eq!(page_range(Some(0), 200, 9_000, most), "1 to 200 of 9,000");
        assert_eq!(page_range(Some(200), 200, 10_001, most), "201 to 400 of 10,000+");
        assert_eq!(page_range(Some(20_000), 200, 10_001, most), "20,001 to 20,200 of 20,200+");
        assert_eq!(page_range(None, 200, 10_001, most), "200 of 10,000+");
    }
}
